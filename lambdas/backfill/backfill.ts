/**
 * Fills in what webhooks missed: Paddle's own list of events, read forward from a cursor, and its list of active tokens,
 * compared with our states. It changes no token; whatever it finds strange, `rotate` asks Paddle about.
 */
import { ALARMS, AUDIT_STALE_SECONDS, METRICS } from '../contract.ts';
import { ConflictError } from '../domain/errors.ts';
import type { Account, Instant } from '../domain/model.ts';
import { webhookItem } from '../domain/webhook-record.ts';
import { compare } from './compare.ts';
import type { BackfillPorts, PaddleHistory } from './ports.ts';
import { advanced, ageOf, type Progress, startOf, type Watermark } from './watermark.ts';

/** Of one account and run; the next run goes on from there. */
const MOST_EVENTS = 10_000;
/** Conditional puts side by side. */
const SIDE_BY_SIDE = 10;
/** A list that is wrong as a whole must not make a thousand requests. */
const MOST_RECHECKS = 200;

export interface Backfilled {
  readonly account: string;
  /** Events that were missing. */
  readonly filled: number;
  readonly completeThrough?: Instant;
  readonly lost: number;
  readonly unclaimed: number;
  /** Foreign tokens reported for the first time. */
  readonly foreign: number;
}

/** Some accounts could not be backfilled: the platform must see it. The others were. */
export class UnfilledError extends Error {
  override readonly name = 'UnfilledError';
}

/** @returns the handler of `{ accounts: [name, …] }` */
export function createBackfill(ports: BackfillPorts) {
  return async (request: { readonly accounts: readonly string[] }): Promise<readonly Backfilled[]> => {
    const { ledger, clock, metrics, log } = ports;
    const done: Backfilled[] = [];
    const failures: Error[] = [];
    let worst = 0;
    for (const name of request.accounts) {
      try {
        const account = await ledger.account(name);
        if (!account) throw new Error(`account ${name} is not in the ledger`);
        const result = await backfillAccount(account, ports);
        done.push(result);
        log.info('Account backfilled', { ...result });
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        log.error('Account not backfilled', { account: name, error });
        failures.push(new Error(`${name}: ${error.message}`, { cause: error }));
      }
      const age = ageOf(await ledger.watermark(name), instant(clock.now()));
      if (age >= AUDIT_STALE_SECONDS)
        log.warn('The audit trail may lack events', { account: name, alarm: ALARMS.auditStale, ageSeconds: age });
      worst = Math.max(worst, age);
    }
    if (request.accounts.length > 0) metrics.seconds(METRICS.auditAgeSeconds, worst);
    if (failures.length > 0) throw new UnfilledError(failures.map(({ message }) => message).join('; '));
    return done;
  };
}

async function backfillAccount(account: Account, ports: BackfillPorts): Promise<Backfilled> {
  const history = ports.paddle(account);
  const events = await fillEvents(account.name, history, ports);
  const tokens = await compareTokens(account.name, history, ports);
  return { account: account.name, ...events, ...tokens };
}

async function fillEvents(account: string, history: PaddleHistory, ports: BackfillPorts) {
  const { ledger, clock, log } = ports;
  const mark = await ledger.watermark(account);
  const startedAt = instant(clock.now());
  const { after, gap } = startOf(mark, startedAt);
  if (gap)
    log.warn('Events from before Paddle’s retention are lost to the audit trail', {
      account,
      since: mark.completeThrough,
    });
  let filled = 0;
  let read = 0;
  let last: Progress['last'];
  let reachedTheEnd = true;
  for await (const page of history.after(after)) {
    filled += await store(
      account,
      page.map((event) => webhookItem(event, account, instant(clock.now()), 'backfill')),
      ports,
    );
    read += page.length;
    const newest = page.at(-1);
    if (newest) last = { id: newest.event_id, occurredAt: new Date(newest.occurred_at).toISOString() };
    if (read >= MOST_EVENTS) {
      reachedTheEnd = false;
      break;
    }
  }
  const next = advanced(mark, { startedAt, last, reachedTheEnd, gap });
  await saveUnlessOvertaken(mark, next, ports);
  return { filled, ...(next.completeThrough ? { completeThrough: next.completeThrough } : {}) };
}

/** Of two runs at once, each has stored what it read, and storing twice is storing once: either cursor will do. */
async function saveUnlessOvertaken(mark: Watermark, next: Watermark, { ledger, log }: BackfillPorts): Promise<void> {
  try {
    await ledger.save(mark, next);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    log.info('Another run wrote the watermark first', { account: mark.account });
  }
}

async function store(account: string, items: readonly ReturnType<typeof webhookItem>[], ports: BackfillPorts) {
  let filled = 0;
  for (let start = 0; start < items.length; start += SIDE_BY_SIDE) {
    const batch = items.slice(start, start + SIDE_BY_SIDE);
    const answers = await Promise.all(batch.map((item) => ports.trail.append(item)));
    filled += answers.filter((answer) => answer === 'stored').length;
  }
  if (filled > 0) ports.log.info('Events were missing in the audit trail', { account, filled });
  return filled;
}

async function compareTokens(
  account: string,
  history: PaddleHistory,
  { ledger, trail, queue, clock, log }: BackfillPorts,
) {
  const active = await history.activeTokens();
  const now = instant(clock.now());
  const { lost, unclaimed, foreign } = compare(active, await ledger.states(account), now);
  const hour = now.slice(0, 13);
  const ask = (cause: 'backfill' | 'orphan') => (reference: { integration: string; tokenId: string }) => ({
    integration: reference.integration,
    cause,
    recheck: reference.tokenId,
    key: `${reference.tokenId} ${hour}`,
  });
  const requests = [...lost.map(ask('backfill')), ...unclaimed.map(ask('orphan'))];
  if (requests.length > MOST_RECHECKS)
    log.warn('More tokens are to be rechecked than one run asks about', { account, recheck: requests.length });
  if (requests.length > 0) await queue.send(requests.slice(0, MOST_RECHECKS));
  let reported = 0;
  for (const token of foreign) if ((await trail.reportForeign(account, token, now)) === 'stored') reported += 1;
  return { lost: lost.length, unclaimed: unclaimed.length, foreign: reported };
}

const instant = (ms: number): Instant => new Date(ms).toISOString();
