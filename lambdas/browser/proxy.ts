/**
 * The only way out of the browser: a proxy on loopback that resolves names and refuses addresses by the rules of the
 * reader, hands the socket exactly the addresses that it has checked, and counts what comes back.
 */
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type AddressPolicy, checkUrl, guardedLookup, type Lookup } from '../evidence/sites/addresses.ts';
import { asProblem, FetchProblem, type ProblemCode } from '../evidence/sites/problem.ts';

/** Every call there belongs to a checkout that is being opened. Scripts and previews come from elsewhere. */
const CHECKOUTS = /^(?:sandbox-)?checkout-service\.paddle\.com$/;

export interface ProxyOptions extends AddressPolicy {
  readonly lookup: Lookup;
  readonly maxBytes: number;
  readonly connectMs: number;
}

export interface Failure {
  readonly code: ProblemCode | 'stopped' | 'no-such-host';
  readonly message: string;
}

export interface FilteringProxy {
  readonly port: number;
  /** Why nothing could be had from the URL's host. */
  failureOf(url: string): Failure | undefined;
  /** More than `maxBytes` came in, so that everything was cut. */
  readonly isExhausted: boolean;
  readonly bytes: number;
  close(): Promise<void>;
}

const HOP_BY_HOP = /^(?:proxy-.*|connection|keep-alive|te|trailer|upgrade)$/i;

export async function startProxy(options: ProxyOptions): Promise<FilteringProxy> {
  const traffic = new Traffic(options);
  const server = http.createServer((request, response) => forward(request, response, traffic));
  server.on('connection', (socket) => traffic.track(socket));
  server.on('connect', (request, client: Duplex, head) => tunnel(request.url ?? '', client, head, traffic));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    failureOf: (url) => traffic.failures.get(hostOf(new URL(url))),
    get isExhausted() {
      return traffic.isExhausted;
    },
    get bytes() {
      return traffic.bytes;
    },
    async close() {
      traffic.cut();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What goes through one proxy, and what may not. */
class Traffic {
  readonly options: ProxyOptions;
  readonly failures = new Map<string, Failure>();
  bytes = 0;
  readonly #sockets = new Set<Duplex>();

  constructor(options: ProxyOptions) {
    this.options = options;
  }

  get isExhausted(): boolean {
    return this.bytes > this.options.maxBytes;
  }

  count = (chunk: Buffer): void => {
    this.bytes += chunk.length;
    if (this.isExhausted) this.cut();
  };

  track = (socket: Duplex): void => {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  };

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Before anything is resolved. */
  admits(url: URL): boolean {
    try {
      if (this.isExhausted) {
        throw new FetchProblem('too-large', `the page loads more than ${this.options.maxBytes} bytes`);
      }
      if (CHECKOUTS.test(url.hostname)) throw new FetchProblem('refused-url', 'a checkout was about to be opened');
      checkUrl(url, this.options);
      return true;
    } catch (error) {
      this.fail(url, error);
      return false;
    }
  }

  fail(url: URL, error: unknown): void {
    this.failures.set(hostOf(url), failureFrom(error));
  }

  /** Hands the socket exactly the addresses that were checked. */
  lookup(url: URL): never {
    return guardedLookup(url, this.options.lookup, this.options) as never;
  }
}

function forward(request: http.IncomingMessage, response: http.ServerResponse, traffic: Traffic): void {
  const url = URL.parse(request.url ?? '');
  if (url?.protocol !== 'http:') return void response.writeHead(400).end();
  if (!traffic.admits(url)) return void response.writeHead(502).end();
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.test(name)));
  const lookup = traffic.lookup(url);
  const outgoing = http.request(url, { method: request.method ?? 'GET', headers, lookup, agent: false });
  outgoing.setTimeout(traffic.options.connectMs, () => outgoing.destroy(notAnswered()));
  outgoing.on('socket', traffic.track);
  outgoing.on('error', (error) => {
    traffic.fail(url, error);
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  outgoing.on('response', (incoming) => {
    outgoing.setTimeout(0);
    const kept = Object.entries(incoming.headers).filter(([name]) => !HOP_BY_HOP.test(name));
    response.writeHead(incoming.statusCode ?? 502, Object.fromEntries(kept));
    incoming.on('data', traffic.count);
    incoming.on('error', () => response.destroy());
    incoming.on('aborted', () => response.destroy());
    incoming.pipe(response);
  });
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
}

function tunnel(authority: string, client: Duplex, head: Buffer, traffic: Traffic): void {
  traffic.track(client);
  // Sockets of the plain web (`ws:`) are tunnelled too.
  const url = URL.parse(`${/:80$/.test(authority) ? 'http' : 'https'}://${authority}`);
  if (!url) return void client.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  if (!traffic.admits(url)) return void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const upstream = net.connect({ host, port, lookup: traffic.lookup(url) });
  traffic.track(upstream);
  upstream.setTimeout(traffic.options.connectMs, () => upstream.destroy(notAnswered()));
  upstream.once('connect', () => {
    upstream.setTimeout(0);
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    upstream.on('data', traffic.count);
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on('error', (error) => {
    traffic.fail(url, error);
    client.destroy();
  });
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
}

const notAnswered = () => new FetchProblem('timeout', 'it did not answer');

/** `wss:` and `https:` to one host are one thing. */
const hostOf = (url: URL): string => {
  const isPlain = url.protocol === 'http:' || url.protocol === 'ws:';
  return `${url.hostname}:${url.port || (isPlain ? 80 : 443)}`;
};

function failureFrom(error: unknown): Failure {
  const problem = asProblem(error);
  const { code } = (problem.cause ?? {}) as { code?: string };
  if (problem.code === 'dns' && code === 'ENOTFOUND') return { code: 'no-such-host', message: problem.message };
  if (/a checkout was about/.test(problem.message)) return { code: 'stopped', message: problem.message };
  return { code: problem.code, message: problem.message };
}
