/**
 * How far an account's audit trail is complete, and where the next reading of Paddle's list of events begins. Pure.
 *
 * A reading goes from its beginning to the end of the list, in as many runs as it takes. Paddle may list an event late, that is
 * behind a reading which has already passed its place. So only a finished reading moves the beginning of the next one, and only
 * up to events that had been in the list for `OVERLAP_MS` when that reading began: everything before them was listed by then, and
 * was read. A run that is missed moves nothing.
 */
import type { Instant } from '../domain/model.ts';

/** An event, and when we first saw it in the list. */
export interface Anchor {
  readonly id: string;
  readonly occurredAt: Instant;
  readonly seenAt: Instant;
}

/** A reading that was cut off, by its bound or by a failure. */
export interface Reading {
  readonly startedAt: Instant;
  /** Where it goes on. */
  readonly after: string;
  /** About when that happened. */
  readonly occurredAt: Instant;
  /** Events from before it were no longer to be had. */
  readonly gap: boolean;
}

/** The ledger's `ACCOUNT#a / WATERMARK`. */
export interface Watermark {
  readonly account: string;
  /** 0: not yet stored. */
  readonly version: number;
  /** When it was first tried. */
  readonly begunAt?: Instant;
  /** Everything up to it has been read for good: the next reading begins behind it. */
  readonly settled?: Anchor;
  /** Ascending. Ends of readings, which become `settled` when a later reading finds them old enough. */
  readonly anchors: readonly Anchor[];
  readonly reading?: Reading;
  /** Every event up to this instant is in the trail. */
  readonly completeThrough?: Instant;
  /** The start of the unbroken part; events from before were no longer to be had. */
  readonly completeSince?: Instant;
}

export const freshWatermark = (account: string): Watermark => ({ account, version: 0, anchors: [] });

/** So long an event may stay out of the list and is still found. Reading more than is needed costs little. */
export const OVERLAP_MS = 24 * 3_600_000;
/** So long after an event it is in the list, unless Paddle is in retry; the trail is not called complete for what is younger. */
export const VISIBILITY_MS = 2 * 3_600_000;
/** Paddle keeps events for 90 days, and does not say what `after` means for an older id. */
const OLDEST_ANCHOR_MS = 85 * 86_400_000;
const ANCHORS_KEPT = 48;

const before = (now: Instant, ms: number): Instant => new Date(Date.parse(now) - ms).toISOString();
const isUsable = ({ occurredAt }: { occurredAt: Instant }, now: Instant): boolean =>
  occurredAt > before(now, OLDEST_ANCHOR_MS);

/** Where a run begins, and the reading that it belongs to. */
export interface Start {
  /** Absent: all that is kept. */
  readonly after?: string;
  readonly startedAt: Instant;
  readonly gap: boolean;
}

export function startOf(mark: Watermark, now: Instant): Start {
  const { reading, settled, completeThrough } = mark;
  if (reading && isUsable(reading, now))
    return { after: reading.after, startedAt: reading.startedAt, gap: reading.gap };
  const gap = completeThrough !== undefined && completeThrough < before(now, OLDEST_ANCHOR_MS);
  return { after: settled && isUsable(settled, now) ? settled.id : undefined, startedAt: now, gap };
}

/** How far a run has come. */
export interface Progress {
  readonly start: Start;
  /** Now, at its end. */
  readonly now: Instant;
  /** The newest event that it has stored, if any; its instant, or that of the last one before it that could be read. */
  readonly last?: { readonly id: string; readonly occurredAt?: Instant };
  readonly reachedTheEnd: boolean;
}

export function advanced(mark: Watermark, { start, now, last, reachedTheEnd }: Progress): Watermark {
  const { startedAt, gap } = start;
  const { reading: _, ...rest } = mark;
  const end = last && { id: last.id, occurredAt: last.occurredAt ?? mark.reading?.occurredAt ?? startedAt };
  if (!reachedTheEnd)
    return end ? { ...rest, reading: { startedAt, after: end.id, occurredAt: end.occurredAt, gap } } : mark;

  const isOldEnough = ({ seenAt }: Anchor) => seenAt <= before(startedAt, OVERLAP_MS);
  const settled = mark.anchors.findLast(isOldEnough) ?? mark.settled;
  const kept = mark.anchors.filter((anchor) => !isOldEnough(anchor));
  const isNew = end !== undefined && ![settled, ...kept].some((anchor) => anchor?.id === end.id);
  // `now`: the event may have happened while the reading went on.
  const anchors = isNew ? [...kept, { ...end, seenAt: now }] : kept;
  return {
    ...rest,
    ...(settled ? { settled } : {}),
    // Without one of those in between, the next beginning is an older one: more is read, and nothing is missed.
    anchors: anchors.length > ANCHORS_KEPT ? [...anchors.slice(0, 1), ...anchors.slice(1 - ANCHORS_KEPT)] : anchors,
    completeThrough: latest(before(startedAt, VISIBILITY_MS), mark.completeThrough),
    completeSince: gap || !mark.completeSince ? before(startedAt, OLDEST_ANCHOR_MS) : mark.completeSince,
  };
}

const latest = (some: Instant, other: Instant | undefined): Instant => (other && other > some ? other : some);

/**
 * Seconds since the instant up to which all is known. While nothing is, those since it was first tried: a new installation is not
 * late on its first day, and one whose every run fails is, after six hours.
 */
export function ageOf(mark: Watermark, now: Instant): number {
  const unknown = mark.version === 0 ? now : before(now, OLDEST_ANCHOR_MS);
  const since = mark.completeThrough ?? mark.begunAt ?? unknown;
  return Math.max(0, (Date.parse(now) - Date.parse(since)) / 1000);
}
