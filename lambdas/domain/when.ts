/** Instants in words, in UTC: people sit in several zones, and the trail is in UTC. */
import type { Instant } from './model.ts';
import { DAY, HOUR, MINUTE, millis, SECOND } from './time.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

export function dateOf(ms: number): string {
  const date = new Date(ms);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}
export const yearOf = (ms: number): string => `${dateOf(ms)} ${new Date(ms).getUTCFullYear()}`;
export function clockOf(ms: number, seconds = false): string {
  const date = new Date(ms);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}${seconds ? `:${two(date.getUTCSeconds())}` : ''}`;
}

/** `25 Nov 2026, 21:30:05 UTC` */
export const exactly = (at: Instant): string => `${yearOf(millis(at))}, ${clockOf(millis(at), true)} UTC`;

const STEPS = [
  [365 * DAY, 'year'],
  [30 * DAY, 'month'],
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
  [SECOND, 'second'],
] as const;

/** `2 days`, rounded down to the largest unit that fits; `moments` below a second. */
export function span(ms: number): string {
  const [unit, name] = STEPS.find(([unit]) => Math.abs(ms) >= unit) ?? [];
  if (unit === undefined) return 'moments';
  const count = Math.floor(Math.abs(ms) / unit);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** `in 2 days`, `3 hours ago`. */
export function fromNow(at: Instant, now: Instant): string {
  const ms = millis(at) - millis(now);
  if (Math.abs(ms) < SECOND) return 'now';
  return ms > 0 ? `in ${span(ms)}` : `${span(ms)} ago`;
}

/** Of what is yet to come: what is late comes now. */
export const ahead = (at: Instant, now: Instant): string => (at <= now ? 'now' : fromNow(at, now));
