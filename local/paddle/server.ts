/** The handler: sockets, limits and faults around the API. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiRequest, type ApiResponse, answer, apiRoutes, refused } from './api.ts';
import { BROWSER_PATHS } from './checkout.ts';
import type { Control } from './control.ts';
import { CONTROL_PREFIX, control } from './control-routes.ts';
import { Refusal } from './errors.ts';
import type { Fault } from './faults.ts';
import { parseJson, readBody, sendJson, sendText } from './http.ts';
import type { RequestEntry } from './state.ts';
import type { World } from './world.ts';

/** A connection that is never answered is closed in the end. */
const LONGEST_HANG_MS = 600_000;
/** Price previews are counted apart from everything else. */
const PREVIEW_LIMIT = { perMinute: 1000, lockOutMs: 60_000 };

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
  'Access-Control-Allow-Headers': 'Content-Type, Paddle-Clienttoken',
};

/** @param stopping ends every wait and every hanging connection */
export function createPaddleServer(world: World, strings: Control, stopping: AbortSignal): Server {
  const routes = apiRoutes(world);
  const perform = (request: ApiRequest) => answer(world, routes, request);
  return createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (stopping.aborted || response.destroyed) return;
      if (!response.headersSent) sendJson(response, 500, { message: `defect in the simulator: ${error}` });
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
    if (url.pathname.startsWith(CONTROL_PREFIX)) return handleControl(strings, request, response, url);
    if (request.method === 'OPTIONS' && BROWSER_PATHS.includes(url.pathname)) {
      return sendText(response, 204, '', { ...CORS, 'Access-Control-Max-Age': '600' });
    }
    await handleApi(request, response, url);
  }

  async function handleApi(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const method = request.method ?? 'GET';
    const entry: RequestEntry = {
      at: world.clock.now(),
      requestId: randomUUID(),
      method,
      path: url.pathname,
      query: url.search,
      status: null,
      fault: null,
    };
    world.state.record(entry);
    try {
      const text = await readBody(request);
      limit(world, request.socket.remoteAddress ?? '', url.pathname);
      const apiRequest = { method, url, headers: request.headers, text, requestId: entry.requestId };
      const fault = world.faults.take(method, url.pathname, text);
      if (fault) await strike(fault, apiRequest, response, entry);
      else send(response, entry, perform(apiRequest));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, entry, refused(error, entry.requestId));
    }
  }

  async function strike(fault: Fault, request: ApiRequest, response: ServerResponse, entry: RequestEntry) {
    entry.fault = `${fault.answer}, commit ${fault.commit}`;
    const result = fault.commit === 'done' ? perform(request) : undefined;
    if (fault.commit === 'late') void performLater(fault.delayMs, request);
    else if (fault.delayMs > 0) await sleep(fault.delayMs, undefined, { signal: stopping });
    if (fault.answer === 'drop') response.destroy();
    else if (fault.answer === 'hang') await hang(response);
    else if (fault.answer === 'normal' && result) send(response, entry, result);
    else send(response, entry, faultAnswer(fault.answer, entry.requestId));
  }

  async function performLater(delayMs: number, request: ApiRequest): Promise<void> {
    const cancelled = await sleep(delayMs, false, { signal: stopping }).catch(() => true);
    if (!cancelled) perform(request);
  }

  async function hang(response: ServerResponse): Promise<void> {
    await sleep(LONGEST_HANG_MS, undefined, { signal: AbortSignal.any([stopping, closed(response)]) }).catch(() => {});
    response.destroy();
  }
}

function closed(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

function limit(world: World, address: string, path: string): void {
  const { rateLimit } = world.quirks;
  if (!rateLimit || path === '/paddle/v2/paddle.js') return;
  if (path === '/pricing-preview') world.limits.count(`${address} preview`, world.clock.now(), PREVIEW_LIMIT);
  else world.limits.count(address, world.clock.now(), rateLimit);
}

function send(response: ServerResponse, entry: RequestEntry, answer: ApiResponse): void {
  entry.status = answer.status;
  const headers = { ...answer.headers, ...(BROWSER_PATHS.includes(entry.path) ? CORS : {}) };
  if (answer.text !== undefined) sendText(response, answer.status, answer.text, headers);
  else sendJson(response, answer.status, answer.json, headers);
}

/** What gateways and broken servers say. */
function faultAnswer(kind: Fault['answer'], requestId: string): ApiResponse {
  switch (kind) {
    case 'html-502':
      return {
        status: 502,
        text: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n',
        headers: { 'Content-Type': 'text/html' },
      };
    case 'empty-500':
      return { status: 500, text: '', headers: {} };
    case 'json-without-error':
      return { status: 500, json: { message: 'Internal server error' }, headers: {} };
    case 'service-unavailable':
      return refused(new Refusal('service_unavailable', 'Service is temporarily unavailable.'), requestId);
    case 'temporarily-unavailable':
      return refused(new Refusal('temporarily_unavailable', 'This endpoint is temporarily unavailable.'), requestId);
    default:
      return refused(new Refusal('internal_error', 'An unexpected error occurred.'), requestId);
  }
}

async function handleControl(
  strings: Control,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  try {
    const { status, json } = control(strings, {
      method: request.method ?? 'GET',
      path: url.pathname,
      body: parseJson(await readBody(request), request.headers['content-type']),
      origin: url.origin,
      browserOrigin: request.headers.origin,
    });
    sendJson(response, status, json);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    sendJson(response, error.status, { message: error.message });
  }
}
