/** `/_simulator/…`: the control, over HTTP. No key, as it listens on loopback only; pages of other origins are refused. */
import { z } from 'zod';
import { type Control, UnknownIdError } from './control.ts';
import { Refusal } from './errors.ts';
import type { FaultRequest } from './faults.ts';
import { PERMISSIONS } from './permissions.ts';
import type { QuirksChange } from './quirks.ts';
import { findRoute } from './router.ts';
import { ENVIRONMENTS } from './state.ts';

export const CONTROL_PREFIX = '/_simulator/';

const environment = z.enum(ENVIRONMENTS);
const clockRequest = z.union([
  z.strictObject({ set: z.iso.datetime() }),
  z.strictObject({ advanceMs: z.number().int().min(0) }),
  z.strictObject({ freeze: z.literal(true) }),
  z.strictObject({ run: z.literal(true) }),
  z.strictObject({ reset: z.literal(true) }),
]);
const keyRequest = z.strictObject({
  key: z.string().optional(),
  environment: environment.optional(),
  permissions: z.array(z.enum(PERMISSIONS)).optional(),
  name: z.string().min(1).max(150).optional(),
  expires_at: z.iso.datetime().optional(),
  account: z.string().min(1).max(50).optional(),
});
const dashboardToken = z.strictObject({
  name: z.string(),
  description: z.string().nullish(),
  environment: environment.optional(),
});
const secretRotation = z.strictObject({ order: z.enum(['new-first', 'old-first']) });
const seed = z.strictObject({ seed: z.number().int().min(0).max(0xffffffff) });

export interface ControlCall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly origin: string;
  /** The `Origin` header, if a browser sent one. */
  readonly browserOrigin: string | undefined;
}

type Handler = (control: Control, body: unknown, id: string) => unknown;

/** Method and path below the prefix -> what it does. What is returned is the answer. */
const HANDLERS: Record<string, Handler> = {
  'GET state': (control) => control.state(),
  'POST reset': (control) => control.reset(),
  'GET quirks': (control) => control.quirks,
  'PATCH quirks': (control, body) => control.setQuirks(body as QuirksChange),
  'POST seed': (control, body) => control.reseed(seed.parse(body).seed),
  'GET faults': (control) => control.faults.list(),
  'POST faults': (control, body) => control.faults.add(body as FaultRequest),
  'DELETE faults': (control) => control.faults.clear(),
  'GET clock': (control) => clockJson(control),
  'POST clock': (control, body) => setClock(control, clockRequest.parse(body)),
  'POST deliveries/pause': (control) => control.deliveries.pause(),
  'POST deliveries/resume': (control) => control.deliveries.resume(),
  'POST dashboard/client-tokens': (control, body) => control.dashboard.create(dashboardToken.parse(body)),
  'PATCH dashboard/client-tokens/:id': (control, body, id) =>
    control.dashboard.rename(id, body as { name?: string; description?: string | null }),
  'POST dashboard/client-tokens/:id/revoke': (control, _, id) => control.dashboard.revoke(id),
  'POST api-keys': (control, body) => createKey(control, keyRequest.parse(body)),
  'POST api-keys/:id/revoke': (control, _, id) => control.apiKeys.revoke(id),
  'POST notification-settings/:id/rotate-secret': (control, body, id) =>
    control.secrets.rotate(id, secretRotation.parse(body).order),
  'POST notification-settings/:id/finish-secret-rotation': (control, _, id) => control.secrets.finish(id),
};

const ROUTES = Object.entries(HANDLERS).map(([key, handler]) => {
  const [method = '', path = ''] = key.split(' ');
  return {
    method: method as 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: `${CONTROL_PREFIX}${path}`,
    handler,
  };
});

/** @returns HTTP status and JSON; a fault of the caller is 400, 403, 404 or 405, with a sentence in `message` */
export function control(strings: Control, call: ControlCall): { status: number; json?: unknown } {
  try {
    if (call.browserOrigin !== undefined && call.browserOrigin !== call.origin) {
      return { status: 403, json: { message: 'the control takes no calls from pages' } };
    }
    const { route, params } = findRoute(ROUTES, call.method, call.path);
    const json = route.handler(strings, call.body, params.id ?? '');
    return json === undefined ? { status: 204 } : { status: 200, json };
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, json: { message: error.message } };
    if (error instanceof UnknownIdError) return { status: 404, json: { message: error.message } };
    if (error instanceof z.ZodError) return { status: 400, json: { message: z.prettifyError(error) } };
    if (error instanceof RangeError) return { status: 400, json: { message: error.message } };
    throw error;
  }
}

function createKey(control: Control, request: z.infer<typeof keyRequest>) {
  const { expires_at, ...rest } = request;
  return control.apiKeys.create({
    ...rest,
    ...(expires_at === undefined ? {} : { expiresAt: Date.parse(expires_at) }),
  });
}

function setClock(control: Control, request: z.infer<typeof clockRequest>) {
  const { clock } = control;
  if ('set' in request) clock.set(Date.parse(request.set));
  else if ('advanceMs' in request) clock.advance(request.advanceMs);
  else if ('freeze' in request) clock.freeze();
  else if ('run' in request) clock.run();
  else clock.reset();
  return clockJson(control);
}

const clockJson = ({ clock }: Control) => ({ now: new Date(clock.now()).toISOString(), frozen: clock.frozen });
