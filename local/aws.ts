/**
 * The local AWS: MiniStack, on a free port of the loopback interface.
 * `node local/aws.ts` runs it in the foreground and prints how to reach it.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { installPythonTool, LOCAL, PROJECT, type Progress, PythonMissingError } from './python.ts';

const READY_MS = 60_000;
const STOP_MS = 15_000;
const DOCKER_CHECK_MS = 5_000;
const DOCKER_IMAGE = 'ministackorg/ministack:1.5.33';
export const REGION = 'us-east-1';
export const LOCAL_ACCOUNT = '000000000000';

export interface LocalAws {
  readonly url: string;
  /** `given` by PADDLEWHEEL_AWS_URL, or ours. In `docker`, functions reach this machine as `host.docker.internal`. */
  readonly kind: 'given' | 'python' | 'docker';
  /** Variables for SDK clients and CDK. */
  readonly env: Readonly<Record<string, string>>;
  /** What it printed, if it is ours. */
  readonly log?: string;
  stop(): Promise<void>;
}

/**
 * Takes the one that PADDLEWHEEL_AWS_URL names (never stopped), or starts one: with Python, else with Docker.
 * What it started ends with this process, however that ends.
 * @param inherited variables that the functions shall find beside their own; only one that runs on Python here hands them on
 * @throws Error saying what to install, when neither is there
 */
export async function startLocalAws(
  progress: Progress = () => {},
  inherited: Readonly<Record<string, string>> = {},
): Promise<LocalAws> {
  const given = process.env.PADDLEWHEEL_AWS_URL?.replace(/\/+$/, '');
  const demanding = Object.keys(inherited).length > 0;
  if (given) {
    if (demanding) throw new Error('a local AWS that runs already cannot hand variables to its functions');
    await ready(given, undefined);
    return { url: given, kind: 'given', env: localEnv(given), stop: async () => {} };
  }
  try {
    return await startWithPython(progress, inherited);
  } catch (error) {
    if (!(error instanceof PythonMissingError) || demanding) throw error;
    if (!(await dockerAnswers())) throw new Error(`${error.message} Or start Docker.`, { cause: error });
    return startWithDocker(progress);
  }
}

/** The caller's environment without what would lead a client or CDK to a real account, and with what leads to `aws`. */
export function environmentFor(aws: Pick<LocalAws, 'env'>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name));
  return { ...Object.fromEntries(own), ...aws.env };
}

const localEnv = (url: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_ENDPOINT_URL_S3: url,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: 'true',
  CDK_DEFAULT_ACCOUNT: LOCAL_ACCOUNT,
  CDK_DEFAULT_REGION: REGION,
});

async function startWithPython(progress: Progress, inherited: Readonly<Record<string, string>>): Promise<LocalAws> {
  const { python, env } = await installPythonTool('ministack', progress);
  progress('starting the local AWS');
  const port = await freePort();
  // Outside the project: function code unpacked inside it would find our `package.json` and our `node_modules`.
  const scratch = await mkdtemp(path.join(tmpdir(), 'paddlewheel-aws-'));
  // A group of its own, so that a Ctrl-C meant for us does not end it half-way through our own clean-up.
  return launched(
    'python',
    port,
    python.command,
    [...python.args, path.join(import.meta.dirname, 'run_with_parent.py')],
    {
      ...environmentFor({ env: {} }),
      ...env,
      PATH: [nodeFolder(), env.PATH].join(path.delimiter),
      TMPDIR: scratch,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: REGION,
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      LAMBDA_ASYNC_RETRY_BASE_SECONDS: '0.2',
      NODE_OPTIONS: '--no-experimental-require-module --disable-warning=DEP0169',
      // Each function's process has a folder of its own: what one compiles, none finds again.
      NODE_COMPILE_CACHE: undefined,
      ...inherited,
    },
  );
}

async function startWithDocker(progress: Progress): Promise<LocalAws> {
  progress(`starting the local AWS in Docker (${DOCKER_IMAGE})`);
  const port = await freePort();
  const name = `paddlewheel-aws-${port}`;
  const args = ['run', '--rm', '--init', '--name', name, '--publish', `127.0.0.1:${port}:4566`];
  const hosts = ['--add-host', 'host.docker.internal:host-gateway', '--env', 'LAMBDA_ASYNC_RETRY_BASE_SECONDS=0.2'];
  return launched('docker', port, 'docker', [...args, ...hosts, DOCKER_IMAGE], process.env);
}

async function launched(
  kind: 'python' | 'docker',
  port: number,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<LocalAws> {
  const url = `http://127.0.0.1:${port}`;
  const log = path.join(LOCAL, 'logs', `aws-${port}.log`);
  await mkdir(path.dirname(log), { recursive: true });
  const output = createWriteStream(log);
  await once(output, 'open');
  const detached = process.platform !== 'win32';
  const child = spawn(command, args, { env, cwd: PROJECT, detached, stdio: ['pipe', output, output] });
  output.end();
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  // A container does not notice that its client's input ended.
  const onExit = () => void (kind === 'docker' && child.kill('SIGTERM'));
  process.once('exit', onExit);
  const stop = async () => {
    process.off('exit', onExit);
    child.ref();
    child.stdin?.end();
    child.kill('SIGTERM');
    await Promise.race([exited, sleep(STOP_MS, undefined, { ref: false })]);
    if (child.exitCode === null && child.signalCode === null) killGroup(child, detached);
    await exited;
  };
  try {
    await ready(url, exited);
  } catch (error) {
    await stop();
    const last = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-10).join('\n');
    throw new Error(`the local AWS did not start: ${(error as Error).message}\n${last}`, { cause: error });
  }
  child.unref();
  return { url, kind, env: localEnv(url), log, stop };
}

function killGroup(child: ChildProcess, detached: boolean): void {
  if (child.pid === undefined) return;
  process.kill(detached ? -child.pid : child.pid, 'SIGKILL');
}

/** Resolves once the health page answers; rejects when the process has ended or the time is over. */
async function ready(url: string, exited: Promise<void> | undefined): Promise<void> {
  let ended = false;
  exited?.then(() => {
    ended = true;
  });
  const end = AbortSignal.timeout(READY_MS);
  while (!ended) {
    const answer = await fetch(`${url}/_ministack/health`, {
      signal: AbortSignal.any([end, AbortSignal.timeout(2_000)]),
    }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    if (end.aborted) throw new Error(`${url} does not answer as MiniStack within ${READY_MS / 1000} s`);
    await sleep(50);
  }
  throw new Error('the process has ended');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

/** The functions run on whatever `node` comes first: the project's own, so that a machine's older one does not matter. */
export function nodeFolder(): string {
  const own = path.join(PROJECT, 'node_modules', '.bin');
  return existsSync(path.join(own, 'node')) ? own : path.dirname(process.execPath);
}

const dockerAnswers = (): Promise<boolean> =>
  promisify(execFile)('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: DOCKER_CHECK_MS }).then(
    () => true,
    () => false,
  );

async function main(): Promise<void> {
  const aws = await startLocalAws((line) => console.error(line));
  console.log(`# ${aws.url} (${aws.kind}); log: ${aws.log ?? 'not ours'}; Ctrl-C ends it`);
  for (const [name, value] of Object.entries(aws.env)) console.log(`export ${name}=${value}`);
  if (aws.kind === 'given') return;
  const waiting = setInterval(() => {}, 60_000);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clearInterval(waiting);
      void aws.stop();
    });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
