import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from './errors.ts';
import type { Permission } from './permissions.ts';
import type { ApiKey, Environment } from './state.ts';

/** One request, authenticated as far as its route asks for it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; `undefined`: there was none. */
  readonly body: unknown;
  /** `http://host:port` as the caller wrote it. */
  readonly origin: string;
  /** Absent on public routes. */
  readonly key?: ApiKey;
  /** That of the key; on public routes, the simulator's own. */
  readonly environment: Environment;
}

export interface Answer {
  readonly status: number;
  readonly data?: unknown;
  readonly pagination?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of `data`: sent as it is. */
  readonly text?: string;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** `/client-tokens/:client_token_id` */
  readonly path: string;
  /** `public`: no key at all; `any`: any valid key. */
  readonly permission: Permission | 'public' | 'any';
  readonly handle: (call: Call) => Answer;
}

/**
 * @throws Refusal 404 for a path that no route has, 405 for another method
 */
export function findRoute<R extends Pick<Route, 'method' | 'path'>>(
  routes: readonly R[],
  method: string,
  path: string,
): { route: R; params: Record<string, string> } {
  let pathKnown = false;
  for (const route of routes) {
    const params = match(route.path, path);
    if (!params) continue;
    if (route.method === method) return { route, params };
    pathKnown = true;
  }
  throw pathKnown
    ? new Refusal('method_not_allowed', `Method ${method} is not allowed for this path.`)
    : new Refusal('not_found', 'There is nothing at this path.');
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith(':')) params[segment.slice(1)] = value;
    else if (segment !== value) return undefined;
  }
  return params;
}
