/** Which records of the audit trail are asked for, and every page of them. */
import type { AuditEntry, Page, PageRequest } from '../lambdas/adapters/dynamodb/audit-trail.ts';
import { DAY } from '../lambdas/domain/time.ts';
import type { Cli } from './actions.ts';
import { UsageError } from './io.ts';
import { actorsOf, type FORMATTERS } from './trail-formats.ts';

export interface AuditOptions {
  readonly token?: string;
  readonly integration?: string;
  readonly account?: string;
  readonly actor?: string;
  /** `2026-11-22`, UTC. */
  readonly day?: string;
  /** A day or an instant. */
  readonly since?: string;
  readonly until?: string;
  readonly format?: keyof typeof FORMATTERS;
  readonly out?: string;
  /** The same as the format `jsonl`. */
  readonly json?: boolean;
  /** Goes on with what is recorded from now on, until Ctrl-C. */
  readonly follow?: boolean;
  /** Of `follow`: seconds; default an hour. */
  readonly timeout?: number;
}

/** Ten years and a little. */
const MAX_DAYS = 3_700;
const PAGE = 1_000;
/** What must be sorted is kept in memory; days come sorted. */
const MAX_SORTED = 200_000;

export interface Span {
  /** Epoch ms, inclusive and exclusive. */
  readonly from: number;
  readonly to: number;
}

/** Without any bound: the last 24 hours, or all of a token's or an integration's life. */
export function spanOf({ day, since, until, token, integration }: AuditOptions, now: number): Span {
  if (day !== undefined) {
    if (since !== undefined || until !== undefined) throw new UsageError('Give either --day, or --since and --until.');
    if (!/^\d{4}-\d\d-\d\d$/.test(day)) throw new UsageError('--day is a day in UTC, such as 2026-11-22');
    const from = instantOf('--day', day);
    return { from, to: from + DAY };
  }
  const whole = token !== undefined || integration !== undefined;
  const from = since === undefined ? (whole ? 0 : now - DAY) : instantOf('--since', since);
  const to = until === undefined ? now + DAY : instantOf('--until', until);
  if (from >= to) throw new UsageError('--since must be before --until');
  if (!whole && (to - from) / DAY > MAX_DAYS) throw new UsageError(`At most ${MAX_DAYS} days at a time`);
  return { from, to };
}

function instantOf(option: string, text: string): number {
  const valid = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z)?$/.test(text);
  const at = valid ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(`${option} is a day or an instant in UTC: 2026-11-22 or 2026-11-22T03:00:00Z`);
  return at;
}

export function filterOf({ account, actor, integration, token }: AuditOptions, { from, to }: Span) {
  return (entry: AuditEntry): boolean => {
    const at = Date.parse(String(entry.at));
    if (!(at >= from && at < to)) return false;
    if (account !== undefined && entry.account !== account) return false;
    if (token !== undefined && integration !== undefined && (entry.integration ?? integration) !== integration)
      return false;
    return actor === undefined || actorsOf(entry).includes(actor);
  };
}

export async function* entriesOf(options: AuditOptions, span: Span, { aws }: Cli): AsyncGenerator<AuditEntry> {
  const trail = await aws.trail();
  if (options.token !== undefined) {
    const { token } = options;
    yield* allPages((page) => trail.byToken(token, page));
  } else if (options.integration !== undefined) {
    const { integration } = options;
    const all = await collect(
      allPages((page) => trail.byIntegration(integration, page)),
      [],
    );
    for (const id of await aws.tokensOf(integration))
      await collect(
        allPages((page) => trail.byToken(id, page)),
        all,
      );
    yield* all.sort(inOrder);
  } else {
    for (let at = startOfDay(span.from); at < span.to; at += DAY)
      yield* allPages((page) => trail.byDay(new Date(at).toISOString().slice(0, 10), page));
  }
}

const startOfDay = (at: number): number => at - (((at % DAY) + DAY) % DAY);
export const inOrder = (a: AuditEntry, b: AuditEntry): number => (a.sk < b.sk ? -1 : a.sk > b.sk ? 1 : 0);

export async function* allPages(read: (page: PageRequest) => Promise<Page>): AsyncGenerator<AuditEntry> {
  let cursor: string | undefined;
  do {
    const page = await read({ limit: PAGE, cursor });
    yield* page.entries;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

async function collect(from: AsyncIterable<AuditEntry>, into: AuditEntry[]): Promise<AuditEntry[]> {
  for await (const entry of from) {
    if (into.length >= MAX_SORTED) throw new UsageError(`More than ${MAX_SORTED} records: ask by --token, or by days`);
    into.push(entry);
  }
  return into;
}
