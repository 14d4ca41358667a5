/** Everything that the browser asked for and was answered, and where either token was in it. */

import { gunzipSync } from 'node:zlib';
import type { BrowserContext, Request, Response } from 'playwright-core';
import { isPaddles } from '../evidence/sites/admission.ts';
import { freshnessOf } from '../evidence/sites/freshness.ts';
import type { CacheLifetime, RequestRecord, Sighting, Unread } from '../evidence/sites/observation.ts';
import { isHashed, isVersioned } from '../evidence/sites/paths.ts';
import { createTokenSearch, type Tokens } from '../evidence/sites/token-search.ts';
import type { BrowserLimits } from './options.ts';
import type { FilteringProxy } from './proxy.ts';
import { within } from './within.ts';

/** Nobody keeps a token in these, or reads the answer. */
const NO_TEXT = new Set(['image', 'font', 'media', 'ping', 'cspviolationreport', 'preflight']);
/** Nothing runs that is not there or could not be read. */
const NO_CODE = new Set([...NO_TEXT, 'texttrack', 'stylesheet', 'manifest']);
/** Open by nature: what they say is searched as it comes. */
const STREAMS = new Set(['eventsource', 'websocket']);
const CODE = new Set(['document', 'script', 'other']);
const BODY_MS = 5_000;

interface Entry {
  readonly request: Request;
  readonly url: string;
  readonly type: string;
  outcome: 'open' | 'read' | 'failed' | 'bodiless' | 'unavailable';
  status?: number;
  bytes?: number;
  failure?: string;
  fromServiceWorker?: boolean;
}

export interface RecorderOptions {
  readonly tokens: Tokens;
  readonly ownOrigins: ReadonlySet<string>;
  readonly proxy: FilteringProxy;
  readonly limits: BrowserLimits;
  /** Requests that were stopped on purpose. */
  readonly stopped: ReadonlySet<string>;
}

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #entries = new Map<Request, Entry>();
  readonly #sightings = new Map<string, Sighting>();
  readonly #caching = new Map<string, CacheLifetime>();
  readonly #holders = new Set<string>();
  readonly #work = new Set<Promise<void>>();
  #lastActivity = performance.now();

  constructor(context: BrowserContext, options: RecorderOptions) {
    this.#options = options;
    context.on('request', (request) => this.#started(request));
    context.on('requestfinished', (request) => this.#later(this.#finished(request)));
    context.on('requestfailed', (request) => this.#failed(request));
  }

  get count(): number {
    return this.#entries.size;
  }

  /** Requests that are still open, streams aside; and for how long nothing has happened, ms. */
  activity(): { open: number; silentMs: number } {
    const open = [...this.#entries.values()].filter(({ outcome, type }) => outcome === 'open' && !STREAMS.has(type));
    return { open: open.length, silentMs: performance.now() - this.#lastActivity };
  }

  /** Searches a text that did not come as an answer. */
  search(text: string, place: Sighting['place'], url: string): boolean {
    return this.#search(Buffer.from(text), place, url);
  }

  /** @returns whether the current token is in it */
  #search(bytes: Buffer, place: Sighting['place'], url: string): boolean {
    const search = createTokenSearch(this.#options.tokens);
    search.push(bytes);
    const found = search.end();
    for (const { which, how } of found) {
      const key = `${which} ${place} ${url}`;
      if (!this.#sightings.has(key)) this.#sightings.set(key, { which, how, place, url });
    }
    return found.some(({ which }) => which === 'current');
  }

  sighted(sighting: Sighting): void {
    this.#sightings.set(`${sighting.which} ${sighting.place} ${sighting.url}`, sighting);
  }

  #later(work: Promise<void>): void {
    this.#work.add(work);
    void work.finally(() => this.#work.delete(work));
  }

  /** All bodies that were announced have been searched, or their time is over. */
  async done(): Promise<void> {
    await within(BODY_MS, Promise.allSettled([...this.#work]));
  }

  #started(request: Request): void {
    this.#lastActivity = performance.now();
    const url = request.url();
    if (!/^https?:/.test(url) || this.#entries.size > this.#options.limits.maxRequests * 2) return;
    this.#entries.set(request, { request, url, type: request.resourceType(), outcome: 'open' });
    const sent = [url, ...Object.values(request.headers()), request.postData()?.slice(0, 100_000) ?? ''].join('\n');
    this.search(sent, 'request', originAndPath(url));
  }

  async #finished(request: Request): Promise<void> {
    const entry = this.#entries.get(request);
    if (!entry) return;
    const response = await within(BODY_MS, request.response());
    this.#lastActivity = performance.now();
    if (!response) {
      entry.outcome = 'unavailable';
      return;
    }
    entry.status = response.status();
    entry.fromServiceWorker = response.fromServiceWorker();
    const failure = entry.status === 502 ? this.#options.proxy.failureOf(entry.url) : undefined;
    if (failure) {
      entry.outcome = 'failed';
      entry.failure = failure.code;
      return;
    }
    await this.#readHeaders(entry, response);
    await this.#read(entry, response);
    this.#lastActivity = performance.now();
  }

  /** Cookies, and what scripts take from the headers of an answer. */
  async #readHeaders({ url }: Entry, response: Response): Promise<void> {
    const headers = (await within(BODY_MS, response.headersArray())) ?? [];
    this.search(headers.map(({ value }) => value).join('\n'), 'response', url);
  }

  async #read(entry: Entry, response: Response): Promise<void> {
    const status = entry.status ?? 0;
    if (NO_TEXT.has(entry.type) || status === 204 || status === 304 || (status >= 300 && status < 400)) {
      entry.outcome = 'bodiless';
      return;
    }
    const size = Number((await within(BODY_MS, response.headerValue('content-length'))) ?? 0);
    const most = this.#options.limits.maxBodyBytes;
    const body = size > most ? undefined : await within(BODY_MS, response.body());
    // What was small on its way may be large when it is unpacked.
    if (!body || body.length > most) {
      entry.outcome = 'unavailable';
      return;
    }
    entry.bytes = body.length;
    entry.outcome = 'read';
    if (this.#search(unpacked(body, most), 'response', entry.url)) this.#holders.add(entry.url);
    if (!entry.fromServiceWorker && status === 200) await this.#keeps(entry, response);
  }

  /** The headers of the page and of scripts under a name that stays. */
  async #keeps({ url, type, request }: Entry, response: Response): Promise<void> {
    const isPage = type === 'document' && request.isNavigationRequest();
    if (!isPage && (type !== 'script' || isHashed(url) || isVersioned(url))) return;
    if (!this.#options.ownOrigins.has(new URL(url).origin)) return;
    const freshness = freshnessOf((await within(BODY_MS, response.allHeaders())) ?? {});
    if (freshness) this.#caching.set(url, { url, by: 'http', ...freshness });
  }

  #failed(request: Request): void {
    const entry = this.#entries.get(request);
    if (!entry) return;
    this.#lastActivity = performance.now();
    entry.outcome = 'failed';
    entry.failure = this.#options.proxy.failureOf(entry.url)?.code ?? request.failure()?.errorText ?? 'failed';
  }

  /** Scripts under a name that stays, which a service worker answered. */
  answeredByWorker(): string[] {
    const scripts = [...this.#entries.values()].filter(
      ({ fromServiceWorker, type }) => fromServiceWorker && type === 'script',
    );
    return [...new Set(scripts.map(({ url }) => url))].filter((url) => !isHashed(url) && !isVersioned(url));
  }

  result() {
    const entries = [...this.#entries.values()];
    const read = new Set(entries.filter(({ outcome }) => outcome === 'read').map(({ url }) => url));
    const unread = entries.flatMap((entry) => this.#unread(entry) ?? []).filter(({ url }) => !read.has(url));
    const missing = entries.filter((entry) => isMissing(entry)).map(({ url }) => url);
    return {
      sightings: [...this.#sightings.values()],
      caching: [...this.#caching.values()],
      read: [...read].slice(0, 1_000),
      missing: [...new Set(missing)].slice(0, 500),
      unread: unread.slice(0, 200),
      requests: this.#records(entries),
    };
  }

  #unread(entry: Entry): Unread | undefined {
    const { url, type, outcome, status = 0, failure = '' } = entry;
    if (NO_CODE.has(type) || STREAMS.has(type) || isPaddles(url) || this.#options.stopped.has(url)) return undefined;
    if (/\/favicon\.ico$/.test(url)) return undefined;
    const because = (code: string, message: string): Unread => ({ url, code, message });
    const isOwn = this.#options.ownOrigins.has(new URL(url).origin);
    if (outcome === 'open') return because('unfinished', 'it never ended');
    if (outcome === 'unavailable') return because('too-large', 'its content could not be had');
    if (outcome === 'bodiless') return undefined;
    if (isMissing(entry))
      return isOwn && CODE.has(type) ? because('status', `the server answered ${status}`) : undefined;
    // The page itself gave up, or may not read it; then it does nothing with it either.
    if (outcome === 'failed') return HARMLESS.test(failure) ? undefined : because('network', `it failed: ${failure}`);
    if (status >= 500 || status === 429) return because('status', `the server answered ${status}`);
    return status >= 400 && CODE.has(type) ? because('status', `the server answered ${status}`) : undefined;
  }

  #records(entries: readonly Entry[]): RequestRecord[] {
    const weight = ({ outcome, type }: Entry) =>
      outcome === 'read' && CODE.has(type) ? 0 : outcome === 'failed' ? 1 : 2;
    const sorted = [...entries].sort((a, b) => weight(a) - weight(b));
    return sorted.slice(0, this.#options.limits.maxReported).map(({ request, url, type, ...entry }) => ({
      ...{ url: url.slice(0, 300), method: request.method(), type },
      ...(entry.status === undefined ? {} : { status: entry.status }),
      ...(entry.bytes === undefined ? {} : { bytes: entry.bytes }),
      ...(entry.failure === undefined ? {} : { failure: entry.failure }),
      from: entry.fromServiceWorker ? 'service-worker' : 'network',
    }));
  }
}

/** A file that the page unpacks by itself is searched as what it is then. */
function unpacked(body: Buffer, maxOutputLength: number): Buffer {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return gunzipSync(body, { maxOutputLength });
  } catch {
    return body;
  }
}

const HARMLESS = /ERR_ABORTED|ERR_BLOCKED_BY|ERR_FAILED|ERR_UNSAFE_PORT|^stopped$/;

const isMissing = ({ status, failure }: Entry): boolean =>
  status === 404 || status === 410 || failure === 'no-such-host';

const originAndPath = (url: string): string => url.split('?', 1)[0] ?? url;
