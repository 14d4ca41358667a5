/** When an integration rotates: a fixed distance, or cron in a time zone. */
import { Cron } from 'croner';
import * as z from 'zod';
import { DAY, HOUR, YEAR } from './duration.ts';
import { duration, text } from './words.ts';

/** What of the environment bears on the configuration. */
export interface SchemaOptions {
  /** For demonstrations: rotations more often than hourly. */
  readonly allowShort: boolean;
}

/** Any fixed instant serves: the test only asks whether, and how often, the slots come. */
const REFERENCE = new Date('2026-01-01T00:00:00Z');

/** Why a cron expression cannot be used, if it cannot. */
function cronFault(cron: string, timezone: string, allowShort: boolean): string | undefined {
  if (cron.trim().split(/\s+/).length !== 5)
    return `"${cron}" must have exactly five fields: minute, hour, day of the month, month, day of the week`;
  try {
    const slots = new Cron(cron, { timezone, mode: '5-part', paused: true }).nextRuns(30, REFERENCE).map(Number);
    if (slots.length === 0) return `"${cron}" never comes`;
    const tooOften = slots.some((slot, index) => slot - (slots[index - 1] ?? Number.NEGATIVE_INFINITY) < HOUR);
    return tooOften && !allowShort ? `"${cron}" comes more often than hourly` : undefined;
  } catch (error) {
    return `"${cron}" is not a cron expression: ${(error as Error).message}`;
  }
}

const TOO_WIDE = 'must be shorter than the distance of two slots, or one would be passed over';

/** @param cron a valid one */
function leastDistance(cron: string, timezone: string): number {
  const slots = new Cron(cron, { timezone, mode: '5-part', paused: true }).nextRuns(30, REFERENCE).map(Number);
  return Math.min(...slots.slice(1).map((slot, index) => slot - (slots[index] ?? Number.NaN)));
}

/** An IANA name. Intl also takes offsets ("+01:00"), which would ignore daylight saving time. */
function isTimeZone(value: string): boolean {
  try {
    return /^[A-Za-z]/.test(value) && new Intl.DateTimeFormat('en', { timeZone: value }) !== undefined;
  } catch {
    return false;
  }
}

export const schedule = ({ allowShort }: SchemaOptions) =>
  z
    .strictObject({
      cron: text.optional(),
      timezone: text.optional(),
      every: duration(allowShort ? 1_000 : HOUR, 10 * YEAR).optional(),
      spread: duration(1_000, 7 * DAY).optional(),
    })
    .transform(({ cron, timezone, every, spread: spreadMs }, context) => {
      const spread = spreadMs !== undefined && { spreadMs };
      const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
      if ((cron === undefined) === (every === undefined)) {
        fault([], 'needs exactly one of "every" and "cron" (with "timezone")');
        return z.NEVER;
      }
      if (cron === undefined) {
        if (timezone !== undefined) fault(['timezone'], 'belongs to "cron"; a fixed distance has no time zone');
        if (spreadMs !== undefined && spreadMs >= Number(every)) fault(['spread'], TOO_WIDE);
        return { every: Number(every), ...spread };
      }
      if (timezone === undefined)
        fault(
          ['timezone'],
          'is missing: name the IANA time zone in which the slots are meant, such as "Europe/London" or "UTC"',
        );
      else if (!isTimeZone(timezone))
        fault(['timezone'], `"${timezone}" is not an IANA time zone, such as "Europe/London" or "UTC"`);
      const zone = timezone !== undefined && isTimeZone(timezone) ? timezone : 'UTC';
      const bad = cronFault(cron, zone, allowShort);
      if (bad) fault(['cron'], bad);
      else if (spreadMs !== undefined && spreadMs >= leastDistance(cron, zone)) fault(['spread'], TOO_WIDE);
      return { cron, timezone: zone, ...spread };
    });
