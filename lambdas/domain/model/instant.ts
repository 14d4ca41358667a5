/** ISO 8601 in UTC with milliseconds (`2026-11-22T05:36:00.000Z`): sorts as text in the order of time. */
export type Instant = string;
