/** How far an account's audit trail is complete, and where the next run begins. Pure. */
import type { Instant } from '../domain/model.ts';

/** An event, and when we first saw it in the list. */
export interface Anchor {
  readonly id: string;
  readonly occurredAt: Instant;
  readonly seenAt: Instant;
}

/** The ledger's `ACCOUNT#a / WATERMARK`. */
export interface Watermark {
  readonly account: string;
  /** 0: not yet stored. */
  readonly version: number;
  /** Ascending. The newest that is old enough is where the next run begins. */
  readonly anchors: readonly Anchor[];
  /** Where a run was cut off by its bound: the next one goes on from here. */
  readonly resumeAfter?: string;
  /** Every event up to this instant is in the trail. */
  readonly completeThrough?: Instant;
  /** The start of the unbroken part; events from before were no longer to be had. */
  readonly completeSince?: Instant;
}

export const freshWatermark = (account: string): Watermark => ({ account, version: 0, anchors: [] });

/**
 * An event may become visible after a later one. Whatever follows an anchor is therefore read again until the anchor
 * has been in the list for this long.
 */
export const OVERLAP_MS = 2 * 3_600_000;
/** So long after an event everybody can see it; the trail is not called complete for what is younger. */
export const VISIBILITY_MS = 10 * 60_000;
/** Paddle keeps events for 90 days, and does not say what `after` means for an older id. */
const OLDEST_ANCHOR_MS = 85 * 86_400_000;
const ANCHORS_KEPT = 48;

const before = (now: Instant, ms: number): Instant => new Date(Date.parse(now) - ms).toISOString();

/** @returns the id after which to read, or `undefined` for all that is kept; and whether something may have been missed for good */
export function startOf(mark: Watermark, now: Instant): { after?: string; gap: boolean } {
  const usable = mark.anchors.filter(({ occurredAt }) => occurredAt > before(now, OLDEST_ANCHOR_MS));
  const gap = mark.completeThrough !== undefined && mark.completeThrough < before(now, OLDEST_ANCHOR_MS);
  if (mark.resumeAfter !== undefined && usable.length === mark.anchors.length) return { after: mark.resumeAfter, gap };
  const settled = usable.findLast(({ seenAt }) => seenAt <= before(now, OVERLAP_MS));
  return { after: settled?.id, gap };
}

/** What a run has read. */
export interface Progress {
  readonly startedAt: Instant;
  /** The newest event that it has stored, if any. */
  readonly last?: { readonly id: string; readonly occurredAt: Instant };
  readonly reachedTheEnd: boolean;
  readonly gap: boolean;
}

export function advanced(mark: Watermark, { startedAt, last, reachedTheEnd, gap }: Progress): Watermark {
  if (!reachedTheEnd) return last ? { ...mark, resumeAfter: last.id } : mark;
  const { resumeAfter: _, ...rest } = mark;
  const settled = mark.anchors.findLastIndex(({ seenAt }) => seenAt <= before(startedAt, OVERLAP_MS));
  const kept = mark.anchors.slice(Math.max(0, settled));
  const isNew = last !== undefined && last.id !== kept.at(-1)?.id;
  const anchors = isNew ? [...kept, { ...last, seenAt: startedAt }] : kept;
  return {
    ...rest,
    anchors: anchors.length > ANCHORS_KEPT ? [...anchors.slice(0, 1), ...anchors.slice(1 - ANCHORS_KEPT)] : anchors,
    completeThrough: before(startedAt, VISIBILITY_MS),
    completeSince: gap || !mark.completeSince ? before(startedAt, OLDEST_ANCHOR_MS) : mark.completeSince,
  };
}

/** Seconds since the instant up to which all is known; the retention, when nothing is yet. */
export const ageOf = (mark: Watermark, now: Instant): number =>
  Math.max(0, (Date.parse(now) - Date.parse(mark.completeThrough ?? before(now, OLDEST_ANCHOR_MS))) / 1000);
