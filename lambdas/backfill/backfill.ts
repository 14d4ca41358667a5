/**
 * Fills in what webhooks missed: Paddle's own list of events, read forward from a cursor, and its list of active tokens,
 * compared with our states. It changes no token; whatever it finds strange, `rotate` asks Paddle about.
 */
import { ALARMS, AUDIT_STALE_SECONDS, METRICS } from '../contract.ts';
import { AlertError } from '../domain/errors.ts';
import { stableHash } from '../domain/hash.ts';
import type { Account, Instant } from '../domain/model.ts';
import { compare } from './compare.ts';
import { fillEvents } from './fill-events.ts';
import { keepApart } from './keep.ts';
import type { BackfillPorts, PaddleHistory } from './ports.ts';
import { ageOf } from './watermark.ts';

/** A list that is wrong as a whole must not make a thousand questions. The rest is reported by the next run. */
const MOST_REPORTS = 200;

export interface Backfilled {
  readonly account: string;
  /** Events that were missing. */
  readonly filled: number;
  readonly completeThrough?: Instant;
  readonly lost: number;
  readonly unclaimed: number;
  /** Foreign tokens reported for the first time. */
  readonly foreign: number;
  /** Items of either list that nobody here can read, found for the first time. */
  readonly unreadable: number;
}

/** Some accounts could not be backfilled: the platform must see it. The others were. */
export class UnfilledError extends Error {
  override readonly name = 'UnfilledError';
}

/** Of accounts that came by the API, so many in one run: two calls of Paddle's each, of which an address has 240 a minute. */
export const SELLERS_PER_RUN = 200;
/** The function ends after ten minutes; what is not begun by then comes with the next turn. */
const SELLERS_MS = 7 * 60_000;

/**
 * They take turns by the hour: of a thousand, each comes every five hours. What webhooks missed can wait as long. In another order
 * each time, so that a run that ends too soon does not leave the same ones over for ever.
 */
export function turnOf(names: readonly string[], now: number): readonly string[] {
  const turns = Math.max(1, Math.ceil(names.length / SELLERS_PER_RUN));
  const hour = Math.floor(now / 3_600_000);
  const turn = hour % turns;
  const place = (name: string) => stableHash(`${hour} ${name}`);
  const ours = names.toSorted().slice(turn * SELLERS_PER_RUN, (turn + 1) * SELLERS_PER_RUN);
  return ours.sort((a, b) => place(a) - place(b));
}

/**
 * A seller whose key is missing, revoked or lacks a permission is written down and disturbs nobody else: what it takes to mend that
 * is the seller's, and no alarm.
 */
async function backfillSellers(ports: BackfillPorts): Promise<readonly Backfilled[]> {
  const { ledger, clock, log } = ports;
  const begun = clock.now();
  const done: Backfilled[] = [];
  for (const name of turnOf(await ledger.sellers(), begun)) {
    if (clock.now() - begun > SELLERS_MS) break;
    try {
      const account = await ledger.account(name);
      // One that left the API for the file comes with the others.
      if (account?.owner === 'api' && account.managed !== false) done.push(await backfillAccount(account, ports));
    } catch (error) {
      log.warn('Account of the API not backfilled', { account: name, error });
    }
  }
  return done;
}

/** @returns the handler of `{ accounts: [name, …], sellers }`; `sellers`: those that the API has registered, too */
export function createBackfill(ports: BackfillPorts) {
  return async (request: {
    readonly accounts: readonly string[];
    readonly sellers?: boolean;
  }): Promise<readonly Backfilled[]> => {
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
        const alert = alertIn(error);
        if (alert) {
          metrics.count(METRICS.apiKeyProblem);
          log.warn(alert.message, { alarm: ALARMS.apiKeyProblem, account: name, code: alert.code });
        }
        failures.push(new Error(`${name}: ${error.message}`, { cause: error }));
      }
      const age = ageOf(await ledger.watermark(name), instant(clock.now()));
      if (age >= AUDIT_STALE_SECONDS)
        log.warn('The audit trail may lack events', { account: name, alarm: ALARMS.auditStale, ageSeconds: age });
      worst = Math.max(worst, age);
    }
    if (request.sellers === true) done.push(...(await backfillSellers(ports)));
    if (request.accounts.length > 0) metrics.seconds(METRICS.auditAgeSeconds, worst);
    if (failures.length > 0) throw new UnfilledError(failures.map(({ message }) => message).join('; '));
    return done;
  };
}

/** Neither list waits for the other, and one that fails leaves the other's work done. */
async function backfillAccount(account: Account, ports: BackfillPorts): Promise<Backfilled> {
  const history = ports.paddle(account);
  const [events, tokens] = await Promise.allSettled([
    fillEvents(account.name, history, ports),
    compareTokens(account.name, history, ports),
  ]);
  if (events.status === 'rejected' || tokens.status === 'rejected') {
    const reasons = [events, tokens].flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    if (reasons.length === 1) throw reasons[0];
    // Most often both fail for one cause: the key, the address.
    const messages = [...new Set(reasons.map((reason) => (reason instanceof Error ? reason.message : String(reason))))];
    throw new AggregateError(reasons, messages.join('; '));
  }
  const unreadable = events.value.unreadable + tokens.value.unreadable;
  return { account: account.name, ...events.value, ...tokens.value, unreadable };
}

/** What only a person can change: a key that is dead, or of another account. Most often both lists tell of it. */
function alertIn(error: Error): AlertError | undefined {
  if (error instanceof AlertError) return error;
  return error instanceof AggregateError ? error.errors.find((each) => each instanceof AlertError) : undefined;
}

async function compareTokens(account: string, history: PaddleHistory, ports: BackfillPorts) {
  const { ledger, trail, reports, queue, clock, log } = ports;
  const { tokens, unreadable } = await history.activeTokens();
  const kept = await keepApart(account, unreadable, ports);
  const now = instant(clock.now());
  const others = unreadable.flatMap(({ id }) => id ?? []);
  const { lost, unclaimed, foreign } = compare(tokens, await ledger.states(account), now, others);
  const suspicious = [...lost, ...unclaimed];
  if (suspicious.length > MOST_REPORTS)
    log.warn('More tokens are to be rechecked than one run asks about', { account, recheck: suspicious.length });
  const asked = suspicious.slice(0, MOST_REPORTS);
  // What was found is in the ledger before anybody is asked to follow it up: a message alone could be lost.
  await reports.report(asked.map((token) => ({ ...token, source: 'backfill' as const, at: now })));
  const integrations = [...new Set(asked.map(({ integration }) => integration))];
  if (integrations.length > 0)
    await queue.send(integrations.map((integration) => ({ integration, cause: 'backfill' as const, key: now })));
  let reported = 0;
  for (const token of foreign) if ((await trail.reportForeign(account, token, now)) === 'stored') reported += 1;
  return { lost: lost.length, unclaimed: unclaimed.length, foreign: reported, unreadable: kept };
}

const instant = (ms: number): Instant => new Date(ms).toISOString();
