/** Instants as Paddle writes them, and as it might: RFC 3339 and its close relatives, read as one notation in UTC. */

const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)[Tt _](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,64}))?)?\s?([Zz]|[+\u2212-]\d\d(?::?\d\d)?)?$/;
/** Nobody needs a finer one, and a key has no room for it. */
const MOST_DIGITS = 9;

/**
 * @returns `2025-06-27T11:26:10.253482Z`, with as many digits of a second as there were, nine at most; `undefined` for what is
 * no instant. Without an offset it is UTC, the only one that Paddle documents.
 */
export function utcInstant(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 128) return undefined;
  const [, year, month, day, hour, minute, second = '00', fraction = '', offset = 'Z'] =
    INSTANT.exec(value.trim()) ?? [];
  if (year === undefined) return undefined;
  const fields = [year, month, day, hour, minute, second].map(Number);
  const ms = shifted(fields, offset);
  if (ms === undefined) return undefined;
  const [seconds = ''] = new Date(ms).toISOString().split('.');
  // A year of more than four digits would not sort among the others.
  if (seconds.length !== 19) return undefined;
  return `${seconds}${fraction === '' ? '' : `.${fraction.slice(0, MOST_DIGITS)}`}Z`;
}

/** Epoch ms of whole seconds; `undefined` for a date or time that does not exist. A leap second is the one after it. */
function shifted(fields: readonly number[], offset: string): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const date = new Date(0);
  // Not `Date.UTC`: it takes the years up to 99 for the last century.
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const minutes = offsetMinutes(offset);
  if (minutes === undefined) return undefined;
  return date.setUTCHours(hour, minute, second) - minutes * 60_000;
}

function offsetMinutes(offset: string): number | undefined {
  if (/^z$/i.test(offset)) return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(3).replace(':', '') || '0')];
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith('+') ? 1 : -1) * (hours * 60 + minutes);
}
