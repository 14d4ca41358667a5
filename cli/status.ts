/** `paddlewheel status`: once, or over and over while it changes. */
import type { Standing } from '../lambdas/domain/verdict.ts';
import { createLimiter } from '../lambdas/evidence/sites/limiter.ts';
import { type ActionOptions, type Cli, report } from './actions.ts';
import { type CliIo, EXIT, UsageError } from './io.ts';
import { type FunctionAnswer, namesOf } from './ports.ts';
import { described } from './print.ts';
import { type Piece, print, table } from './terminal.ts';
import { because, rankOf, standingsOf, verdictPiece, wordOf } from './verdict.ts';
import { inLine } from './width.ts';

export interface StatusOptions extends ActionOptions {
  readonly watch?: boolean;
  /** Seconds; default an hour. */
  readonly timeout?: number;
}

/** Far below what a region's functions may do at once, and what else they do. */
const SIDE_BY_SIDE = 8;
const WATCH_MS = 5_000;
const DEFAULT_TIMEOUT_S = 3_600;
const LONGEST_TIMEOUT_S = 86_400;
/** A call may fail; a watch that only fails is none. */
const MOST_FAILURES = 5;

export async function status(options: StatusOptions, cli: Cli): Promise<number> {
  if (options.watch) return watch(options, cli);
  if (options.timeout !== undefined) throw new UsageError('--timeout is for --watch.');
  const answers = await answersFor(options, cli);
  const [only] = answers;
  if (options.integration && only) return report(only, cli.io, options.json);
  if (options.json) cli.io.out(`${JSON.stringify(answers, null, 2)}\n`);
  else print(overview(answers, cli.io), cli.io.out);
  return EXIT.done;
}

/** Of one integration, or of all in the order of their names. */
export async function answersFor(
  { integration }: { readonly integration?: string },
  { aws }: Cli,
): Promise<readonly FunctionAnswer[]> {
  const ask = (name: string) => aws.invoke(aws.names.status, { integration: name, action: 'status' });
  if (integration) return [await ask(integration)];
  const limited = createLimiter(SIDE_BY_SIDE);
  return Promise.all((await namesOf(aws)).map((name) => limited(() => ask(name))));
}

interface Row {
  readonly integration: string;
  readonly verdict: Standing | undefined;
  readonly word: string;
  readonly why: string;
  readonly answer: FunctionAnswer;
}

function rowOf(answer: FunctionAnswer): Row {
  const [verdict] = standingsOf(answer);
  const word = verdict ? wordOf(verdict) : String(answer.outcome);
  const why = verdict ? because(verdict) : String(answer.message);
  return { integration: String(answer.integration), verdict, word, why, answer };
}

/** One in full; several as a table, the worst first. */
function overview(answers: readonly FunctionAnswer[], io: CliIo, mostRows = Number.POSITIVE_INFINITY): Piece[] {
  const [only] = answers;
  if (!only) return [['No integration is registered.\n']];
  if (answers.length === 1) return described(only, io.screen);
  const all = answers.map(rowOf).sort((a, b) => rankOf(a.verdict?.level) - rankOf(b.verdict?.level));
  const head: Piece[] = ['INTEGRATION', 'STANDS', 'CURRENT', 'WHY'].map((title) => [title, 'faint']);
  const rows = all.slice(0, mostRows).map(({ integration, verdict, word, why, answer }): Piece[] => {
    const { masked = '-' } = (answer.token ?? {}) as { masked?: string };
    return [[integration], verdict ? verdictPiece(verdict, io.screen) : [word], [masked], [why]];
  });
  const counts = new Map<string, number>();
  for (const { word } of all) counts.set(word, (counts.get(word) ?? 0) + 1);
  const summary = [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
  const more = all.length - rows.length;
  return [
    ...table([head, ...rows], io.screen),
    [`${more > 0 ? `… and ${more} more. ` : ''}${answers.length} integrations: ${summary}\n`],
  ];
}

/** On a terminal it is drawn anew; elsewhere a line is printed for each verdict that is another one than before. */
async function watch(options: StatusOptions, cli: Cli): Promise<number> {
  const { io } = cli;
  const { timeout = DEFAULT_TIMEOUT_S } = options;
  if (!(timeout > 0 && timeout <= LONGEST_TIMEOUT_S))
    throw new UsageError(`--timeout: seconds, more than 0 and ${LONGEST_TIMEOUT_S} at the most`);
  const ended = io.interrupted?.() ?? new AbortController().signal;
  const interrupted = new Promise<undefined>((resolve) =>
    ended.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  const end = io.now() + timeout * 1_000;
  const told = new Map<string, string>();
  let hasAnswered = false;
  for (let failures = 0; !ended.aborted; ) {
    try {
      const answers = await Promise.race([answersFor(options, cli), interrupted]);
      if (!answers) break;
      const [first] = answers;
      if (options.integration && first?.outcome === 'rejected') return report(first, io, options.json);
      if (io.screen && !options.json) draw(answers, io);
      else tell(answers, told, options, io);
      [failures, hasAnswered] = [0, true];
    } catch (error) {
      failures += 1;
      if (!hasAnswered || failures >= MOST_FAILURES) throw error;
      io.err(`${error instanceof Error ? error.message : String(error)}; asked again.\n`);
    }
    if (io.now() >= end) {
      io.err(`Watched for ${timeout} seconds (--timeout).\n`);
      break;
    }
    await io.rest(Math.min(WATCH_MS, Math.max(1, end - io.now())), ended);
  }
  return EXIT.done;
}

/** Rows that are no integration: the head, the summary, the last line, and the cursor's. */
const OTHER_ROWS = 4;

function draw(answers: readonly FunctionAnswer[], io: CliIo): void {
  io.screen?.clear();
  print(overview(answers, io, Math.max(1, (io.screen?.rows ?? 0) - OTHER_ROWS)), io.out);
  io.out(`${new Date(io.now()).toISOString()}  Ctrl-C ends it.\n`, 'faint');
}

function tell(answers: readonly FunctionAnswer[], told: Map<string, string>, options: StatusOptions, io: CliIo): void {
  const at = new Date(io.now()).toISOString();
  for (const answer of answers) {
    const { integration, word, why } = rowOf(answer);
    if (told.get(integration) === word) continue;
    told.set(integration, word);
    io.out(
      options.json
        ? `${JSON.stringify({ at, integration, word, why })}\n`
        : `${inLine(`${at}  ${integration}: ${word}. ${why}`)}\n`,
    );
  }
}
