/** How long browsers and content networks may answer from a copy, by the headers of an answer (RFC 9111, 5861, 8246, 9213). Pure. */
import type { IncomingHttpHeaders } from 'node:http';

export interface Freshness {
  /** Absent: there is no end to it. */
  readonly seconds?: number;
  /** `name: value` of the header that says so. */
  readonly header: string;
}

/** Without any word, caches take a tenth of the time since the last change. */
const HEURISTIC = 0.1;
const LONGEST_HEADER = 200;
/** Headers that speak to content networks only; the longest of them counts beside `Cache-Control`. */
const NETWORK_HEADERS = [
  'surrogate-control',
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'netlify-cdn-cache-control',
  'vercel-cdn-cache-control',
];

/** The longest time for which any cache may keep this answer; `undefined`: none may, or only by asking first. */
export function freshnessOf(headers: IncomingHttpHeaders): Freshness | undefined {
  const kept = [...NETWORK_HEADERS.flatMap((name) => byDirectives(name, headers)), ...byCacheControl(headers)];
  return kept.sort((a, b) => (b.seconds ?? Infinity) - (a.seconds ?? Infinity))[0];
}

function byDirectives(name: string, headers: IncomingHttpHeaders): Freshness[] {
  const value = textOf(headers[name]);
  const directives = parse(value);
  if (directives.has('no-store') || directives.has('no-cache')) return [];
  const longest = Math.max(seconds(directives, 'max-age') ?? 0, seconds(directives, 's-maxage') ?? 0);
  return positive(longest + (seconds(directives, 'stale-while-revalidate') ?? 0), name, value);
}

function byCacheControl(headers: IncomingHttpHeaders): Freshness[] {
  const value = textOf(headers['cache-control']);
  const directives = parse(value);
  if (directives.has('no-store') || directives.has('no-cache')) return [];
  const shared = directives.has('private') ? undefined : seconds(directives, 's-maxage');
  const own = seconds(directives, 'max-age');
  const stale = seconds(directives, 'stale-while-revalidate') ?? 0;
  if (shared !== undefined || own !== undefined) {
    return positive(Math.max(shared ?? 0, own ?? 0) + stale, 'cache-control', value);
  }
  // It says that it never changes, and not for how long: whoever believes that never asks again.
  if (directives.has('immutable')) return [{ header: line('cache-control', value) }];
  // Every server says what time it is; one that does not is taken at its word without end.
  const date = Date.parse(textOf(headers.date)) || 0;
  if (headers.expires !== undefined) {
    const expires = Date.parse(textOf(headers.expires));
    return positive(
      Number.isNaN(expires) ? stale : (expires - date) / 1000 + stale,
      'expires',
      textOf(headers.expires),
    );
  }
  const changed = Date.parse(textOf(headers['last-modified']));
  const guess = Number.isNaN(changed) ? 0 : ((date - changed) / 1000) * HEURISTIC;
  return positive(guess + stale, 'last-modified', textOf(headers['last-modified']));
}

function positive(value: number, name: string, text: string): Freshness[] {
  return value >= 1 ? [{ seconds: Math.floor(value), header: line(name, text) }] : [];
}

const line = (name: string, value: string) => `${name}: ${value}`.slice(0, LONGEST_HEADER);
const textOf = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? value.join(', ') : (value ?? '');

function parse(value: string): ReadonlyMap<string, string> {
  return new Map(
    value.split(',').flatMap((part) => {
      const [name = '', ...rest] = part.trim().split('=');
      return name === '' ? [] : [[name.toLowerCase().trim(), rest.join('=').replace(/^"|"$/g, '').trim()] as const];
    }),
  );
}

/** A value that is no number, or below zero, means "already stale". */
function seconds(directives: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = directives.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : 0;
}
