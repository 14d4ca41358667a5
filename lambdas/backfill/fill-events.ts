/** Paddle's list of events, read forward from where the last reading left off, into the audit trail. */

import { ConflictError, RefusedError } from '../domain/errors.ts';
import type { Instant } from '../domain/model.ts';
import type { ListedEvent } from '../paddle/events.ts';
import { type WebhookItem, webhookItem } from '../paddle/webhook-record.ts';
import { keepApart, store } from './keep.ts';
import type { BackfillPorts, PaddleHistory } from './ports.ts';
import { advanced, type Progress, type Start, startOf, type Watermark } from './watermark.ts';

/** Of one account and run; the next run goes on from there. */
const MOST_EVENTS = 10_000;

export interface Filled {
  readonly filled: number;
  readonly unreadable: number;
  readonly completeThrough?: Instant;
}

/** @throws what the list or the trail threw; what was read before is stored, and the next run goes on behind it */
export async function fillEvents(account: string, history: PaddleHistory, ports: BackfillPorts): Promise<Filled> {
  const { ledger, clock, log } = ports;
  const stored = await ledger.watermark(account);
  const now = instant(clock.now());
  const mark = stored.version > 0 ? stored : { ...stored, begunAt: now };
  const start = startOf(mark, now);
  const since = mark.completeThrough;
  if (start.gap) log.warn('Events from before Paddle’s retention are lost to the audit trail', { account, since });
  const run = new Run(account, ports);
  try {
    await run.read(history.after(start.after));
  } catch (error) {
    const next = behindFailure(mark, start, run, { error, now: instant(clock.now()) });
    await saveUnlessOvertaken(stored, next, ports).catch((failure) =>
      log.error('How far the backfill has come could not be written', { account, error: failure }),
    );
    throw error;
  }
  if (run.filled > 0) log.info('Events were missing in the audit trail', { account, filled: run.filled });
  const next = advanced(mark, { start, now: instant(clock.now()), ...run.progress });
  await saveUnlessOvertaken(stored, next, ports);
  const { filled, unreadable } = run;
  return { filled, unreadable, ...(next.completeThrough ? { completeThrough: next.completeThrough } : {}) };
}

/** What one run reads. It stores a page before it calls it read. */
class Run {
  readonly #account: string;
  readonly #ports: BackfillPorts;
  filled = 0;
  unreadable = 0;
  progress: Pick<Progress, 'last' | 'reachedTheEnd'> = { reachedTheEnd: false };

  constructor(account: string, ports: BackfillPorts) {
    this.#account = account;
    this.#ports = ports;
  }

  async read(pages: AsyncIterable<readonly ListedEvent[]>): Promise<void> {
    let read = 0;
    for await (const page of pages) {
      await this.#store(page);
      read += page.length;
      this.progress = { last: lastOf(page, this.progress.last), reachedTheEnd: false };
      if (read >= MOST_EVENTS) return;
    }
    this.progress = { ...this.progress, reachedTheEnd: true };
  }

  async #store(page: readonly ListedEvent[]): Promise<void> {
    const now = instant(this.#ports.clock.now());
    const items: WebhookItem[] = [];
    const unreadable: { item: unknown; faults: readonly string[] }[] = [];
    for (const { item, read } of page) {
      if ('event' in read) items.push(webhookItem(read.event, this.#account, now, 'backfill'));
      else unreadable.push({ item, faults: read.faults });
    }
    this.filled += await store(items, this.#ports);
    this.unreadable += await keepApart(this.#account, unreadable, this.#ports);
  }
}

/** The id of an item serves as a cursor although the rest of it cannot be read; its instant is then that of the one before. */
function lastOf(page: readonly ListedEvent[], previous: Progress['last']): Progress['last'] {
  let last = previous;
  for (const { cursor, read } of page) {
    const occurredAt = 'event' in read ? new Date(read.event.occurred_at).toISOString() : last?.occurredAt;
    if (cursor !== undefined) last = { id: cursor, occurredAt };
  }
  return last;
}

function behindFailure(mark: Watermark, start: Start, run: Run, { error, now }: { error: unknown; now: Instant }) {
  const { last } = run.progress;
  // Paddle does not say when it forgets an id. One that it refuses would be refused for ever: read all that is kept.
  const isRefused = error instanceof RefusedError && error.code !== 'forbidden';
  if (last === undefined && start.after !== undefined && isRefused) {
    const { reading: _, settled: __, ...rest } = mark;
    return rest;
  }
  return advanced(mark, { start, now, last, reachedTheEnd: false });
}

/** Of two runs at once, each has stored what it read, and storing twice is storing once: either watermark will do. */
async function saveUnlessOvertaken(mark: Watermark, next: Watermark, { ledger, log }: BackfillPorts): Promise<void> {
  if (next === mark) return;
  try {
    await ledger.save(mark, next);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    log.info('Another run wrote the watermark first', { account: mark.account });
  }
}

const instant = (ms: number): Instant => new Date(ms).toISOString();
