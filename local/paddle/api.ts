/** The Paddle API itself: from a request to what Paddle would answer. Knows routes and keys, not sockets. */
import type { IncomingHttpHeaders } from 'node:http';
import { apiKeyRoutes } from './api-keys.ts';
import { authenticate } from './auth.ts';
import { checkoutRoutes } from './checkout.ts';
import { clientTokenRoutes } from './client-tokens.ts';
import { Deliveries } from './deliveries.ts';
import { errorBody, Refusal } from './errors.ts';
import { eventRoutes } from './events.ts';
import { parseJson } from './http.ts';
import { notificationSettingRoutes } from './notification-settings.ts';
import { notificationRoutes } from './notifications.ts';
import { type Answer, findRoute, type Route } from './router.ts';
import { simulationRoutes } from './simulations.ts';
import { State } from './state.ts';
import type { World } from './world.ts';

export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly requestId: string;
}

/** Ready to be sent: `json` or `text`. */
export interface ApiResponse {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function apiRoutes(world: World): Route[] {
  return [
    clientTokenRoutes,
    notificationSettingRoutes,
    eventRoutes,
    notificationRoutes,
    simulationRoutes,
    apiKeyRoutes,
    checkoutRoutes,
  ].flatMap((routes) => routes(world));
}

function otherAccount(world: World, name: string): World {
  const known = world.others.get(name);
  if (known) return known;
  const other: World = { ...world, state: new State(), deliveries: new Deliveries(() => other) };
  world.others.set(name, other);
  return other;
}

/** Carries the request out. Every refusal becomes the documented envelope; anything else that is thrown is a defect. */
export function answer(world: World, routes: readonly Route[], request: ApiRequest): ApiResponse {
  try {
    const { method, url, headers, requestId } = request;
    const found = findRoute(routes, method, url.pathname);
    const { permission } = found.route;
    const key = permission === 'public' ? undefined : authenticate(world, headers.authorization, permission);
    const { route, params } = key?.account
      ? findRoute(apiRoutes(otherAccount(world, key.account)), method, url.pathname)
      : found;
    const result = route.handle({
      method,
      path: url.pathname,
      params,
      query: url.searchParams,
      headers,
      body: parseJson(request.text, headers['content-type']),
      origin: url.origin,
      ...(key ? { key } : {}),
      environment: key?.environment ?? world.environment,
    });
    return envelope(result, requestId);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(error, request.requestId);
  }
}

export function refused(refusal: Refusal, requestId: string): ApiResponse {
  return {
    status: refusal.status,
    json: errorBody(refusal, requestId),
    headers: { ...refusal.headers, 'Request-Id': requestId },
  };
}

function envelope(result: Answer, requestId: string): ApiResponse {
  const headers = { ...result.headers, 'Request-Id': requestId };
  if (result.text !== undefined) return { status: result.status, text: result.text, headers };
  if (result.status === 204) return { status: 204, headers };
  const { data, pagination } = result;
  const meta = { request_id: requestId, ...(pagination ? { pagination } : {}) };
  return { status: result.status, json: { data, meta }, headers };
}
