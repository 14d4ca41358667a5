/**
 * Who goes next when more is due than can be handed out: accounts take turns, so that one with ten thousand integrations keeps none
 * with a single one waiting; within an account the longest overdue goes first. Pure but for its memory, which a new process may lack.
 */
import { groupedBy } from '../domain/grouped.ts';
import type { Due } from './ports.ts';

/**
 * So many of one account in a row. Their revocations then share one list of Paddle's, in place of a question about each; and
 * an account with fewer goes through at once.
 */
export const IN_A_ROW = 10;
/**
 * So many accounts go side by side, for each address: as many as it has runs at a time. Whoever lists an account's tokens is then
 * done before the next one asks; five runs of one account would each make a list of their own.
 */
export const SIDE_BY_SIDE = 5;

export class Turns {
  /** How many of each account were handed out while it had others waiting. A newcomer begins where the least served stands. */
  readonly #served = new Map<string, number>();
  /** How often each was handed out at the same `dueAt`: what fails again and again goes last. */
  readonly #attempts = new Map<string, { readonly dueAt: string; readonly count: number }>();

  /**
   * @param waiting the longest overdue first
   * @param sideBySide accounts that go at the same time
   * @returns at most so many, accounts alternating
   */
  next<T extends Due>(
    waiting: readonly T[],
    accountOf: (integration: string) => string,
    most: number,
    sideBySide = SIDE_BY_SIDE,
  ): readonly T[] {
    const byAccount = groupedBy(waiting, ({ integration }) => accountOf(integration));
    this.#admit(byAccount);
    const ranked = [...byAccount].flatMap(([account, due]) => this.#ranked(account, due, most));
    ranked.sort(
      (a, b) =>
        a.attempts - b.attempts ||
        a.round - b.round ||
        // Who has begun a row goes on with it, however long others have waited: these wait for seconds.
        Number(b.hasBegun) - Number(a.hasBegun) ||
        a.first - b.first ||
        a.place - b.place,
    );
    const taken = inTurn(ranked, most, sideBySide);
    for (const { account, due } of taken) {
      this.#served.set(account, (this.#served.get(account) ?? 0) + 1);
      const { dueAt } = due;
      this.#attempts.set(due.integration, { dueAt, count: this.#attemptsOf(due) + 1 });
    }
    return taken.map(({ due }) => due);
  }

  /** Forgets whoever has nothing due any more. */
  keepOnly(due: ReadonlySet<string>): void {
    for (const name of this.#attempts.keys()) if (!due.has(name)) this.#attempts.delete(name);
    if (due.size === 0) this.#served.clear();
  }

  #admit(accounts: ReadonlyMap<string, unknown>): void {
    for (const account of this.#served.keys()) if (!accounts.has(account)) this.#served.delete(account);
    const least = Math.floor(Math.min(...this.#served.values()) / IN_A_ROW) * IN_A_ROW;
    for (const account of accounts.keys())
      if (!this.#served.has(account)) this.#served.set(account, Number.isFinite(least) ? least : 0);
  }

  /** No more of an account than can be taken: ten thousand are looked at again and again. */
  #ranked<T extends Due>(account: string, all: readonly T[], most: number) {
    const fresh = all.slice(0, most);
    const hasFailed = fresh.some((due) => this.#attemptsOf(due) > 0);
    const waiting = hasFailed ? this.#leastAttempted(all).slice(0, most) : fresh;
    const served = this.#served.get(account) ?? 0;
    const first = Date.parse(waiting[0]?.dueAt ?? '');
    const hasBegun = served % IN_A_ROW > 0;
    return waiting.map((due, place) => ({
      ...{ account, due, place, first, hasBegun },
      attempts: this.#attemptsOf(due),
      round: Math.floor((served + place) / IN_A_ROW),
    }));
  }

  #leastAttempted<T extends Due>(all: readonly T[]): readonly T[] {
    return all.toSorted((a, b) => this.#attemptsOf(a) - this.#attemptsOf(b));
  }

  #attemptsOf({ integration, dueAt }: Due): number {
    const known = this.#attempts.get(integration);
    return known?.dueAt === dueAt ? known.count : 0;
  }
}

interface Ranked {
  readonly account: string;
  readonly attempts: number;
  readonly round: number;
}

/** From the front of the line: of as many accounts as go side by side the first of each, then the second of each. */
function inTurn<T extends Ranked>(ranked: readonly T[], most: number, sideBySide: number): readonly T[] {
  const taken = new Set<T>();
  while (taken.size < Math.min(most, ranked.length)) {
    const left = ranked.filter((each) => !taken.has(each));
    const front = left.filter(({ attempts, round }) => attempts === left[0]?.attempts && round === left[0].round);
    const rows = [...groupedBy(front, ({ account }) => account).values()].slice(0, sideBySide);
    for (const each of alternating(rows).slice(0, most - taken.size)) taken.add(each);
  }
  return [...taken];
}

function alternating<T>(rows: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => rows.flatMap((row) => row.slice(at, at + 1))).flat();
}
