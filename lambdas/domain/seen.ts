/** What beacons said of a token, day by day, as one. Pure. */
import type { SeenSpec } from '../contract.ts';
import type { Instant, IntegrationState, SeenDay } from './model.ts';
import { DAY, earliest, later, latest } from './time.ts';

/** So many days are told, the newest first. */
const DAYS_TOLD = 7;

export interface Seen {
  readonly tokenId: string;
  readonly first: Instant;
  readonly last: Instant;
  /** By day, the newest first. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Of the beacons about one token, one process writes no more than one in this time (ms). So the last instant that is
 * kept may be too early by as much.
 */
export const seenEvery = ({ silentForMs }: SeenSpec): number => Math.min(60_000, Math.ceil(silentForMs / 10));

/** That a page uses a revoked token is told once a day, however many beacons say so: anybody can send one. */
export const isToldAgain = ({ watch }: Pick<IntegrationState, 'watch'>, now: Instant): boolean =>
  watch?.seen === undefined || later(watch.seen.toldAt, DAY) <= now;

/** Which tokens beacons are compared with, and those of which they are news. */
export function listenedTokens(state: IntegrationState | undefined, now: Instant) {
  const gone = state?.watch?.tokens ?? [];
  const untold = state && isToldAgain(state, now) ? gone.map(({ id }) => id) : [];
  return { tokens: [...(state?.tokens ?? []), ...gone], untold };
}

/** `undefined`: no beacon has ever spoken of the token, or none within the days that are kept. */
export function seenOf(days: readonly SeenDay[], tokenId: string): Seen | undefined {
  const ours = days.filter((each) => each.tokenId === tokenId).sort((a, b) => b.day.localeCompare(a.day));
  const first = earliest(...ours.map((each) => each.first));
  const last = latest(...ours.map((each) => each.last));
  if (!first || !last) return undefined;
  const counts = Object.fromEntries(ours.slice(0, DAYS_TOLD).map(({ day, count }) => [day, count]));
  return { tokenId, first, last, counts };
}

/** Of every token that was seen, the one that was seen last first. */
export const allSeen = (days: readonly SeenDay[]): readonly Seen[] =>
  [...new Set(days.map(({ tokenId }) => tokenId))]
    .flatMap((tokenId) => seenOf(days, tokenId) ?? [])
    .sort((a, b) => b.last.localeCompare(a.last));
