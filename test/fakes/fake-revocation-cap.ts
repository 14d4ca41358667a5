import type { Clock } from '../../lambdas/domain/ports.ts';
import type { RevocationCap } from '../../lambdas/evidence/ports.ts';
import { type Effects, performed } from './effects.ts';

/** Counts per account and window of an hour; one token counts once, however often it asks. */
export class FakeRevocationCap implements RevocationCap {
  readonly #taken = new Map<string, Set<string>>();
  readonly #clock: Clock;
  readonly #effects: Effects | undefined;

  constructor(clock: Clock, effects?: Effects) {
    this.#clock = clock;
    this.#effects = effects;
  }

  /** What was taken, of a world that goes on by itself from here. */
  copy(clock: Clock, effects?: Effects): FakeRevocationCap {
    const copy = new FakeRevocationCap(clock, effects);
    for (const [window, taken] of this.#taken) copy.#taken.set(window, new Set(taken));
    return copy;
  }

  /** What was taken, as text. */
  known(): string {
    return JSON.stringify([...this.#taken].map(([window, taken]) => [window, [...taken]]));
  }

  async reserve(account: string, max: number, tokenId: string) {
    return performed(this.#effects, 'cap.reserve', () => {
      const window = `${account}#${Math.floor(this.#clock.now() / 3_600_000)}`;
      const taken = this.#taken.get(window) ?? new Set();
      if (!(max > 0) || (!taken.has(tokenId) && taken.size >= max)) return false;
      this.#taken.set(window, taken.add(tokenId));
      return true;
    });
  }
}
