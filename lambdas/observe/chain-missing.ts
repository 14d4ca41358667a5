/**
 * Chains what the stream's consumer could not: a batch that was given up comes no more. Every hour, the records that were written
 * in the hours since are compared with the chains. By when they were written, because what they tell of may be months old.
 */
import { RECORD_KINDS } from '../contract.ts';
import { hourOf } from '../domain/audit-keys.ts';
import { type ObserveParts, observeLine } from './observe.ts';
import type { ComparedThrough, Comparisons, RecordKey, WrittenPage, WrittenRecords } from './ports.ts';

const HOUR = 3_600_000;
/** Records come into an hour after its end, as long as a run and the clocks allow; and the stream is to come first. */
const SETTLED_MS = HOUR;
/** How far back the first comparison goes. */
const FIRST_MS = 7 * 24 * HOUR;
/** Of a hundred records each, in one run; the next one goes on. An hour without records is a page, too. */
const MOST_PAGES = 400;
/** No page is begun later in a run: the function has a minute. */
const MOST_MS = 30_000;
/** Named in the log line. */
const MOST_NAMED = 20;

export interface ComparisonParts extends ObserveParts {
  readonly written: WrittenRecords;
  readonly comparisons: Comparisons;
}

export interface Compared {
  /** Records that were read. */
  readonly records: number;
  readonly chained: number;
  /** Every record that was written before this hour is chained. */
  readonly through: string;
}

/** @throws what kept a record from being chained or followed up; the next run begins with that record's page */
export function createChainMissing(parts: ComparisonParts): () => Promise<Compared> {
  return async () => {
    const { clock, comparisons } = parts;
    const started = clock.now();
    const end = hourOf(instant(started - SETTLED_MS));
    let through = (await comparisons.read()) ?? { hour: hourOf(instant(started - FIRST_MS)) };
    let [records, chained] = [0, 0];
    for (let pages = 0; pages < MOST_PAGES && through.hour < end && clock.now() - started < MOST_MS; pages += 1) {
      const page = await parts.written.page(through.hour, through.after);
      chained += await chainPage(page, parts);
      records += page.records;
      through = behind(through, page);
      // Whoever dies in the next page has got on all the same. Hours without records are written down with the next ones.
      if (page.records > 0) await comparisons.save(through);
    }
    await comparisons.save(through);
    const compared = { records, chained, through: through.hour };
    parts.log.info('The audit trail was compared with its chains', { ...compared });
    return compared;
  };
}

const behind = ({ hour }: ComparedThrough, { next }: WrittenPage): ComparedThrough =>
  next ? { hour, after: next } : { hour: hourOf(instant(Date.parse(`${hour}:00:00Z`) + HOUR)) };

/** One record that fails does not keep the others of its page from being chained. */
async function chainPage({ unchained }: WrittenPage, parts: ComparisonParts): Promise<number> {
  const late: RecordKey[] = [];
  const errors: unknown[] = [];
  for (const key of unchained) {
    const line = await parts.written.read(key);
    // What has no kind that we write was put in by somebody else: no chain is to vouch for it.
    if (!line || !RECORD_KINDS.includes(String(line.kind))) continue;
    try {
      // As if the stream brought it now: of a record that was not even chained, nobody may have heard.
      if ((await observeLine(parts, line)) === 'chained') late.push(key);
    } catch (error) {
      parts.log.error('A record that the stream had given up could not be followed up', { ...key, error });
      errors.push(error);
    }
  }
  if (late.length > 0) tell(late, parts);
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, [...new Set(errors.map(String))].join('; '));
  return late.length;
}

function tell(late: readonly RecordKey[], { log }: ComparisonParts): void {
  const named = late.slice(0, MOST_NAMED).map(({ pk, sk }) => `${pk} ${sk}`);
  log.warn('Records that the stream had given up were chained late', { chained: late.length, records: named });
}

const instant = (ms: number): string => new Date(ms).toISOString();
