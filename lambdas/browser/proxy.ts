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
  const failures = new Map<string, Failure>();
  const sockets = new Set<Duplex>();
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > options.maxBytes) for (const socket of sockets) socket.destroy();
  };
  const track = (socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  };
  /** @throws FetchProblem before anything is resolved */
  const check = (url: URL) => {
    if (bytes > options.maxBytes)
      throw new FetchProblem('too-large', `the page loads more than ${options.maxBytes} bytes`);
    if (CHECKOUTS.test(url.hostname)) throw new FetchProblem('refused-url', 'a checkout was about to be opened');
    checkUrl(url, options);
  };
  const fail = (url: URL, error: unknown) => failures.set(hostOf(url), failureFrom(error));

  const server = http.createServer((request, response) => {
    const url = URL.parse(request.url ?? '');
    if (url?.protocol !== 'http:') return void response.writeHead(400).end();
    try {
      check(url);
    } catch (error) {
      fail(url, error);
      return void response.writeHead(502).end();
    }
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.test(name)));
    const lookup = guardedLookup(url, options.lookup, options) as never;
    const outgoing = http.request(url, { method: request.method ?? 'GET', headers, lookup, agent: false });
    outgoing.setTimeout(options.connectMs, () => outgoing.destroy(new FetchProblem('timeout', 'it did not answer')));
    outgoing.on('socket', track);
    outgoing.on('error', (error) => {
      fail(url, error);
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
    outgoing.on('response', (incoming) => {
      outgoing.setTimeout(0);
      const kept = Object.entries(incoming.headers).filter(([name]) => !HOP_BY_HOP.test(name));
      response.writeHead(incoming.statusCode ?? 502, Object.fromEntries(kept));
      incoming.on('data', count);
      incoming.on('error', () => response.destroy());
      incoming.on('aborted', () => response.destroy());
      incoming.pipe(response);
    });
    response.on('close', () => outgoing.destroy());
    request.pipe(outgoing);
  });
  server.on('connection', track);
  server.on('connect', (request, client: Duplex, head) => {
    track(client);
    // Sockets of the plain web (`ws:`) are tunnelled too.
    const url = URL.parse(`${/:80$/.test(request.url ?? '') ? 'http' : 'https'}://${request.url}`);
    if (!url) return void client.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    try {
      check(url);
    } catch (error) {
      fail(url, error);
      return void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    }
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const upstream = net.connect({ host, port, lookup: guardedLookup(url, options.lookup, options) as never });
    track(upstream);
    upstream.setTimeout(options.connectMs, () => upstream.destroy(new FetchProblem('timeout', 'it did not answer')));
    upstream.once('connect', () => {
      upstream.setTimeout(0);
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      upstream.on('data', count);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', (error) => {
      fail(url, error);
      client.destroy();
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    failureOf: (url) => failures.get(hostOf(new URL(url))),
    get isExhausted() {
      return bytes > options.maxBytes;
    },
    get bytes() {
      return bytes;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

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
