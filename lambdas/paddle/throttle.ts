/**
 * Paddle locks an address out for a minute after 240 requests in one, and every call during the lock-out is wasted.
 * So one worker's 429 silences all workers of the account.
 */

/** The lock-out of one account, shared by all its workers. */
export interface Throttle {
  /** Epoch ms before which nothing may be sent; `undefined`: send. Never throws. */
  blockedUntil(now: number): Promise<number | undefined>;
  /** Blocks until `until` (epoch ms); never shortens a longer block. Throws when the others could not be told. */
  block(until: number): Promise<void>;
}

/** For one process: the command line, tests. */
export function createLocalThrottle(): Throttle {
  let until = Number.NEGATIVE_INFINITY;
  return {
    blockedUntil: async (now) => (until > now ? until : undefined),
    block: async (wanted) => {
      until = Math.max(until, wanted);
    },
  };
}

/** Paddle's documented lock-out, for a 429 that does not say how long. */
const DEFAULT_WAIT_MS = 60_000;
const MIN_WAIT_MS = 1_000;
/** A mistaken header must not silence an account for a day. */
const MAX_WAIT_MS = 15 * 60_000;

/**
 * When to call again (epoch ms) after a 429.
 * @param header `Retry-After`: seconds, or an HTTP date. Anything else counts as absent.
 */
export function retryAt(header: string | undefined, now: number): number {
  const text = header?.trim() ?? '';
  const wait = /^\d+(\.\d+)?$/.test(text) ? Math.ceil(Number(text) * 1000) : waitUntilDate(text, now);
  return now + Math.min(Math.max(wait, MIN_WAIT_MS), MAX_WAIT_MS);
}

function waitUntilDate(text: string, now: number): number {
  // `Date.parse` takes much that is no HTTP date: "-5" is a day in 2001.
  const at = /^[A-Z][a-z]{2,8},? .*GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? DEFAULT_WAIT_MS : at - now;
}
