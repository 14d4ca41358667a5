/**
 * One HTTP exchange over `node:http(s)` with keep-alive: no retries, no redirects, no opinions about statuses.
 * Not `fetch`: its first use costs more than the rest of a cold start, and it cannot tell whether a request was sent.
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../domain/ports.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange, from the look-up of the host to the last byte of the answer. */
  readonly timeoutMs: number;
  /** A longer answer is cut off. */
  readonly maxBytes: number;
}

/** Anything of which at least the status arrived. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What arrived, as UTF-8. */
  readonly body: string;
  /** Why `body` is not all of it: `timeout`, `answer_too_large`, or the socket's error code. */
  readonly cutOff?: string;
}

/** No status arrived. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** `timeout`, or Node's: `ECONNREFUSED`, `ENOTFOUND`, `ECONNRESET`, `CERT_HAS_EXPIRED`, … */
  readonly code: string;
  /** False only when no byte of the request can have left: there was no (TLS) connection yet. */
  readonly maybeSent: boolean;
  constructor(code: string, maybeSent: boolean, options?: { cause?: unknown }) {
    super(maybeSent ? `no answer (${code})` : `no connection (${code})`, options);
    this.code = code;
    this.maybeSent = maybeSent;
  }
}

export interface Transport {
  /** @throws TransportError when no status arrived */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Ends idle connections, so that a process can exit. */
  close(): void;
}

/**
 * A frozen Lambda does not see the peer hang up, and a POST on such a connection ends as "perhaps sent". So a
 * connection that rested longer than this is not used again. Common servers keep idle ones for 5 s or more.
 */
const MAX_REST_MS = 4_000;

/** @param tls certificates to trust besides the system's own are for servers on this machine */
export function createTransport(clock: Clock, tls: { readonly ca?: string } = {}): Transport {
  const agents = new Map<string, HttpAgent>();
  let lastUsed = Number.NEGATIVE_INFINITY;

  const close = () => {
    for (const agent of agents.values()) agent.destroy();
    agents.clear();
  };

  function agentFor(protocol: string): HttpAgent {
    let agent = agents.get(protocol);
    if (agent === undefined) {
      agent = protocol === 'https:' ? new HttpsAgent({ keepAlive: true, ...tls }) : new HttpAgent({ keepAlive: true });
      agents.set(protocol, agent);
    }
    return agent;
  }

  function dropRested(): void {
    if (clock.now() - lastUsed <= MAX_REST_MS) return;
    for (const agent of agents.values()) {
      for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    }
  }

  async function send(request: HttpRequest): Promise<HttpAnswer> {
    dropRested();
    try {
      return await exchange(request, agentFor(request.url.protocol));
    } finally {
      lastUsed = clock.now();
    }
  }

  return { send, close };
}

function exchange(outgoing: HttpRequest, agent: HttpAgent): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const open = outgoing.url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = open(requestOptions(outgoing, agent));
    const connected = watchConnection(request, outgoing.url.protocol);

    let fail = (code: string, cause?: unknown) => reject(new TransportError(code, connected(), { cause }));
    const timer = setTimeout(() => abandon('timeout'), outgoing.timeoutMs);
    const abandon = (code: string, cause?: unknown) => {
      clearTimeout(timer);
      fail(code, cause);
      request.destroy();
    };

    request.on('error', (error: NodeJS.ErrnoException) => abandon(error.code ?? 'unknown', error));
    request.on('response', (response) => {
      // From here on there is a status, and no failure may lose it.
      const read = collect(response, outgoing.maxBytes, (answer) => {
        clearTimeout(timer);
        if (answer.cutOff !== undefined) request.destroy();
        resolve(answer);
      });
      fail = read.cutOff;
    });
    request.end(outgoing.body);
  });
}

function requestOptions(outgoing: HttpRequest, agent: HttpAgent): RequestOptions {
  const headers: Record<string, string> = { ...outgoing.headers };
  if (outgoing.body !== undefined) headers['content-length'] = String(Buffer.byteLength(outgoing.body));
  // Named one by one: credentials in the URL's user part are never followed.
  const { hostname, port, pathname, search } = outgoing.url;
  return {
    method: outgoing.method,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? undefined : Number(port),
    path: `${pathname}${search}`,
    headers,
    agent,
  };
}

/** Tells whether the request had a usable connection, that is whether its bytes may have left. */
function watchConnection(request: ClientRequest, protocol: string): () => boolean {
  let connected = false;
  request.on('socket', (socket: Socket) => {
    if (request.reusedSocket || !socket.connecting) {
      // A socket from the pool; a fresh TLS socket that has connected but not shaken hands is not handed out.
      connected = true;
      return;
    }
    socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      connected = true;
    });
  });
  return () => connected;
}

function collect(response: IncomingMessage, maxBytes: number, done: (answer: HttpAnswer) => void) {
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (cutOff?: string) =>
    done({
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      ...(cutOff === undefined ? {} : { cutOff }),
    });
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) {
      response.pause();
      finish('answer_too_large');
    } else chunks.push(chunk);
  });
  response.on('end', () => finish());
  response.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? 'unknown'));
  return { cutOff: (code: string) => finish(code) };
}
