import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type PaddleSimulator, type SimulatorOptions, startPaddleSimulator } from '../../local/paddle/simulator.ts';

const closers: (() => Promise<void>)[] = [];

/** Call from `afterEach`: stops everything that the test started. */
export async function stopAll(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
}

/** Without the rate limit, unless the test brings one: tests ask more often than 240 times a minute. */
export async function simulator(options: SimulatorOptions = {}): Promise<PaddleSimulator> {
  const started = await startPaddleSimulator({
    seed: 7,
    ...options,
    quirks: { rateLimit: null, ...options.quirks },
  });
  closers.push(() => started.stop());
  return started;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are what is under test; each test says what it expects of them
export type Json = any;

export interface Reply {
  readonly status: number;
  readonly json: Json;
  readonly text: string;
  readonly headers: Headers;
}

/** One request with the simulator's key. `headers` replaces it, also by nothing. */
export async function ask(
  paddle: PaddleSimulator,
  method: string,
  path: string,
  { body, headers, signal }: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Reply> {
  const response = await fetch(`${paddle.url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(headers ?? { Authorization: `Bearer ${paddle.apiKey}` }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, json: isJson ? JSON.parse(text) : undefined, text, headers: response.headers };
}

export const mint = async (paddle: PaddleSimulator, name: string): Promise<Json> =>
  (await ask(paddle, 'POST', '/client-tokens', { body: { name } })).json.data;

export const revoke = (paddle: PaddleSimulator, id: string): Promise<Reply> =>
  ask(paddle, 'PATCH', `/client-tokens/${id}`, { body: { status: 'revoked' } });

export const namesIn = async (paddle: PaddleSimulator, path: string): Promise<string[]> =>
  (await ask(paddle, 'GET', path)).json.data.map((token: Json) => token.name);

/** One clock that stands still until it is told otherwise. */
export function standingClock(instant = '2026-01-01T00:00:00.000Z') {
  const clock = { ms: Date.parse(instant), now: () => clock.ms };
  return clock;
}

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Json;
}

export interface Endpoint {
  readonly url: string;
  readonly received: Received[];
  /** Event types in the order of arrival. */
  readonly types: () => string[];
  /** Status of the answers from here on; `hang`: none at all. */
  answerWith: (status: number | 'hang') => void;
}

/** A webhook endpoint that remembers everything. */
export async function endpoint(): Promise<Endpoint> {
  const received: Received[] = [];
  let status: number | 'hang' = 200;
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, text, json: JSON.parse(text) });
      if (status !== 'hang') response.writeHead(status, { Location: '/elsewhere' }).end('thanks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    types: () => received.map(({ json }) => json.event_type),
    answerWith: (next) => {
      status = next;
    },
  };
}

export const TOKEN_EVENTS = ['client_token.created', 'client_token.updated', 'client_token.revoked'];

/** A destination for all three events of client-side tokens. */
export async function subscribe(
  paddle: PaddleSimulator,
  destination: string,
  change: Record<string, unknown> = {},
): Promise<Json> {
  const reply = await ask(paddle, 'POST', '/notification-settings', {
    body: { type: 'url', description: 'Test endpoint', destination, subscribed_events: TOKEN_EVENTS, ...change },
  });
  if (reply.status !== 201) throw new Error(`no destination: ${reply.text}`);
  return reply.json.data;
}
