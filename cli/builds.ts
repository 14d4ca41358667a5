/** The commands of a frontend's pipeline: `env`, `exec` and `deployed`. Each reports usage, which is evidence. */
import { type SpawnOptions, spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { consumerAlias } from '../lambdas/contract.ts';
import { type Cli, named, report } from './actions.ts';
import { readArtifact } from './artifact.ts';
import { EXIT, UsageError } from './io.ts';
import type { FunctionAnswer } from './ports.ts';

export const DEFAULT_VARIABLE = 'PADDLE_CLIENT_TOKEN';
export const FORMATS = ['dotenv', 'json', 'github'] as const;

export interface BuildOptions {
  readonly integration?: string;
  readonly consumer?: string;
  readonly build?: string;
  /** Name of the variable; default `PADDLE_CLIENT_TOKEN`. */
  readonly name?: string;
  readonly format?: (typeof FORMATS)[number];
  readonly token?: string;
  /** Wait until this token is current, which it is once every target holds it. */
  readonly expect?: string;
  /** Seconds to wait for it; default ten minutes. */
  readonly timeout?: number;
  /** A folder that a build wrote, or the digest that `verify-build` printed. */
  readonly artifact?: string;
  /** The consumer is bound to the role that this runs as. */
  readonly bound?: boolean;
  readonly branch?: string;
  /** Where it goes: production, preview. */
  readonly stage?: string;
  readonly json?: boolean;
}

/** Anything else could not be written to a file of variables as one line. */
const TOKEN_VALUE = /^(?:test|live)_[A-Za-z0-9]{20,}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The function's own bound on `reportedBy`. */
const MAX_REPORTED_BY = 200;

/** A consumer that is bound to a role is reported through its own alias: only that role gets in there. */
export async function reportUsage(
  report: Readonly<Record<string, unknown>> & { readonly consumer: string },
  { bound }: { readonly bound?: boolean },
  { aws }: Cli,
): Promise<FunctionAnswer> {
  const name = bound ? `${aws.names.usage}:${consumerAlias(report.consumer)}` : aws.names.usage;
  const reportedBy = (await aws.identity()).slice(0, MAX_REPORTED_BY) || undefined;
  return aws.invoke(name, { ...report, reportedBy });
}

/** Where only a variable belongs on standard output, a refusal is said on the other one; with `--json` it is an answer. */
const refused = (answer: FunctionAnswer, { json }: BuildOptions, { io }: Cli): number =>
  report(answer, json ? io : { ...io, out: io.err }, json);

/** Takes the current token for a build and records that. `undefined`: there is none to take, and it was said why. */
async function take(options: BuildOptions, cli: Cli): Promise<{ id: string; value: string } | undefined> {
  const { consumer, build } = options;
  if (!consumer) throw new UsageError('Name the build that takes the token: --consumer marketing-site');
  const { branch, stage } = options;
  const wish = { integration: named(options), consumer, build, branch, stage, phase: 'build' };
  const answer = await reportUsage(wish, options, cli);
  if (answer.outcome !== 'recorded') {
    refused(answer, options, cli);
    return undefined;
  }
  const { id, value } = answer.token as { id: string; value: string };
  if (!TOKEN_VALUE.test(value))
    throw new Error(`what ${cli.aws.names.usage} answered for ${id} does not look like a token`);
  return { id, value };
}

function variable({ name = DEFAULT_VARIABLE }: BuildOptions): string {
  if (!VARIABLE.test(name)) throw new UsageError('--name: letters, digits and underscores, not beginning with a digit');
  return name;
}

const DEFAULT_TIMEOUT_S = 600;
const LONGEST_TIMEOUT_S = 3_600;
const POLL_MS = 5_000;

/**
 * A build that an event has started may be quicker than the last target.
 * @returns false when the token did not become current in time, which was said
 */
async function expected(options: BuildOptions, { aws, io }: Cli): Promise<boolean> {
  const { expect, timeout = DEFAULT_TIMEOUT_S } = options;
  if (expect === undefined) return true;
  if (!(timeout > 0 && timeout <= LONGEST_TIMEOUT_S))
    throw new UsageError(`--timeout: seconds, more than 0 and ${LONGEST_TIMEOUT_S} at the most`);
  const integration = named(options);
  const end = io.now() + timeout * 1_000;
  for (let told = false; ; told = true) {
    const answer = await aws.invoke(aws.names.status, { integration, action: 'status' });
    if (answer.outcome === 'rejected') {
      refused(answer, options, { aws, io });
      return false;
    }
    const current = (answer.token as { id?: string } | undefined)?.id;
    if (current === expect) return true;
    const passed = ((answer.tokens ?? []) as { id: string; status: string }[]).find(({ id }) => id === expect);
    if (passed && passed.status !== 'minted') {
      io.err(`${expect} is ${passed.status} by now; the current token is ${current ?? 'none'}: build with that one.\n`);
      return false;
    }
    if (io.now() >= end) {
      io.err(
        `${expect} did not become current within ${timeout} seconds; the current token is ${current ?? 'none'}.\n`,
      );
      return false;
    }
    if (!told) io.err(`Waiting until ${expect} is published to every target (now: ${current ?? 'none'}) …\n`);
    await io.rest(Math.min(POLL_MS, Math.max(1, end - io.now())));
  }
}

/** Prints `PADDLE_CLIENT_TOKEN=…` for a build; `github` adds it to the job's environment instead. */
export async function env(options: BuildOptions, cli: Cli): Promise<number> {
  const name = variable(options);
  const { format = options.json ? 'json' : 'dotenv' } = options;
  const file = cli.io.env.GITHUB_ENV;
  if (format === 'github' && !file)
    throw new UsageError('--format github needs GITHUB_ENV, which GitHub Actions sets.');
  if (!(await expected(options, cli))) return EXIT.failed;
  const token = await take(options, cli);
  if (!token) return EXIT.failed;
  if (format === 'json') cli.io.out(`${JSON.stringify({ [name]: token.value, tokenId: token.id })}\n`);
  else if (format === 'dotenv') cli.io.out(`${name}=${token.value}\n`);
  else {
    await appendFile(file ?? '', `${name}=${token.value}\n`);
    cli.io.err(`${name} is set for the steps that follow (${token.id}).\n`);
  }
  return EXIT.done;
}

export type Launch = (command: string, args: readonly string[], options: SpawnOptions) => Promise<number>;

/** @returns the command's own exit code, or 1 when it never ran because there is no token */
export async function exec(
  command: readonly string[],
  options: BuildOptions,
  cli: Cli,
  launch: Launch = run,
): Promise<number> {
  const name = variable(options);
  const [program, ...args] = command;
  if (!program) throw new UsageError('Name the command: paddlewheel exec <integration> --consumer … -- npm run build');
  const token = await take(options, cli);
  if (!token) return EXIT.failed;
  return launch(program, args, { env: { ...(cli.io.inherited ?? cli.io.env), [name]: token.value }, stdio: 'inherit' });
}

const run: Launch = (command, args, options) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    const pass = (signal: NodeJS.Signals) => void child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, pass);
    const done = () => {
      for (const signal of signals) process.off(signal, pass);
    };
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('close', (code, signal) => {
      done();
      // As shells tell it.
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']);
    });
  });

const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** Named in an error. */
const MOST_REASONS = 5;

async function digestOf(artifact: string): Promise<string> {
  if (DIGEST.test(artifact)) return artifact;
  const { digest, unread } = await readArtifact(artifact);
  if (digest) return digest;
  const reasons = unread.slice(0, MOST_REASONS).map(({ file, why }) => `${file} was not read: ${why}.`);
  throw new UsageError(`${artifact} has no digest, for not all of it could be read. ${reasons.join(' ')}`);
}

/** Reports that a build is live. */
export async function deployed(options: BuildOptions, cli: Cli): Promise<number> {
  const { consumer, token: tokenId } = options;
  if (!consumer) throw new UsageError('Name what was deployed: --consumer marketing-site');
  const build = options.artifact ? await digestOf(options.artifact) : options.build;
  if (!build && !tokenId)
    throw new UsageError('Say which token went live: the --artifact or --build that took it, or its --token');
  const { branch, stage } = options;
  const wish = { integration: named(options), consumer, build, tokenId, branch, stage, phase: 'deploy' };
  const answer = await reportUsage(wish, options, cli);
  // The value is for builds; a deployment has no use for it.
  const { id } = (answer.token ?? {}) as { id?: string };
  return report(id === undefined ? answer : { ...answer, token: { id } }, cli.io, options.json);
}
