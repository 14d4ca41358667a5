/** Counts beacons between two writes. What a process has counted and not written when it ends is lost: counts are never too high. */

const MOST_TOKENS = 1_000;

interface Count {
  readonly wroteAt: number;
  readonly waiting: number;
}

export class Tally {
  readonly #counts = new Map<string, Count>();

  /** One more. @returns how many are to be written now; 0: not yet */
  add(key: string, now: number, every: number): number {
    const { wroteAt, waiting } = this.#counts.get(key) ?? { wroteAt: Number.NEGATIVE_INFINITY, waiting: 0 };
    const isDue = now - wroteAt >= every || now < wroteAt;
    this.#set(key, isDue ? { wroteAt: now, waiting: 0 } : { wroteAt, waiting: waiting + 1 });
    return isDue ? waiting + 1 : 0;
  }

  /** They could not be written: with the next beacon, or with the next that is due. */
  putBack(key: string, count: number, when: 'next' | 'due'): void {
    const { wroteAt, waiting } = this.#counts.get(key) ?? { wroteAt: Number.NEGATIVE_INFINITY, waiting: 0 };
    this.#set(key, { wroteAt: when === 'due' ? wroteAt : Number.NEGATIVE_INFINITY, waiting: waiting + count });
  }

  #set(key: string, count: Count): void {
    this.#counts.delete(key);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size >= MOST_TOKENS && oldest !== undefined) this.#counts.delete(oldest);
    this.#counts.set(key, count);
  }
}
