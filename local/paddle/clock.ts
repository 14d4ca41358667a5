/** Where the simulator takes the time from; epoch milliseconds. */
export interface BaseClock {
  now(): number;
}

/**
 * The simulator's own time. It runs with the base clock until someone freezes, sets or advances it, so that retention,
 * retries and lock-outs can be tried without waiting for them.
 */
export class SimulatorClock {
  readonly base: BaseClock;
  #offset = 0;
  #frozenAt: number | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  #fraction = 0;
  readonly #listeners = new Set<() => void>();

  constructor(base: BaseClock) {
    this.base = base;
  }

  /** Epoch milliseconds, whole. */
  now(): number {
    return Math.floor(this.#frozenAt ?? this.base.now() + this.#offset);
  }

  /** Epoch microseconds. Within one millisecond each call is later than the one before, as at Paddle. */
  micros(): number {
    const ms = this.now();
    this.#fraction = ms === this.#lastMs ? Math.min(this.#fraction + 1, 999) : 1;
    this.#lastMs = ms;
    return ms * 1000 + this.#fraction;
  }

  get frozen(): boolean {
    return this.#frozenAt !== undefined;
  }

  set(ms: number): void {
    if (this.frozen) this.#frozenAt = ms;
    else this.#offset = ms - this.base.now();
    this.#tell();
  }

  advance(byMs: number): void {
    this.set(this.now() + byMs);
  }

  freeze(): void {
    this.#frozenAt = this.now();
    this.#tell();
  }

  /** Runs on from where it stands. */
  run(): void {
    const ms = this.now();
    this.#frozenAt = undefined;
    this.set(ms);
  }

  /** Back to the base clock. */
  reset(): void {
    this.#frozenAt = undefined;
    this.#offset = 0;
    this.#tell();
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** As REST answers write instants: three digits. */
export function restInstant(micros: number): string {
  return new Date(Math.floor(micros / 1000)).toISOString();
}

/** As webhooks write instants: six digits. */
export function webhookInstant(micros: number): string {
  return `${restInstant(micros).slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`;
}
