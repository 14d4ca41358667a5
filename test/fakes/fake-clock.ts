import type { Clock } from '../../lambdas/domain/ports.ts';
import { instant } from '../../lambdas/domain/time.ts';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;
  constructor(start: string | number = '2026-11-22T03:00:00.000Z') {
    this.#now = typeof start === 'number' ? start : Date.parse(start);
  }
  now(): number {
    return this.#now;
  }
  iso(): string {
    return instant(this.#now);
  }
  advance(ms: number): void {
    this.#now += ms;
  }
  set(instant: string): void {
    this.#now = Date.parse(instant);
  }
  copy(): FakeClock {
    return new FakeClock(this.#now);
  }
}
