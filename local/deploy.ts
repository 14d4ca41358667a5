/** `cdk bootstrap` and `cdk deploy`, the project's own and unchanged, against the local AWS. */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { NAMES } from '../lambdas/contract.ts';
import { environmentFor, LOCAL_ACCOUNT, type LocalAws, nodeFolder } from './aws.ts';
import { completeDeployment, type Template } from './complete.ts';
import { LOCAL, PROJECT, type Progress } from './python.ts';

const BOOTSTRAP_MS = 3 * 60_000;
const DEPLOY_MS = 10 * 60_000;
/** CDK and its command line are 30 MB of code, which every process would compile anew. */
export const COMPILE_CACHE = path.join(LOCAL, 'compile-cache');
/** So many of the last lines are told when a command fails. */
const LAST_LINES = 30;

export interface Deployment {
  readonly aws: LocalAws;
  /** Where `cdk.json` is; this project, unless a test has its own. */
  readonly project?: string;
  /** A configuration file other than `paddlewheel.config.ts`. */
  readonly config?: string;
  /** Anything that speaks Paddle's API; the functions must reach it under this address. */
  readonly paddleUrl?: string;
  /** Allows rotations and grace windows of seconds. For demonstrations and tests. */
  readonly allowShort?: boolean;
  /** Once more after it failed there: what was bootstrapped and synthesized is taken as it is. */
  readonly again?: boolean;
  /** Somebody has done what `cdk bootstrap` does. */
  readonly bootstrapped?: boolean;
  /** Every line that CDK prints. */
  readonly onLine?: Progress;
}

export interface Deployed {
  /** The outputs of the stack. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What CloudFormation dropped there and was done afterwards, a sentence each. */
  readonly completed: readonly string[];
  /** What was deployed. */
  readonly template: Template;
}

/** Deploys the stack to a local AWS that has none yet: an update there would lose what tables and queues hold. */
export async function deployPaddlewheel(deployment: Deployment): Promise<Deployed> {
  const { aws, project = PROJECT, again = false, bootstrapped = again, onLine = () => {} } = deployment;
  const run = path.join(LOCAL, 'deploy', new URL(aws.url).port || 'given');
  const [assembly, outputs] = [path.join(run, 'cdk.out'), path.join(run, 'outputs.json')];
  if (!again) await rm(run, { recursive: true, force: true });
  await mkdir(run, { recursive: true });
  const env = deployEnvironment(deployment);
  const cdk = (cwd: string, args: readonly string[], boundMs: number) => {
    const cli = path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
    return finished(process.execPath, [cli, ...args], { cwd, env, boundMs, onLine });
  };
  // Where no app is, since `bootstrap` would build it to no purpose.
  if (!bootstrapped) await cdk(run, ['bootstrap', `aws://${LOCAL_ACCOUNT}/${aws.env.AWS_REGION}`], BOOTSTRAP_MS);
  const unattended = ['--require-approval', 'never', '--progress', 'events', '--outputs-file', outputs];
  const context = again ? ['--app', assembly] : ['--output', assembly, '-c', `paddlewheel:emulator=${aws.url}`];
  await cdk(project, ['deploy', NAMES.stack, ...unattended, ...context], DEPLOY_MS);
  const all = await readJson<Record<string, Record<string, string>>>(outputs);
  const template = await readJson<Template>(path.join(assembly, `${NAMES.stack}.template.json`));
  const stack = { template, outputs: all[NAMES.stack] ?? {} };
  const completed = await completeDeployment(aws, stack);
  for (const line of completed) onLine(line);
  // The assets of one deploy are 150 MB, and have been published.
  await rm(run, { recursive: true, force: true });
  return { ...stack, completed };
}

export const readJson = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8'));

function deployEnvironment({ aws, config, paddleUrl, allowShort }: Deployment): NodeJS.ProcessEnv {
  const base = environmentFor(aws);
  return {
    ...base,
    PATH: [nodeFolder(), base.PATH].join(path.delimiter),
    // What a person has set for real deployments must not reach a demonstration, nor the other way round.
    PADDLEWHEEL_CONFIG: config,
    PADDLEWHEEL_PADDLE_URL: paddleUrl,
    PADDLEWHEEL_ALLOW_SHORT: allowShort ? '1' : undefined,
    CI: '1',
    CDK_CLI_TELEMETRY: 'off',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    // Takes seconds, and has been done: test/infra/validation.test.ts. An ordinary deploy does it anyway.
    CDK_VALIDATION: 'false',
    NO_COLOR: '1',
  };
}

/** Runs to the end. @throws Error with the last lines, when it fails or takes too long */
export async function finished(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; boundMs: number; onLine: Progress },
): Promise<void> {
  const { cwd, env, boundMs, onLine } = options;
  const last: string[] = [];
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: boundMs });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      onLine(line);
    });
  }
  const code = await new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? signal));
  });
  if (code !== 0) throw new Error(`cdk ${args[1]} ended with ${code}:\n${last.join('\n')}`);
}
