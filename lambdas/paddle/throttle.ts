/**
 * Paddle locks an address out for a minute after 240 requests in one, and every call during the lock-out is wasted. So every call
 * waits for its turn, and one worker's 429 silences all workers. `pace.ts` gives out the turns.
 */

/** What a call is for: who must wait longest gives way first. */
export type Precedence =
  /** Checkout is broken, or may be, or a person waits for the answer. */
  | 'heal'
  /** A rotation that is due, and the revocation behind it. */
  | 'schedule'
  /** A search or a comparison that can as well be made later. */
  | 'sweep';

/** When a call may go out (epoch ms), or why it may not, and when to ask again. */
export type Turn = { readonly at: number } | { readonly retryAt: number; readonly why: 'locked out' | 'busy' };

export interface Throttle {
  /** A turn that was given is used: there is no giving back. Never throws. */
  turn(now: number): Promise<Turn>;
  /** Nothing is sent until `until` (epoch ms), by anybody; never shortens a longer block. Throws when the others could not be told. */
  block(until: number): Promise<void>;
}

/** For one process that calls now and then: the command line, tests. Heeds a lock-out, and paces nothing. */
export function createLocalThrottle(): Throttle {
  let until = Number.NEGATIVE_INFINITY;
  return {
    turn: async (now) => (until > now ? { retryAt: until, why: 'locked out' } : { at: now }),
    block: async (wanted) => {
      until = Math.max(until, wanted);
    },
  };
}

/** Paddle's documented lock-out, for a 429 that does not say how long. */
const DEFAULT_WAIT_MS = 60_000;
const MIN_WAIT_MS = 1_000;
/** A mistaken header must not silence an account for a day (ms). */
export const LONGEST_LOCK_OUT_MS = 15 * 60_000;

/**
 * When to call again (epoch ms) after a 429.
 * @param header `Retry-After`: seconds, or an HTTP date. Anything else counts as absent.
 */
export function retryAt(header: string | undefined, now: number): number {
  const text = header?.trim() ?? '';
  const wait = /^\d+(\.\d+)?$/.test(text) ? Math.ceil(Number(text) * 1000) : waitUntilDate(text, now);
  return now + Math.min(Math.max(wait, MIN_WAIT_MS), LONGEST_LOCK_OUT_MS);
}

function waitUntilDate(text: string, now: number): number {
  // `Date.parse` takes much that is no HTTP date: "-5" is a day in 2001.
  const at = /^[A-Z][a-z]{2,8},? .*GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? DEFAULT_WAIT_MS : at - now;
}
