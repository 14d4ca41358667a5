/** `paddlewheel inspect build`: which tokens a build holds, whose they are, and whether they are current. Records nothing. */
import { maskToken } from '../lambdas/domain/mask.ts';
import type { Cli } from './actions.ts';
import { type FoundToken, readArtifact } from './artifact.ts';
import { environmentOf, knownTokens, ownerIn, places } from './build-tokens.ts';
import { EXIT, UsageError } from './io.ts';
import type { FunctionAnswer } from './ports.ts';
import { answersFor } from './status.ts';
import { type Piece, print, type Tone, table } from './terminal.ts';

export interface InspectBuildOptions {
  readonly folder: string;
  /** Only this one's tokens are known; default: those of all. */
  readonly integration?: string;
  readonly json?: boolean;
}

interface Inspected {
  readonly masked: string;
  readonly environment: 'live' | 'sandbox';
  readonly integration?: string;
  readonly tokenId?: string;
  /** `current`, `superseded`, `revoked`, …; `unknown`: no integration of this installation owns it. */
  readonly status: string;
  readonly files: readonly string[];
  /** Where a line break or a blank belongs to it, so that Paddle.js refuses it. */
  readonly blankIn: readonly string[];
}

/** @returns 0 when all of the folder could be read, whatever is in it; 1 when something in it was not */
export async function inspectBuild(options: InspectBuildOptions, cli: Cli): Promise<number> {
  const { io } = cli;
  const read = () => readArtifact(options.folder);
  const { digest, files, tokens, unread } = await (io.during?.(`reading ${options.folder}`, read) ?? read());
  const answers = tokens.length > 0 ? await answersOf(options, cli) : [];
  const inspected = tokens.map((token) => inspectedOf(token, answers));
  const exit = unread.length > 0 ? EXIT.failed : EXIT.done;
  if (options.json) {
    io.out(`${JSON.stringify({ digest, files, tokens: inspected, unread }, null, 2)}\n`);
    return exit;
  }
  const doubt = unread.length > 0 ? ', and something that was not read' : '';
  const known = digest ? ` (${digest})` : '';
  io.out(`${options.folder}: ${files} files, ${inspected.length} client-side tokens${doubt}${known}\n`);
  print(table(inspected.map(rowOf), io.screen), io.out);
  for (const { masked, blankIn } of inspected)
    if (blankIn.length > 0)
      io.out(`  A line break or blank belongs to ${masked} in ${places(blankIn)}: Paddle.js refuses such a token.\n`);
  for (const { file, why } of unread) io.out(`  ${file} was not read: ${why}.\n`);
  return exit;
}

/** What is in the build is worth knowing although nobody can say whose it is. */
async function answersOf(options: InspectBuildOptions, cli: Cli): Promise<readonly FunctionAnswer[]> {
  try {
    const answers = await answersFor(options, cli);
    const refused = answers.find(({ outcome }) => outcome === 'rejected');
    if (refused) throw new UsageError(String(((refused.faults ?? []) as readonly string[]).join(' ')));
    return answers;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    cli.io.err(
      `Whose they are is not known: ${error instanceof Error ? error.message || error.name : String(error)}\n`,
    );
    return [];
  }
}

function inspectedOf(found: FoundToken, answers: readonly FunctionAnswer[]): Inspected {
  const { files, blankIn, value } = found;
  const about = { masked: maskToken(value), environment: environmentOf(found) };
  for (const answer of answers) {
    const token = ownerIn(found, knownTokens(answer));
    if (token)
      return {
        ...about,
        integration: String(answer.integration),
        tokenId: token.id,
        status: token.status,
        files,
        blankIn,
      };
  }
  return { ...about, status: 'unknown', files, blankIn };
}

const TONES: Readonly<Record<string, Tone>> = { current: 'good', superseded: 'wary', revoked: 'bad' };

const rowOf = ({ masked, environment, integration, tokenId, status, files }: Inspected): Piece[] => [
  [`  ${masked}`],
  [environment],
  [status, TONES[status] ?? 'wary'],
  [integration ? `${integration} ${tokenId}` : 'of no integration that is known here'],
  [places(files)],
];
