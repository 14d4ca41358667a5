/** Time that passes only while everybody waits: an hour and a half of rotations in a minute of computing. */
import type { Clock } from '../../lambdas/domain/ports.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

export class VirtualTime implements Clock {
  #now: number;
  #order = 0;
  /** A binary heap, the earliest first. */
  readonly #timers: Timer[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return Math.floor(this.#now);
  }

  sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      this.#order += 1;
      this.#push({ at: this.#now + Math.max(0, ms), order: this.#order, wake });
    });

  /** Runs until `isOver` says so, or until nobody waits for anything. @throws what a worker throws into `failures` */
  async run(isOver: () => boolean, failures: readonly unknown[]): Promise<void> {
    for (;;) {
      // Whatever can go on without time passing does so first.
      await new Promise((resolve) => setImmediate(resolve));
      if (failures.length > 0) throw failures[0];
      if (isOver()) return;
      const next = this.#pop();
      if (!next) return;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [x, y] = [this.#timers[a], this.#timers[b]];
    return x !== undefined && y !== undefined && (x.at - y.at || x.order - y.order) < 0;
  }

  #swap(a: number, b: number): void {
    const [x, y] = [this.#timers[a], this.#timers[b]];
    if (x && y) [this.#timers[a], this.#timers[b]] = [y, x];
  }

  #push(timer: Timer): void {
    let at = this.#timers.push(timer) - 1;
    for (let above = (at - 1) >> 1; at > 0 && this.#isBefore(at, above); above = (at - 1) >> 1) {
      this.#swap(at, above);
      at = above;
    }
  }

  #pop(): Timer | undefined {
    const first = this.#timers[0];
    const last = this.#timers.pop();
    if (!first || !last || this.#timers.length === 0) return first;
    this.#timers[0] = last;
    for (let at = 0; ; ) {
      const children = [2 * at + 1, 2 * at + 2].filter((child) => child < this.#timers.length);
      const least = children.reduce((a, b) => (this.#isBefore(b, a) ? b : a), at);
      if (least === at) return first;
      this.#swap(at, least);
      at = least;
    }
  }
}
