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

export class Turns {
  /** How many of each account were handed out while it had others waiting. A newcomer begins where the least served stands. */
  readonly #served = new Map<string, number>();
  /** How often each was handed out at the same `dueAt`: what fails again and again goes last. */
  readonly #attempts = new Map<string, { readonly dueAt: string; readonly count: number }>();

  /**
   * @param waiting the longest overdue first
   * @returns at most so many, accounts alternating
   */
  next<T extends Due>(waiting: readonly T[], accountOf: (integration: string) => string, most: number): readonly T[] {
    const byAccount = groupedBy(waiting, ({ integration }) => accountOf(integration));
    this.#admit([...byAccount.keys()]);
    const ranked = [...byAccount].flatMap(([account, due]) => this.#ranked(account, due));
    ranked.sort((a, b) => a.attempts - b.attempts || a.round - b.round || a.first - b.first || a.place - b.place);
    const taken = ranked.slice(0, most);
    for (const { account, due } of taken) {
      this.#served.set(account, (this.#served.get(account) ?? 0) + 1);
      const { dueAt } = due;
      this.#attempts.set(due.integration, { dueAt, count: this.#attemptsOf(due) + 1 });
    }
    return alternating(taken).map(({ due }) => due);
  }

  /** Forgets whoever has nothing due any more. */
  keepOnly(due: readonly Due[]): void {
    const names = new Set(due.map(({ integration }) => integration));
    for (const name of this.#attempts.keys()) if (!names.has(name)) this.#attempts.delete(name);
    if (due.length === 0) this.#served.clear();
  }

  #admit(accounts: readonly string[]): void {
    const here = new Set(accounts);
    for (const account of this.#served.keys()) if (!here.has(account)) this.#served.delete(account);
    const least = Math.min(...this.#served.values());
    for (const account of accounts)
      if (!this.#served.has(account)) this.#served.set(account, Number.isFinite(least) ? least : 0);
  }

  #ranked<T extends Due>(account: string, waiting: readonly T[]) {
    const served = this.#served.get(account) ?? 0;
    const first = Date.parse(waiting[0]?.dueAt ?? '');
    return waiting.map((due, place) => ({
      ...{ account, due, place, first },
      attempts: this.#attemptsOf(due),
      round: Math.floor((served + place) / IN_A_ROW),
    }));
  }

  #attemptsOf({ integration, dueAt }: Due): number {
    const known = this.#attempts.get(integration);
    return known?.dueAt === dueAt ? known.count : 0;
  }
}

/** The first of each account, then the second of each: whoever lists an account's tokens is done before the next one asks. */
function alternating<T extends { readonly account: string }>(taken: readonly T[]): readonly T[] {
  const rows = [...groupedBy(taken, ({ account }) => account).values()];
  const longest = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => rows.flatMap((row) => row.slice(at, at + 1))).flat();
}
