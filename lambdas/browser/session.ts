/**
 * Opens a page as a first-time visitor, and again as a returning one, and tells what ran, what it was answered, and what
 * Paddle.js was given.
 */
import { randomBytes } from 'node:crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  blindObservation,
  type CacheLifetime,
  type PageObservation,
  type Unread,
} from '../evidence/sites/observation.ts';
import type { PageRequest } from '../evidence/sites/source.ts';
import { createGatekeeper, type Gatekeeper } from './gatekeeper.ts';
import { IS_CONTROLLED } from './in-page.ts';
import { Initialisations } from './initialisations.ts';
import type { BrowserLimits, BrowserOptions } from './options.ts';
import { hookPaddle, type PaddleCall } from './paddle-hook.ts';
import type { FilteringProxy } from './proxy.ts';
import { Recorder } from './recorder.ts';
import { installed, keptByWorker } from './service-worker.ts';
import { asksPassword, contents, elsewhere, isResponsive, lookAround, openPage, press, settle } from './visit.ts';
import { CLOSE_MS, within } from './within.ts';

const PREPARE_MS = 20_000;

export class Session {
  readonly #browser: Browser;
  readonly #proxy: FilteringProxy;
  readonly #request: PageRequest;
  readonly #own: ReadonlySet<string>;
  readonly #limits: BrowserLimits;
  readonly #initialisations: Initialisations;
  readonly #doubts: Unread[] = [];
  readonly #kept: CacheLifetime[] = [];
  readonly #begun = performance.now();
  readonly #flood = Promise.withResolvers<void>();
  #context!: BrowserContext;
  #recorder!: Recorder;
  #gatekeeper!: Gatekeeper;
  #ended: { code: string; message: string } | undefined;
  #navigations = 0;
  #quiet = true;
  #returned = false;

  constructor(
    browser: Browser,
    proxy: FilteringProxy,
    request: PageRequest,
    own: ReadonlySet<string>,
    limits: BrowserLimits,
  ) {
    this.#browser = browser;
    this.#proxy = proxy;
    this.#request = request;
    this.#own = own;
    this.#limits = limits;
    this.#initialisations = new Initialisations(request.tokens);
  }

  async run(onScreenshot: BrowserOptions['onScreenshot']): Promise<PageObservation> {
    // Not within the visits' time, and not without an end either.
    const isPrepared = await within(
      PREPARE_MS,
      this.#prepare().then(() => true),
    );
    if (!isPrepared) return blindObservation('browser', 'failed', 'Chromium did not open a window');
    const left = () => this.#limits.totalMs - (performance.now() - this.#begun);
    let failure: { code: string; message: string } | undefined;
    const visits = async () => {
      failure = await this.#first(onScreenshot);
      if (!failure && !this.#isOver()) await this.#again();
    };
    const isInTime = await within(
      left(),
      Promise.race([visits(), this.#flood.promise]).then(() => true),
    );
    if (!isInTime && !this.#isOver()) this.#doubt('timeout', `the page was not done within ${this.#limits.totalMs} ms`);
    // Nothing more is learnt of it, and until it is closed it keeps the processor busy.
    if (this.#gatekeeper.isFlooded) await within(CLOSE_MS, this.#context.close());
    await this.#recorder.done();
    return this.#observation(failure ?? this.#ended);
  }

  async #prepare(): Promise<void> {
    const { headers = {}, tokens } = this.#request;
    const version = this.#browser.version().split('.', 1)[0];
    this.#context = await this.#browser.newContext({
      userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36 Paddlewheel`,
      viewport: { width: 1280, height: 900 },
      acceptDownloads: false,
      locale: 'en-GB',
    });
    this.#gatekeeper = createGatekeeper(this.#context, {
      ownOrigins: this.#own,
      headers,
      maxRequests: this.#limits.maxRequests,
      onFlood: this.#flood.resolve,
      onMessage: (text, from) => void this.#recorder.search(text, 'message', from),
    });
    const { stopped } = this.#gatekeeper;
    const ownOrigins = this.#own;
    this.#recorder = new Recorder(this.#context, {
      tokens,
      ownOrigins,
      proxy: this.#proxy,
      limits: this.#limits,
      stopped,
    });
    const name = `_${randomBytes(8).toString('hex')}`;
    await this.#context.exposeBinding(name, ({ frame }, call: PaddleCall) => this.#hear(call, frame.url()));
    await this.#context.addInitScript(`(${hookPaddle.toString()})(${JSON.stringify(name)})`);
    this.#context.on('page', (page) => {
      // A window that the page opens by itself: its requests are on record, and that is enough.
      void page.opener().then((opener) => opener && page.close().catch(() => {}));
    });
  }

  #hear(call: PaddleCall, frame: string): void {
    this.#initialisations.hear(call, frame);
    const last = this.#initialisations.list.at(-1);
    if (call.call !== 'initialize' || (last?.token !== 'current' && last?.token !== 'superseded')) return;
    if (last.token === 'current' && call.token !== this.#request.tokens.current) return;
    this.#recorder.sighted({ which: last.token, place: 'paddle', url: frame, how: 'bytes' });
  }

  #doubt(code: string, message: string): void {
    if (!this.#doubts.some((each) => each.code === code)) this.#doubts.push({ url: this.#request.url, code, message });
  }

  #isOver = (): boolean =>
    this.#ended !== undefined ||
    this.#gatekeeper.isFlooded ||
    this.#proxy.isExhausted ||
    this.#navigations > this.#limits.maxNavigations;

  async #newPage(): Promise<Page> {
    const page = await this.#context.newPage();
    page.on('crash', () => {
      this.#ended ??= { code: 'crashed', message: 'the page crashed the browser' };
    });
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame() && /^https?:/.test(frame.url())) this.#navigations += 1;
    });
    page.on('websocket', (socket) => {
      const hear = ({ payload }: { payload: string | Buffer }) =>
        void this.#recorder.search(String(payload), 'message', socket.url());
      socket.on('framereceived', hear);
      socket.on('framesent', hear);
    });
    await this.#gatekeeper.attach(page);
    return page;
  }

  async #settle(): Promise<void> {
    this.#quiet = (await settle(this.#recorder, this.#limits, this.#isOver)) && this.#quiet;
  }

  /** As somebody who was never here. @returns why there is no page */
  async #first(onScreenshot: BrowserOptions['onScreenshot']) {
    const page = await this.#newPage();
    const { failure } = await openPage(page, this.#request.url, this.#own, this.#limits);
    if (failure) return failure;
    await this.#settle();
    if (!(await isResponsive(page))) this.#doubt('unresponsive', 'its scripts never let go of the processor');
    if (this.#isOver() || this.#doubts.length > 0) return undefined;
    await lookAround(page);
    await this.#settle();
    await this.#read(page);
    for (const selector of this.#request.clicks ?? []) {
      const problem = await press(page, selector, this.#limits);
      if (problem) this.#doubt(problem.code, problem.message);
      await this.#settle();
      await this.#read(page);
    }
    await this.#checkPlace(page);
    const picture = onScreenshot && (await within(CLOSE_MS, page.screenshot({ type: 'png' })));
    if (picture) await onScreenshot?.(picture);
    if (await installed(page, 2_000)) await this.#settle();
    await this.#read(page);
    await within(CLOSE_MS, page.close());
    return undefined;
  }

  /** As somebody who was here before: a service worker may answer now. */
  async #again(): Promise<void> {
    const page = await this.#newPage();
    this.#navigations = 0;
    const { failure } = await openPage(page, this.#request.url, this.#own, this.#limits);
    if (failure) return this.#doubt(failure.code, `for a returning visitor, ${failure.message}`);
    await this.#settle();
    await this.#read(page);
    const isControlled = await within(CLOSE_MS, page.evaluate<boolean>(IS_CONTROLLED));
    await this.#checkPlace(page);
    await within(CLOSE_MS, page.close());
    if (isControlled) {
      const scripts = this.#recorder.answeredByWorker();
      const kept = await keptByWorker(this.#context, () => this.#context.newPage(), this.#request.url, scripts);
      this.#kept.push(...kept);
    }
    this.#returned = true;
  }

  async #read(page: Page): Promise<void> {
    for (const { url, html, stored } of await contents(page)) {
      this.#recorder.search(html, 'frame', url);
      this.#recorder.search(stored, 'storage', url);
    }
  }

  async #checkPlace(page: Page): Promise<void> {
    const moved = elsewhere(page.url(), this.#own);
    if (moved) this.#doubt('redirect', moved);
    const isAnother = URL.parse(page.url())?.pathname !== URL.parse(this.#request.url)?.pathname;
    const isSeen = this.#recorder.result().sightings.some(({ which }) => which === 'current');
    if ((isAnother || !isSeen) && (await asksPassword(page))) this.#doubt('login', 'the page asks for a password');
  }

  #observation(failure: { code: string; message: string } | undefined): PageObservation {
    const { limits, proxy } = { limits: this.#limits, proxy: this.#proxy };
    if (this.#navigations > limits.maxNavigations) this.#doubt('reloads', 'it goes somewhere else again and again');
    const [undecided] = this.#gatekeeper.undecided;
    if (undecided) this.#doubt('undecided', `requests could not be let through (${undecided.split('?', 1)[0]})`);
    if (this.#gatekeeper.isFlooded) this.#doubt('too-many', `the page needs more than ${limits.maxRequests} requests`);
    if (proxy.isExhausted) this.#doubt('too-large', `the page loads more than ${limits.maxBytes} bytes`);
    const { requests, caching, ...seen } = this.#recorder.result();
    const refused = failure && proxy.failureOf(this.#request.url);
    return {
      source: 'browser',
      ...(failure ? { failure: refused ? { code: refused.code, message: refused.message } : failure } : {}),
      ownOrigins: [...this.#own],
      ...seen,
      initialised: this.#initialisations.list,
      misconfigurations: this.#initialisations.faults,
      doubts: this.#doubts,
      caching: [...caching, ...this.#kept],
      returned: this.#returned,
      details: {
        requests,
        requestCount: this.#recorder.count,
        bytes: proxy.bytes,
        quiet: this.#quiet,
        ms: Math.round(performance.now() - this.#begun),
        stopped: [...this.#gatekeeper.stopped].map((url) => url.split('?', 1)[0]).slice(0, 20),
        paddle: requests.filter(({ url }) => /\.paddle\.com\//.test(url)),
      },
    };
  }
}
