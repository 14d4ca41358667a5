const UNITS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

export const MINUTE = UNITS.minute;
export const HOUR = UNITS.hour;
export const DAY = UNITS.day;
export const YEAR = 365 * DAY;

/**
 * `'48 hours'` -> milliseconds. Strict: one whole number, one unit. Months and years are refused, since they have no
 * fixed length; so is a bare number, since nobody could tell its unit.
 * @throws RangeError whose message is a remedy
 */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d{1,9}) ?(second|minute|hour|day|week)s?$/.exec(text.trim()) ?? [];
  if (count === undefined || unit === undefined)
    throw new RangeError(`"${text}" is not a length of time; write for instance "90 seconds", "48 hours" or "30 days"`);
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}

/** The largest unit that divides evenly, for messages. */
export function formatDuration(ms: number): string {
  for (const [unit, size] of Object.entries(UNITS).reverse()) {
    if (ms >= size && ms % size === 0) return `${ms / size} ${unit}${ms === size ? '' : 's'}`;
  }
  return `${ms} ms`;
}
