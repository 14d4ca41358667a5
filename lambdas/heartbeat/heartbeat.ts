/** Once a minute: whatever is due gets reconciled. What is to be done about it, and whether, is not decided here. */
import { ALARMS, METRICS, OVERDUE_SECONDS } from '../contract.ts';
import { batchesOf } from '../domain/batches.ts';
import { groupedBy } from '../domain/grouped.ts';
import type { Instant } from '../domain/model.ts';
import type { Clock, Log, Metrics, ReconcileQueue } from '../domain/ports.ts';
import type { AccountFinder, Due, DueFinder, QueueDepth } from './ports.ts';
import { SIDE_BY_SIDE, Turns } from './turns.ts';

export interface HeartbeatParts {
  readonly due: DueFinder;
  readonly accounts: AccountFinder;
  readonly queue: ReconcileQueue & QueueDepth;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Resolves after so many ms. */
  readonly rest: (ms: number) => Promise<void>;
  /** From how many addresses Paddle is called. Absent: one. */
  readonly addresses?: number;
}

/**
 * So many are in the queue or at work at a time, for each address. A run makes a call or two, and an address bears four calls a
 * second: so whatever comes in with a webhook, behind all of these, is at work within about five seconds.
 */
export const MOST_AT_ONCE = 20;
/** A tick that has more than that asks again after so long (ms) what is done, and hands out as many; until the next tick is near. */
export const ASK_EVERY_MS = 3_000;
const HAND_OUT_MS = 54_000;
/**
 * What is not done after this (ms) counts no longer as under way: it may have failed, and must not keep the others waiting. Or it
 * is still in the queue, behind runs that read pages for minutes: that the queue is asked.
 */
const UNDER_WAY_MS = 15_000;
/** Nothing is asked for twice within this (ms); less than a minute, because ticks are not exact. */
const ASKED_MS = 45_000;
/** Of so many integrations the accounts are asked for at a time, and so often in one look. */
const MOST_IN_A_QUESTION = 2_000;
const MOST_QUESTIONS = 10;
/** More than an address can bear in a minute: what a tick hands out at the most while nothing gets done. */
export const MOST_PER_TICK = 300;

/**
 * One tick. What is handed out is what the pace of Paddle allows: the queue never holds more than a few seconds' work. Nobody waits
 * for ever: what heals a checkout goes first, accounts take turns, and within one the longest overdue go first. A repeated tick sends
 * nothing twice within the minute.
 * @throws what the finder and the queue throw: the platform repeats the tick, and alarms
 */
export function createHeartbeat(parts: HeartbeatParts): () => Promise<void> {
  const { due, clock, log, metrics, rest, addresses = 1 } = parts;
  const handOut = new HandOut(parts);
  const find = async (now: number) => longestOverdueFirst(await due.findDue(new Date(now).toISOString()));
  return async () => {
    const begun = clock.now();
    let waiting = await find(begun);
    const late = waiting[0] === undefined ? 0 : (begun - Date.parse(waiting[0].dueAt)) / 1_000;
    // Also when nothing is due: an alarm tells "all is well" from "no heartbeat" by it. And before sending, which may fail.
    metrics.seconds(METRICS.overdueSeconds, Math.max(0, late));
    if (late >= OVERDUE_SECONDS)
      log.warn('A reconcile is overdue', {
        alarm: ALARMS.overdue,
        integration: waiting[0]?.integration,
        seconds: late,
      });
    let sent = 0;
    for (let now = begun; ; now = clock.now()) {
      const { taken, left } = await handOut.some(waiting, now, MOST_PER_TICK * addresses - sent);
      sent += taken;
      const isOver = left === 0 || now + ASK_EVERY_MS > begun + HAND_OUT_MS || sent >= MOST_PER_TICK * addresses;
      if (isOver && sent > 0) log.info('Asked for a reconcile at what is due', { sent, leftForTheNextTick: left });
      if (isOver) return;
      await rest(ASK_EVERY_MS);
      waiting = await find(clock.now());
    }
  };
}

const longestOverdueFirst = (due: readonly Due[]): readonly Due[] =>
  due.toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : 0));

/** Remembers, as long as the process lives, what was asked for and is not done yet. */
class HandOut {
  readonly #parts: HeartbeatParts;
  readonly #turns = new Turns();
  readonly #healing = new Turns();
  /** Whose turn an odd place is: behind runs that read pages, places get free one by one. */
  #oddOneHeals = true;
  readonly #asked = new Map<string, { readonly dueAt: Instant; readonly at: number; readonly minute: string }>();
  readonly #accounts = new Map<string, string>();
  /** Accounts of which several wait, or waited a moment ago. */
  readonly #crowded = new Set<string>();

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  async some(waiting: readonly Due[], now: number, most: number): Promise<{ taken: number; left: number }> {
    const { queue, addresses = 1 } = this.#parts;
    const names = new Set(waiting.map(({ integration }) => integration));
    for (const name of this.#asked.keys()) if (!names.has(name)) this.#asked.delete(name);
    for (const turns of [this.#healing, this.#turns]) turns.keepOnly(names);
    const asked = waiting.filter(({ integration }) => this.#asked.has(integration));
    const underWay = asked.filter((due) => this.#isAsked(due, now, UNDER_WAY_MS)).length;
    const open = this.#open(waiting, now);
    const late = asked.length - underWay;
    // No more than are late: what piles up behind one that fails keeps nobody else waiting.
    const queued = late > 0 ? Math.min(late, Math.max(0, (await this.#queued()) - underWay)) : 0;
    const room = Math.min(most, MOST_AT_ONCE * addresses - underWay - queued);
    if (open.length === 0 || room <= 0) return { taken: 0, left: open.length };
    const known = open.length > room ? await this.#ofKnownAccounts(open) : open;
    const accountOf = (integration: string) => this.#accounts.get(integration) ?? '';
    const taken = this.#next(known, accountOf, room);
    const crowded = open.length > room ? this.#crowdedOf(waiting, accountOf) : new Set<string>();
    const minute = new Date(now).toISOString().slice(0, 16);
    await queue.send(
      taken.map(({ integration, dueAt }) => ({
        ...{ integration, cause: 'due' as const, key: `${dueAt} ${minute}` },
        ...(crowded.has(accountOf(integration)) ? { crowded: true as const } : {}),
      })),
    );
    for (const { integration, dueAt } of taken) {
      const before = this.#asked.get(integration);
      // The queue takes no second request within the minute: the first one counts.
      const isSame = before?.dueAt === dueAt && before.minute === minute;
      if (!isSame) this.#asked.set(integration, { dueAt, at: now, minute });
    }
    return { taken: taken.length, left: open.length - taken.length };
  }

  async #queued(): Promise<number> {
    const { queue, log } = this.#parts;
    return queue.waiting().catch((error: unknown) => {
      log.warn('The queue does not say how much waits in it', { error });
      return 0;
    });
  }

  /** What heals first, but no more than half while others wait: where healing fails for long, they must get on all the same. */
  #next(known: readonly Due[], accountOf: (integration: string) => string, room: number): readonly Due[] {
    const sideBySide = SIDE_BY_SIDE * (this.#parts.addresses ?? 1);
    const [healing, others] = [known.filter(({ heals }) => heals), known.filter(({ heals }) => !heals)];
    const half = Math.floor((room + Number(this.#oddOneHeals)) / 2);
    const most = Math.max(half, room - others.length);
    if (healing.length > 0 && others.length > 0 && room % 2 === 1) this.#oddOneHeals = !this.#oddOneHeals;
    const first = this.#healing.next(healing, accountOf, most, sideBySide);
    return [...first, ...this.#turns.next(others, accountOf, room - first.length, sideBySide)];
  }

  #isAsked({ integration, dueAt }: Due, now: number, withinMs: number): boolean {
    const asked = this.#asked.get(integration);
    // In either direction: a clock that was set back must not make an hour of it.
    return asked !== undefined && asked.dueAt === dueAt && Math.abs(now - asked.at) < withinMs;
  }

  #open(waiting: readonly Due[], now: number): readonly Due[] {
    const open = waiting.filter((due) => !this.#isAsked(due, now, ASKED_MS));
    return [...open.filter(({ heals }) => heals), ...open.filter(({ heals }) => !heals)];
  }

  /** A list costs a call, as a question does: with two it is worth it, and who comes last finds it read. */
  #crowdedOf(waiting: readonly Due[], accountOf: (integration: string) => string): ReadonlySet<string> {
    const byAccount = groupedBy(waiting, ({ integration }) => accountOf(integration));
    for (const account of this.#crowded) if (!byAccount.has(account)) this.#crowded.delete(account);
    for (const [account, due] of byAccount) if (account !== '' && due.length >= 2) this.#crowded.add(account);
    return this.#crowded;
  }

  /**
   * Only when not all can go: an account's turn needs its name. Of an integration the account never changes. Beyond what is asked
   * in one query, the least overdue wait for the next one; who was asked about and is unknown goes all the same.
   */
  async #ofKnownAccounts(open: readonly Due[]): Promise<readonly Due[]> {
    const unknown = open.map(({ integration }) => integration).filter((name) => !this.#accounts.has(name));
    const questions = batchesOf(MOST_IN_A_QUESTION, unknown).slice(0, MOST_QUESTIONS);
    for (const names of questions)
      for (const [name, account] of await this.#parts.accounts.accountsOf(names)) this.#accounts.set(name, account);
    const asked = new Set(questions.flat());
    return open.filter(({ integration }) => this.#accounts.has(integration) || asked.has(integration));
  }
}
