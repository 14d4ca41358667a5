import { invalidFields } from './errors.ts';
import type { Answer, Call } from './router.ts';

const MAX_PER_PAGE = 200;
const COUNTED_AT_MOST = 100_000;

export interface Listing<T> {
  /** Everything that the filters let through, ascending by id. */
  readonly items: readonly T[];
  readonly id: (item: T) => string;
  readonly show: (item: T) => unknown;
  readonly prefix: string;
  readonly perPage?: number;
}

/** One page of a list, with `meta.pagination` as documented: `next` is always there, whether or not there is more. */
export function page<T>(call: Call, { items, id, show, prefix, perPage = 50 }: Listing<T>): Answer {
  const after = call.query.get('after') ?? undefined;
  if (after !== undefined && !after.startsWith(`${prefix}_`)) {
    throw invalidFields([{ field: 'after', message: `must be an id prefixed with ${prefix}_` }]);
  }
  const ascending = order(call.query.get('order_by')) === 'ASC';
  const size = pageSize(call.query.get('per_page'), perPage);
  const ordered = ascending ? items : items.toReversed();
  const rest =
    after === undefined ? ordered : ordered.filter((item) => (ascending ? id(item) > after : id(item) < after));
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  return {
    status: 200,
    data: shown.map(show),
    pagination: {
      per_page: size,
      next: nextUrl(call, last === undefined ? after : id(last), size),
      has_more: rest.length > size,
      estimated_total: skipsCount(call) ? -1 : Math.min(items.length, COUNTED_AT_MOST + 1),
    },
  };
}

const skipsCount = (call: Call) => String(call.headers['skip-count'] ?? '').toLowerCase() === 'true';

function order(value: string | null): 'ASC' | 'DESC' {
  const [, direction] = /^id\[(ASC|DESC)\]$/i.exec(value ?? 'id[DESC]') ?? [];
  if (!direction) throw invalidFields([{ field: 'order_by', message: 'must be id[ASC] or id[DESC]' }]);
  return direction.toUpperCase() === 'ASC' ? 'ASC' : 'DESC';
}

/** More than the maximum is quietly cut down to it. */
function pageSize(value: string | null, byDefault: number): number {
  if (value === null) return byDefault;
  if (!/^[1-9]\d{0,8}$/.test(value)) {
    throw invalidFields([{ field: 'per_page', message: 'must be a whole number of 1 or more' }]);
  }
  return Math.min(Number(value), MAX_PER_PAGE);
}

/** The request's own URL, filters and all, with the place to go on from. */
function nextUrl(call: Call, after: string | undefined, size: number): string {
  const query = new URLSearchParams(call.query);
  query.set('per_page', String(size));
  if (after !== undefined) query.set('after', after);
  return `${call.origin}${call.path}?${query}`;
}

/** A comma-separated filter. `undefined`: not given. */
export function csv(call: Call, name: string, allowed?: (value: string) => boolean): string[] | undefined {
  const text = call.query.get(name);
  if (text === null) return undefined;
  const values = text.split(',');
  if (allowed && !values.every(allowed)) {
    throw invalidFields([{ field: name, message: 'must be a comma-separated list of known values' }]);
  }
  return values;
}
