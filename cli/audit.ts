/** `paddlewheel audit`: the trail for people and for other tools, every page of it. */
import { open, rename, rm } from 'node:fs/promises';
import type { AuditEntry, Page } from '../lambdas/adapters/dynamodb/audit-trail.ts';
import type { Cli } from './actions.ts';
import { EXIT, UsageError } from './io.ts';
import { actorsOf, FORMATTERS } from './trail-formats.ts';

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
}

const DAY = 86_400_000;
/** Ten years and a little. */
const MAX_DAYS = 3_700;
const PAGE = 1_000;
/** What must be sorted is kept in memory; days come sorted. */
const MAX_SORTED = 200_000;

interface Span {
  /** Epoch ms, inclusive and exclusive. */
  readonly from: number;
  readonly to: number;
}

/** @returns 0, also when nothing was found */
export async function audit(options: AuditOptions, cli: Cli): Promise<number> {
  const span = spanOf(options, cli.io.now());
  const format = FORMATTERS[options.format ?? 'text'];
  const wanted = filterOf(options, span);
  const sink = options.out ? await fileSink(options.out) : { write: async (text: string) => cli.io.out(text) };
  let count = 0;
  try {
    await sink.write(format.head);
    for await (const entry of entriesOf(options, span, cli)) {
      if (!wanted(entry)) continue;
      count += 1;
      await sink.write(format.line(entry));
    }
    await sink.done?.();
  } catch (error) {
    await sink.drop?.();
    throw error;
  }
  if (options.out) cli.io.err(`${count} record${count === 1 ? '' : 's'} in ${options.out}\n`);
  else if (count === 0) cli.io.err('No record matches.\n');
  return EXIT.done;
}

/** Without any bound: the last 24 hours, or all of a token's or an integration's life. */
function spanOf({ day, since, until, token, integration }: AuditOptions, now: number): Span {
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

function filterOf({ account, actor, integration, token }: AuditOptions, { from, to }: Span) {
  return (entry: AuditEntry): boolean => {
    const at = Date.parse(String(entry.at));
    if (!(at >= from && at < to)) return false;
    if (account !== undefined && entry.account !== account) return false;
    if (token !== undefined && integration !== undefined && (entry.integration ?? integration) !== integration)
      return false;
    return actor === undefined || actorsOf(entry).includes(actor);
  };
}

async function* entriesOf(options: AuditOptions, span: Span, { aws }: Cli): AsyncGenerator<AuditEntry> {
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
const inOrder = (a: AuditEntry, b: AuditEntry): number => (a.sk < b.sk ? -1 : a.sk > b.sk ? 1 : 0);

export async function* allPages(
  read: (page: { limit: number; cursor?: string }) => Promise<Page>,
): AsyncGenerator<AuditEntry> {
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

interface Sink {
  write(text: string): Promise<void>;
  done?(): Promise<void>;
  drop?(): Promise<void>;
}

/** The file appears under its name only when all of it is there. */
async function fileSink(file: string): Promise<Sink> {
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w', 0o600);
  return {
    write: async (text) => {
      await handle.writeFile(text);
    },
    done: async () => {
      await handle.sync();
      await handle.close();
      await rename(partial, file);
    },
    drop: async () => {
      await handle.close();
      await rm(partial, { force: true });
    },
  };
}
