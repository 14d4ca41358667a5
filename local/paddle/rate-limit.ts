import { Refusal } from './errors.ts';

const WINDOW_MS = 60_000;

interface Caller {
  /** Requests of the last minute, oldest first. */
  readonly times: number[];
  lockedUntil: number;
}

/** Requests per minute and address; whoever exceeds them is locked out, and counts from zero afterwards. */
export class RateLimits {
  readonly #callers = new Map<string, Caller>();

  clear(): void {
    this.#callers.clear();
  }

  /**
   * @param caller address, and the bucket if it has a limit of its own
   * @throws Refusal 429 with `Retry-After` in seconds
   */
  count(caller: string, nowMs: number, limit: { readonly perMinute: number; readonly lockOutMs: number }): void {
    const known = this.#callers.get(caller) ?? { times: [], lockedUntil: Number.NEGATIVE_INFINITY };
    this.#callers.set(caller, known);
    if (nowMs < known.lockedUntil) throw tooMany(known.lockedUntil - nowMs);
    while (known.times[0] !== undefined && known.times[0] <= nowMs - WINDOW_MS) known.times.shift();
    if (known.times.length >= limit.perMinute) {
      known.times.length = 0;
      known.lockedUntil = nowMs + limit.lockOutMs;
      throw tooMany(limit.lockOutMs);
    }
    known.times.push(nowMs);
  }
}

const tooMany = (waitMs: number) =>
  new Refusal(
    'too_many_requests',
    'IP address exceeded the allowed rate limit. Retry after the number of seconds in the Retry-After header.',
    {
      headers: { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1000))) },
    },
  );
