/** Instants in words, in UTC: pages are shown to people in several zones, and the trail is in UTC. */

import { html, type Markup } from '../domain/html.ts';
import type { Instant } from '../domain/model.ts';
import { DAY, HOUR, MINUTE, millis, SECOND } from '../domain/time.ts';

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

/** Relative, with the instant behind it. */
export const when = (at: Instant, now: Instant): Markup =>
  html`<time datetime="${at}" title="${exactly(at)}">${fromNow(at, now)}</time>`;

/** Relative and exact, both to be read. */
export const whenExactly = (at: Instant, now: Instant): Markup =>
  html`<time datetime="${at}">${fromNow(at, now)}</time> <span class="pw-muted">(${exactly(at)})</span>`;

const DIGEST = /\bsha256:([0-9a-f]{8})[0-9a-f]{56}\b/g;

/** A message of the reconciler names instants and digests; people read them more easily in words. */
export const readable = (message: string): string =>
  message
    .replace(DIGEST, 'sha256:$1…')
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z/g, (at) => exactly(at));
