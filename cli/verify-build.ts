/** Does a build hold the current token, and it alone? A build cache that restores yesterday's output is caught here. */
import { maskToken } from '../lambdas/domain/mask.ts';
import { type Cli, named, report } from './actions.ts';
import { type Artifact, readArtifact } from './artifact.ts';
import { environmentOf, type KnownToken, knownTokens, ownerIn, places } from './build-tokens.ts';
import { reportUsage } from './builds.ts';
import { EXIT, UsageError } from './io.ts';

export interface VerifyBuildOptions {
  readonly folder: string;
  readonly integration?: string;
  readonly consumer?: string;
  readonly build?: string;
  readonly bound?: boolean;
  readonly branch?: string;
  readonly stage?: string;
  readonly json?: boolean;
}

/** @returns 0 when the artifact may go live, 1 when not; the reasons are printed */
export async function verifyBuild(options: VerifyBuildOptions, cli: Cli): Promise<number> {
  const integration = named(options);
  const { consumer, build, branch, stage } = options;
  if (!consumer) throw new UsageError('Name what is built: --consumer marketing-site');
  const status = await cli.aws.invoke(cli.aws.names.status, { integration, action: 'status' });
  if (status.outcome === 'rejected') return report(status, cli.io, options.json);
  const known = knownTokens(status);
  const current = known.find((token) => token.status === 'current');
  const artifact = await readArtifact(options.folder);
  const faults = current ? faultsOf(artifact, known, current, status) : [`${integration} has no current token yet`];
  if (current && faults.length === 0) {
    // The digest stands for the build: whoever deploys this artifact reports it, and not a number that a cache may have reused.
    const recorded = {
      ...{ integration, consumer, build: artifact.digest, branch, stage },
      ...{ tokenId: current.id, phase: 'build' },
    };
    const answer = await reportUsage(recorded, options, cli);
    if (answer.outcome !== 'recorded') return report(answer, cli.io, options.json);
    if (build) await reportUsage({ ...recorded, build }, options, cli);
  }
  print(options, artifact, current, faults, cli);
  return faults.length === 0 ? EXIT.done : EXIT.failed;
}

function faultsOf(
  { tokens, unread }: Artifact,
  known: readonly KnownToken[],
  current: KnownToken,
  { environment }: { environment?: unknown },
): string[] {
  const named = tokens.map((token) => ({
    ...token,
    id: ownerIn(token, known),
  }));
  const faults: string[] = [];
  const mine = named.find(({ id }) => id?.id === current.id);
  if (!mine) faults.push(`The current token ${current.id} is nowhere in it: build again, without the cache.`);
  else if (mine.blankIn.length > 0)
    faults.push(
      `A line break or blank belongs to the token in ${places(mine.blankIn)}: Paddle.js refuses such a token.`,
    );
  for (const token of named) {
    if (token === mine) continue;
    const what = token.id
      ? `${token.id.id}, which is ${token.id.status},`
      : `Another token (${maskToken(token.value)})`;
    const wrong =
      environmentOf(token) === environment ? '' : ` It is of the other environment than ${String(environment)}.`;
    faults.push(`${what} is in ${places(token.files)}.${wrong}`);
  }
  for (const { file, why } of unread) faults.push(`${file} was not read: ${why}.`);
  return faults;
}

function print(
  { folder, integration, consumer, json }: VerifyBuildOptions,
  { digest, files }: Artifact,
  current: KnownToken | undefined,
  faults: readonly string[],
  { io }: Cli,
): void {
  const outcome = faults.length === 0 ? 'verified' : 'refused';
  if (json) {
    io.out(
      `${JSON.stringify({ outcome, integration, consumer, digest, files, tokenId: current?.id, faults }, null, 2)}\n`,
    );
    return;
  }
  if (faults.length === 0) {
    io.out(`${folder} holds ${current?.id}, the current token of ${integration}, and no other (${files} files).\n`);
    io.out(`When it is live: paddlewheel deployed ${integration} --consumer ${consumer} --artifact ${digest}\n`);
    return;
  }
  io.err(`${folder} must not go live as ${consumer}:\n`);
  for (const fault of faults) io.err(`  ${fault}\n`);
}
