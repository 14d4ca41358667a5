/**
 * The pace of all calls to one address of Paddle, whatever account they are for: Paddle counts by the caller's address, and the
 * workers share theirs without knowing it. Turns are booked one after the other in a book that all workers see. Who has hardly
 * called within the last minute goes without booking, so that a quiet rotation costs no write, and books it together with the
 * next call, should there be one.
 */
import { LONGEST_LOCK_OUT_MS, type Precedence, type Throttle, type Turn } from './throttle.ts';

/** Of the 240 that Paddle answers. The rest is for what went out unbooked, and for clocks and networks that are not exact. */
export const CALLS_PER_MINUTE = 230;

/** The longest that a call waits for its turn (ms); it is asked again later instead. Well within the lease that an effect has. */
export const MOST_WAIT_MS: Readonly<Record<Precedence, number>> = { heal: 10_000, schedule: 5_000, sweep: 2_500 };

/** A turn that nobody took may be taken so much later (ms): between two calls in a row the book is not idle. */
export const LATE_MS = 1_000;

/** Clocks differ by less (ms). What was noted further ahead than anybody may note, a clock that is wrong has noted: it binds nobody. */
const SKEW_MS = 60_000;
export const FARTHEST_TURN_MS = MOST_WAIT_MS.heal + SKEW_MS;
export const LONGEST_BLOCK_MS = LONGEST_LOCK_OUT_MS + SKEW_MS;

export const isBlocked = (until: number, now: number): boolean => until > now && until <= now + LONGEST_BLOCK_MS;
/** Is the turn that is free next about now, or later? */
const isInUse = (next: number, now: number): boolean => next > now - LATE_MS && next <= now + FARTHEST_TURN_MS;
/** The block that stands. */
const longerBlock = (known: number, until: number): number =>
  known < until || known > until + LONGEST_BLOCK_MS ? until : known;

export interface Wanted {
  readonly now: number;
  /** Turns: this one, and those that were taken before without booking. */
  readonly calls: number;
  /** From one turn to the next (ms). */
  readonly everyMs: number;
  readonly mostWaitMs: number;
}

/** One line for each address of Paddle: when the next turn is free, and until when nothing may be sent. */
export interface PaceBook {
  /** Books, or says when to ask again and books nothing: one write either way, two when the book was idle. */
  book(wanted: Wanted): Promise<Turn>;
  /**
   * When the next turn is free, and until when nothing may be sent, or when that ended; not a finite number: never noted. A reading
   * may be some seconds old.
   */
  read(): Promise<{ readonly next: number; readonly blockedUntil: number }>;
  /** Never shortens a longer block, unless that one is longer than any may be. */
  block(until: number): Promise<void>;
}

export interface PaceOptions {
  readonly book: PaceBook;
  /** How many addresses the workers call from. Default 1. */
  readonly addresses?: number;
  /** Told when the book could not be read or written; the answer then is the blind one, below. */
  readonly onFailure?: (error: unknown) => void;
}

/** In a minute, of one process. A quiet rotation makes one call in its first run and two in the second. */
const UNBOOKED_CALLS = 2;
const MINUTE_MS = 60_000;
/** How long "not blocked" is believed (ms): at most a handful of calls into somebody else's lock-out. */
const BELIEVED_MS = 2_000;
/**
 * While the book cannot be used, one call goes out per process and this many ms: blocking would turn a missing permission into
 * rotations that never happen, and calling freely would let every worker hammer a locked-out address. What heals a checkout goes
 * on. What this process itself knows of a lock-out is still heeded.
 */
const BLIND_PACE_MS = 5_000;

/** For one process. @returns the throttle of each precedence, all with the same view of the book */
export function createPace({ book, addresses = 1, onFailure }: PaceOptions): (precedence: Precedence) => Throttle {
  const everyMs = MINUTE_MS / (CALLS_PER_MINUTE * addresses);
  /** The latest block that this process has seen or made. */
  let known = Number.NEGATIVE_INFINITY;
  let openUntil = Number.NEGATIVE_INFINITY;
  let nextBlindCall = Number.NEGATIVE_INFINITY;
  /** When this process called, within the last minute, and how many of its calls are not booked yet. */
  let calls: number[] = [];
  let unbooked = 0;

  async function unbookedTurn(now: number, precedence: Precedence): Promise<Turn> {
    if (now >= openUntil) {
      const { next, blockedUntil } = await book.read();
      if (isBlocked(blockedUntil, now)) known = blockedUntil;
      if (isBlocked(known, now)) return { retryAt: known, why: 'locked out' };
      // What many processes take unbooked beside those that book is more than the address bears.
      if (isInUse(next, now)) return bookedTurn(now, precedence);
      openUntil = now + BELIEVED_MS;
    }
    unbooked += 1;
    return { at: now };
  }

  async function bookedTurn(now: number, precedence: Precedence): Promise<Turn> {
    const mostWaitMs = MOST_WAIT_MS[precedence];
    const turn = await book.book({ now, calls: 1 + unbooked, everyMs, mostWaitMs });
    if ('at' in turn) unbooked = 0;
    else if (turn.why === 'locked out') known = turn.retryAt;
    return turn;
  }

  function blind(now: number, precedence: Precedence): Turn {
    if (precedence !== 'heal' && now < nextBlindCall) return { retryAt: nextBlindCall, why: 'busy' };
    nextBlindCall = now + BLIND_PACE_MS;
    return { at: now };
  }

  async function turn(now: number, precedence: Precedence): Promise<Turn> {
    if (isBlocked(known, now)) return { retryAt: known, why: 'locked out' };
    calls = calls.filter((at) => at > now - MINUTE_MS);
    // The booked ones are the older ones: what is longer ago than a minute is owed no more.
    unbooked = Math.min(unbooked, calls.length);
    try {
      const mayCall = calls.length < UNBOOKED_CALLS;
      const given = await (mayCall ? unbookedTurn(now, precedence) : bookedTurn(now, precedence));
      if ('at' in given) calls.push(given.at);
      return given;
    } catch (error) {
      onFailure?.(error);
      return blind(now, precedence);
    }
  }

  return (precedence) => ({
    turn: (now) => turn(now, precedence),
    async block(until) {
      // First here, so that this process keeps silent even if the book cannot be written.
      known = longerBlock(known, until);
      await book.block(until);
    },
  });
}

/** The book of one process. */
export function createLocalPaceBook(): PaceBook {
  let next = Number.NEGATIVE_INFINITY;
  let blocked = Number.NEGATIVE_INFINITY;
  return {
    async book({ now, calls, everyMs, mostWaitMs }) {
      if (isBlocked(blocked, now)) return { retryAt: blocked, why: 'locked out' };
      const from = isInUse(next, now) ? next : now;
      if (from > now + mostWaitMs) return { retryAt: from, why: 'busy' };
      next = from + calls * everyMs;
      return { at: Math.max(now, from) };
    },
    read: async () => ({ next, blockedUntil: blocked }),
    block: async (until) => {
      blocked = longerBlock(blocked, until);
    },
  };
}
