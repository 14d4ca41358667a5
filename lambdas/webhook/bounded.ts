import type { Clock } from '../domain/ports.ts';

/** Remembers so many values for so long (ms); what was set first goes first. */
export class Bounded<T> {
  readonly #values = new Map<string, { readonly value: T; readonly until: number }>();
  readonly #most: number;
  readonly #forMs: number;
  readonly #clock: Clock;

  constructor(most: number, forMs: number, clock: Clock) {
    this.#most = most;
    this.#forMs = forMs;
    this.#clock = clock;
  }

  get size(): number {
    return this.#values.size;
  }

  get(name: string): T | undefined {
    const found = this.#values.get(name);
    return found && this.#clock.now() < found.until ? found.value : undefined;
  }

  set(name: string, value: T): void {
    this.#values.delete(name);
    const [oldest] = this.#values.keys();
    if (oldest !== undefined && this.#values.size >= this.#most) this.#values.delete(oldest);
    this.#values.set(name, { value, until: this.#clock.now() + this.#forMs });
  }
}
