/**
 * Paddle's lists, page by page: whole, or an error. A list that ends early by mistake must never pass for a whole one. Whoever
 * can do without an item that cannot be read says so, and is told of each.
 */

import type { output, ZodMiniType } from 'zod/mini';
import * as z from 'zod/mini';
import { RefusedError, TransientError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { Requester } from './request.ts';
import { pageSchema } from './types.ts';

export interface ListRequest<S extends ZodMiniType> {
  /** With its query: `/client-tokens?per_page=200`. */
  readonly path: string;
  readonly entity: S;
  readonly intent: string;
  readonly permission: string;
  /** Called with each item that cannot be read, which is then left out. Absent: one such item, and there is no list. */
  readonly onUnreadable?: OnUnreadable;
  /** Default 500. */
  readonly maxPages?: number;
  /** For all pages together (ms). Default 60 000. A single page keeps its own deadline too. */
  readonly deadlineMs?: number;
}

/** @param faults names of the properties that cannot be read */
export type OnUnreadable = (item: unknown, faults: readonly string[]) => void;

/**
 * Follows `meta.pagination.next` while `has_more`. Stop iterating to stop asking.
 * @throws RefusedError `foreign_pagination_host`, `pagination_loop`, `too_many_pages`
 * @throws TransientError `list_deadline`, and whatever a read throws
 */
export async function* pages<S extends ZodMiniType>(
  requester: Requester,
  clock: Clock,
  list: ListRequest<S>,
): AsyncGenerator<readonly output<S>[]> {
  const { intent, permission, entity, onUnreadable, maxPages = 500, deadlineMs = 60_000 } = list;
  const schema = pageSchema(onUnreadable ? z.unknown() : entity);
  const deadline = clock.now() + deadlineMs;
  const seen = new Set<string>();
  let path = list.path;
  for (let page = 1; ; page += 1) {
    seen.add(path);
    const answer = await requester.request({ method: 'GET', path, schema, intent, permission });
    yield onUnreadable ? readable(answer.data, entity, onUnreadable) : (answer.data as readonly output<S>[]);
    const { has_more, next } = answer.meta.pagination;
    if (!has_more) return;
    path = next ?? '';
    // A query alone, or nothing: only a whole address can be compared with the configured one.
    if (!URL.canParse(path)) throw new RefusedError('foreign_pagination_host', broken(intent, 'names no next page'));
    if (seen.has(path)) throw new RefusedError('pagination_loop', broken(intent, 'goes round in a circle'));
    if (page >= maxPages) throw new RefusedError('too_many_pages', broken(intent, `goes on after ${maxPages} pages`));
    if (clock.now() >= deadline)
      throw new TransientError('list_deadline', broken(intent, `took over ${deadlineMs} ms`));
  }
}

function readable<S extends ZodMiniType>(items: readonly unknown[], entity: S, onUnreadable: OnUnreadable) {
  return items.flatMap((item): output<S>[] => {
    const { data, error } = entity.safeParse(item);
    if (!error) return [data];
    onUnreadable(item, [...new Set(error.issues.map(({ path }) => path.join('.') || 'item'))]);
    return [];
  });
}

const broken = (intent: string, what: string) => `Asked to ${intent}, Paddle's list ${what}; it is not used in part`;
