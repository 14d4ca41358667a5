/** One GET, as a visitor's browser would send it, inside the walls of `addresses.ts`, streamed and bounded. */
import http from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import tls from 'node:tls';
import zlib from 'node:zlib';
import { type AddressPolicy, checkUrl, guardedLookup, type Lookup } from './addresses.ts';
import { createDeadline } from './deadline.ts';
import { type Freshness, freshnessOf } from './freshness.ts';
import { asProblem, FetchProblem } from './problem.ts';

/** Says who asks, so that analytics and rate limits can leave us out. The browser sends it to the page's own origins. */
export const SCAN_HEADER = 'x-paddlewheel-scan';

/** What makes a phone of a browser for the servers that ask. */
const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile';

export interface FetchRequest {
  readonly url: string;
  /** Origins to which a redirect may lead. Absent: any public one. */
  readonly origins?: ReadonlySet<string>;
  /** Sent besides the usual ones, and only to these origins. */
  readonly headers?: { readonly origins: ReadonlySet<string>; readonly values: Readonly<Record<string, string>> };
  /** Ask every cache on the way to go to the origin. */
  readonly pastCaches: boolean;
  /** Use a connection of its own, so that a load balancer may choose another machine. */
  readonly freshConnection: boolean;
  /** Ends the request at the scan's deadline or when the scan has its answer. */
  readonly signal: AbortSignal;
  /** As a phone would ask: some servers answer phones another page. */
  readonly asPhone?: boolean;
  /** Called with the headers of every answer that is followed or read: cookies, addresses. */
  readonly onHeaders?: (text: string) => void;
  /** Called for every piece of a 2xx body, decompressed. May throw a `FetchProblem` to end the request. */
  readonly onData: (chunk: Buffer) => void;
}

export interface FetchResult {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  /** Lower case, without parameters; `''` when the server does not say. */
  readonly contentType: string;
  /** The `Link` header. */
  readonly link: string;
  /** How long caches may keep the answer. */
  readonly freshness?: Freshness;
}

export interface FetcherOptions extends AddressPolicy {
  readonly lookup: Lookup;
  readonly requestTimeoutMs: number;
  readonly maxRedirects: number;
  readonly concurrency: number;
  readonly userAgent: string;
  readonly ca?: string;
  /** How long the scan has worked on answers so far, ms: not counted as the site's time. */
  readonly ownWorkMs?: () => number;
}

export interface Fetcher {
  /** @throws FetchProblem when there is no answer, or none that may be read to its end */
  fetch(request: FetchRequest): Promise<FetchResult>;
  /** Closes idle connections. */
  close(): void;
}

export function createFetcher(options: FetcherOptions): Fetcher {
  // Agents of our own: the global ones may be told by the environment to use a proxy, which would resolve names itself.
  const settings = { keepAlive: true, maxSockets: options.concurrency };
  const agents = { 'http:': new http.Agent(settings), 'https:': new https.Agent(settings) };

  const follow = async (request: FetchRequest, signal: AbortSignal): Promise<FetchResult> => {
    let url = new URL(request.url);
    for (let hops = 0; hops <= options.maxRedirects; hops += 1) {
      checkUrl(url, options);
      const agent = request.freshConnection ? false : agents[url.protocol as 'http:' | 'https:'];
      const response = await send(url, { ...request, signal }, options, agent);
      const next = redirectTarget(url, response);
      const isRead = next !== undefined || isSuccess(response);
      if (isRead) request.onHeaders?.(response.rawHeaders.join('\n'));
      if (!next) return await read(url, response, { ...request, signal });
      response.destroy();
      if (request.origins && !request.origins.has(next.origin)) {
        throw new FetchProblem('redirect', `redirects to ${next.origin}, which is not an origin of this site check`);
      }
      url = next;
    }
    throw new FetchProblem('redirect', `more than ${options.maxRedirects} redirects`);
  };

  return {
    async fetch(request) {
      const deadline = createDeadline(options.requestTimeoutMs, options.ownWorkMs ?? (() => 0));
      const signal = AbortSignal.any([request.signal, deadline.signal]);
      const ended = Promise.withResolvers<never>();
      const end = () => ended.reject(signal.reason);
      signal.addEventListener('abort', end, { once: true });
      try {
        // Node's `pipeline` never ends when it is told to while it unpacks what has come in whole.
        return await Promise.race([follow(request, signal), ended.promise]);
      } catch (error) {
        throw signal.aborted && !(error instanceof FetchProblem) ? asProblem(signal.reason) : asProblem(error);
      } finally {
        signal.removeEventListener('abort', end);
        deadline.clear();
      }
    },
    close() {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

function send(
  url: URL,
  request: FetchRequest,
  options: FetcherOptions,
  agent: http.Agent | false,
): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const transport = url.protocol === 'https:' ? https : http;
  const outgoing = transport.request(url, {
    agent,
    signal: request.signal,
    lookup: guardedLookup(url, options.lookup, options) as never,
    ...(options.ca ? { ca: [...tls.rootCertificates, options.ca] } : {}),
    headers: {
      'user-agent': request.asPhone ? `${PHONE} ${options.userAgent}` : options.userAgent,
      accept: 'text/html,application/xhtml+xml,application/javascript,*/*;q=0.8',
      'accept-encoding': 'gzip, br, deflate',
      [SCAN_HEADER]: 'reader',
      ...(request.headers?.origins.has(url.origin) ? request.headers.values : {}),
      ...(request.pastCaches ? { 'cache-control': 'no-cache', pragma: 'no-cache' } : {}),
    },
  });
  outgoing.once('response', resolve);
  // `on`: a socket may fail again after the first failure, and an error nobody hears ends the process.
  outgoing.on('error', (error) => {
    // The server closed an idle connection just as we used it again: nothing was answered, so ask on a new one.
    const isStale = outgoing.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    if (isStale && !request.signal.aborted) resolve(send(url, request, options, false));
    else reject(error);
  });
  outgoing.end();
  return promise;
}

function redirectTarget(from: URL, response: http.IncomingMessage): URL | undefined {
  const status = response.statusCode ?? 0;
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const location = response.headers.location;
  const next = location ? URL.parse(location, from.href) : null;
  if (next) return next;
  response.destroy();
  throw new FetchProblem('redirect', `status ${status} without a usable Location`);
}

const isSuccess = ({ statusCode = 0 }: http.IncomingMessage): boolean => statusCode >= 200 && statusCode <= 299;

async function read(url: URL, response: http.IncomingMessage, request: FetchRequest): Promise<FetchResult> {
  const status = response.statusCode ?? 0;
  const result = {
    url: url.href,
    status,
    contentType: (response.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
    freshness: freshnessOf(response.headers),
    link: String(response.headers.link ?? '').slice(0, 8192),
  };
  if (!isSuccess(response)) {
    response.destroy();
    return result;
  }
  const consume = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) request.onData(chunk);
  };
  const decoder = decoderFor(response);
  if (decoder) await pipeline(response, decoder, consume, { signal: request.signal });
  else await pipeline(response, consume, { signal: request.signal });
  return result;
}

function decoderFor(response: http.IncomingMessage) {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return undefined;
  if (encoding === 'gzip' || encoding === 'x-gzip' || encoding === 'deflate') return zlib.createUnzip();
  if (encoding === 'br') return zlib.createBrotliDecompress();
  response.destroy();
  throw new FetchProblem('unreadable', `the content encoding ${encoding.slice(0, 40)} is not understood`);
}
