/** Arithmetic on instants. Pure; what time it is comes from the caller. */
import type { Instant } from './model.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const instant = (epochMs: number): Instant => new Date(epochMs).toISOString();
export const millis = (at: Instant): number => Date.parse(at);
export const later = (at: Instant, ms: number): Instant => instant(millis(at) + ms);
export const latest = (...instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined);
export const earliest = (...instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants.reduce((a, b) => (a === undefined || (b !== undefined && b < a) ? b : a), undefined);

/** `base * 2^(attempt-1)`, at most `max`. `attempt` counts from 1. */
export const backoff = (attempt: number, base: number, max: number): number =>
  Math.min(max, base * 2 ** Math.min(30, Math.max(0, attempt - 1)));
