/** Where the smoke test deploys: a real account, by whatever credentials the environment has, or the local AWS and the simulator. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { environmentFor, LOCAL_ACCOUNT, nodeFolder, startLocalAws } from '../aws.ts';
import { completeDeployment, type Template } from '../complete.ts';
import { COMPILE_CACHE, finished, readJson } from '../deploy.ts';
import { startPaddleSimulator } from '../paddle/simulator.ts';
import { LOCAL, PROJECT, type Progress } from '../python.ts';
import { SandboxPaddle } from './sandbox-paddle.ts';

const CDK_MS = 20 * 60_000;
const BOOTSTRAP_VERSION = '/cdk-bootstrap/hnb659fds/version';

export interface Place {
  readonly title: string;
  readonly isLocal: boolean;
  readonly paddle: SandboxPaddle;
  /** For SDK clients. */
  readonly settings: {
    readonly region: string;
    readonly endpoint?: string;
    readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** @returns the outputs of the stack */
  deploy(stack: string, prefix: string, say: Progress): Promise<Readonly<Record<string, string>>>;
  destroy(stack: string, prefix: string, say: Progress): Promise<void>;
  stop(): Promise<void>;
}

const folder = (prefix: string) => path.join(LOCAL, 'smoke', prefix);

async function cdk(args: readonly string[], prefix: string, env: NodeJS.ProcessEnv, onLine: Progress): Promise<void> {
  const cli = path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const assembly = path.join(folder(prefix), 'cdk.out');
  // What was deployed is destroyed, not what a second synth would make.
  const isThere = args[0] === 'destroy' && existsSync(path.join(assembly, 'manifest.json'));
  const app = isThere ? assembly : `node ${path.join('local', 'smoke', 'app.ts')}`;
  const own = {
    ...env,
    PATH: [nodeFolder(), env.PATH].join(path.delimiter),
    PADDLEWHEEL_SMOKE_PREFIX: prefix,
    PADDLEWHEEL_ALLOW_SHORT: '1',
    CI: '1',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    NO_COLOR: '1',
  };
  // Where no app is, since `bootstrap` would build it to no purpose.
  const isBootstrap = args[0] === 'bootstrap';
  const [cwd, common] = isBootstrap ? [folder(prefix), []] : [PROJECT, ['--app', app, '--output', assembly]];
  await mkdir(cwd, { recursive: true });
  await finished(process.execPath, [cli, ...args, ...common], { cwd, env: own, boundMs: CDK_MS, onLine });
}

const deployArguments = (stack: string, prefix: string) =>
  [
    'deploy',
    stack,
    '--require-approval',
    'never',
    '--outputs-file',
    path.join(folder(prefix), 'outputs.json'),
  ] as const;

const outputsOf = async (stack: string, prefix: string) =>
  (await readJson<Record<string, Record<string, string>>>(path.join(folder(prefix), 'outputs.json')))[stack] ?? {};

/** @throws Error saying what is missing: credentials, a region, a bootstrapped account */
export async function awsAccount(env: NodeJS.ProcessEnv): Promise<Place> {
  const paddle = new SandboxPaddle(env.PADDLE_SANDBOX_API_KEY ?? '');
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  if (!region) throw new Error('AWS_REGION is not set');
  const settings = { region };
  const { Account, Arn } = await new STSClient(settings).send(new GetCallerIdentityCommand({}));
  await new SSMClient(settings).send(new GetParameterCommand({ Name: BOOTSTRAP_VERSION })).catch((error: Error) => {
    if (error.name !== 'ParameterNotFound') throw error;
    throw new Error(`CDK is not at home there yet: npx cdk bootstrap aws://${Account}/${region}`, { cause: error });
  });
  const own = { ...env, AWS_REGION: region };
  return {
    title: `account ${Account}, ${region}, as ${Arn}`,
    isLocal: false,
    paddle,
    settings,
    async deploy(stack, prefix, say) {
      await cdk(deployArguments(stack, prefix), prefix, own, say);
      return outputsOf(stack, prefix);
    },
    destroy: (stack, prefix, say) => cdk(['destroy', stack, '--force'], prefix, own, say),
    stop: async () => {},
  };
}

export async function emulated(say: Progress): Promise<Place> {
  const aws = await startLocalAws(say);
  const simulator = await startPaddleSimulator({ quirks: { webhooks: { maxAttempts: 20 } } });
  const env = { ...environmentFor(aws), PADDLEWHEEL_PADDLE_URL: simulator.url, CDK_VALIDATION: 'false' };
  const settings = {
    region: String(aws.env.AWS_REGION),
    endpoint: aws.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const emulator = ['-c', `paddlewheel:emulator=${aws.url}`];
  return {
    title: `the local AWS (${aws.kind}) and the Paddle simulator`,
    isLocal: true,
    paddle: new SandboxPaddle(simulator.apiKey, simulator.url),
    settings,
    async deploy(stack, prefix, line) {
      await cdk(['bootstrap', `aws://${LOCAL_ACCOUNT}/${settings.region}`], prefix, env, line);
      await cdk([...deployArguments(stack, prefix), ...emulator], prefix, env, line);
      const outputs = await outputsOf(stack, prefix);
      const template = await readJson<Template>(path.join(folder(prefix), 'cdk.out', `${stack}.template.json`));
      await completeDeployment(aws, { template, outputs });
      return outputs;
    },
    destroy: (stack, prefix, line) => cdk(['destroy', stack, '--force', ...emulator], prefix, env, line),
    stop: async () => void (await Promise.allSettled([simulator.stop(), aws.stop()])),
  };
}
