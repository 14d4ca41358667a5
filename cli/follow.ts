/** `paddlewheel audit --follow`: what is in the trail, and then each record as it comes. */
import type { AuditEntry } from '../lambdas/adapters/dynamodb/audit-trail.ts';
import { DAY, HOUR } from '../lambdas/domain/time.ts';
import type { Cli } from './actions.ts';
import { EXIT, UsageError } from './io.ts';
import type { Formatter } from './trail-formats.ts';
import { type AuditOptions, allPages, filterOf, inOrder, type Span } from './trail-query.ts';

interface Beginning {
  readonly format: Formatter;
  readonly span: Span;
  /** What is there already. */
  entriesOf(): AsyncIterable<AuditEntry>;
}

const EVERY_MS = 5_000;
const DEFAULT_TIMEOUT_S = 3_600;
const LONGEST_TIMEOUT_S = 86_400;
/** Webhooks come later than what they tell of. What is later still, `audit` has. */
const LATE = HOUR;
/** A call may fail; a follower that only fails is none. */
const MOST_FAILURES = 5;

const keyOf = ({ pk, sk }: AuditEntry): string => `${pk}\n${sk}`;

export async function follow(options: AuditOptions, beginning: Beginning, cli: Cli): Promise<number> {
  const { io } = cli;
  const { timeout = DEFAULT_TIMEOUT_S } = options;
  if (!(timeout > 0 && timeout <= LONGEST_TIMEOUT_S))
    throw new UsageError(`--timeout: seconds, more than 0 and ${LONGEST_TIMEOUT_S} at the most`);
  if (options.out || options.until || options.day)
    throw new UsageError('--follow has no end and no file: leave out --out, --until and --day.');
  const ended = io.interrupted?.() ?? new AbortController().signal;
  const interrupted = new Promise<void>((resolve) => ended.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([goOn(options, timeout, beginning, ended, cli), interrupted]);
  return EXIT.done;
}

async function goOn(
  options: AuditOptions,
  timeout: number,
  { format, span, entriesOf }: Beginning,
  ended: AbortSignal,
  cli: Cli,
): Promise<void> {
  const { io } = cli;
  const matches = filterOf(options, { from: span.from, to: Number.POSITIVE_INFINITY });
  const tokens = new Set<unknown>();
  const told = new Map<string, string>();
  const tell = (entry: AuditEntry) => {
    if (!matches(entry) || told.has(keyOf(entry))) return;
    told.set(keyOf(entry), String(entry.at));
    io.out(format.line(entry));
  };
  io.out(format.head);
  for await (const entry of entriesOf()) {
    if (entry.tokenId !== undefined) tokens.add(entry.tokenId);
    tell(entry);
  }
  const end = io.now() + timeout * 1_000;
  for (let failures = 0; !ended.aborted && io.now() < end; ) {
    await io.rest(Math.min(EVERY_MS, Math.max(1, end - io.now())), ended);
    if (ended.aborted) break;
    const from = new Date(Math.max(span.from, io.now() - LATE)).toISOString();
    try {
      for (const entry of about(options, tokens, await recent(from, cli))) tell(entry);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures >= MOST_FAILURES) throw error;
      io.err(`${error instanceof Error ? error.message : String(error)}; asked again.\n`);
    }
    for (const [key, at] of told) if (at < from) told.delete(key);
  }
  if (!ended.aborted) io.err(`Followed for ${timeout} seconds (--timeout).\n`);
}

/** By day, which is one question whoever is followed: which tokens are an integration's is not asked again every time. */
async function recent(from: string, { aws, io }: Cli): Promise<readonly AuditEntry[]> {
  const trail = await aws.trail();
  const found: AuditEntry[] = [];
  for (let at = Date.parse(from.slice(0, 10)); at <= io.now(); at += DAY)
    for await (const entry of allPages((page) =>
      trail.byDay(new Date(at).toISOString().slice(0, 10), { ...page, from }),
    ))
      found.push(entry);
  return found.sort(inOrder);
}

/** What Paddle says of a token names no integration: whose it is, a record of ours tells. */
function about({ integration, token }: AuditOptions, tokens: Set<unknown>, entries: readonly AuditEntry[]) {
  for (const { integration: whose, tokenId } of entries)
    if (integration !== undefined && whose === integration && tokenId !== undefined) tokens.add(tokenId);
  return entries.filter(
    ({ integration: whose, tokenId }) =>
      (token === undefined || tokenId === token) &&
      (integration === undefined || whose === integration || (whose === undefined && tokens.has(tokenId))),
  );
}
