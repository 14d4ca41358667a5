/**
 * Sees every request of a page before it leaves: says who asks, adds the site's headers, stops what would create
 * something at Paddle, and ends the flood of a page that asks without end.
 */
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { isPaddles } from '../evidence/sites/admission.ts';
import { SCAN_HEADER } from '../evidence/sites/fetch.ts';

export interface GatekeeperOptions {
  readonly ownOrigins: ReadonlySet<string>;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxRequests: number;
  /** There were more than these. */
  readonly onFlood: () => void;
  /** Messages of an event stream. */
  readonly onMessage: (text: string, url: string) => void;
}

export interface Gatekeeper {
  attach(page: Page): Promise<void>;
  /** Calls to Paddle that were not let through. */
  readonly stopped: Set<string>;
  readonly isFlooded: boolean;
  /** Requests about which no decision could be carried out: they were stopped, and the page was not seen as it is. */
  readonly undecided: ReadonlySet<string>;
}

interface Paused {
  readonly requestId: string;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
  };
}

/** Asks, and creates nothing. */
const READ_ONLY = /\/(?:pricing-preview|transactions\/preview|[\w-]*preview)\/?$/;
const CREATES = /\/(?:transaction-checkout|transactions)\/?$/;

export function createGatekeeper(context: BrowserContext, options: GatekeeperOptions): Gatekeeper {
  const stopped = new Set<string>();
  const undecided = new Set<string>();
  let count = 0;
  const decide = async (session: CDPSession, { requestId, request }: Paused) => {
    count += 1;
    const { url, method, headers } = request;
    if (createsAtPaddle(url, method, headers)) {
      stopped.add(url);
      return session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
    }
    if (count > options.maxRequests) {
      options.onFlood();
      return session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
    }
    const origin = URL.parse(url)?.origin ?? '';
    if (!options.ownOrigins.has(origin)) return session.send('Fetch.continueRequest', { requestId });
    // Each hop of a redirect comes here by itself, so that the site's headers go to the site only.
    const all = { ...headers, [SCAN_HEADER]: 'browser', ...options.headers };
    const list = Object.entries(all).map(([name, value]) => ({ name, value: String(value) }));
    return session.send('Fetch.continueRequest', { requestId, headers: list });
  };
  return {
    stopped,
    undecided,
    get isFlooded() {
      return count > options.maxRequests;
    },
    async attach(page) {
      const session = await context.newCDPSession(page);
      const urls = new Map<string, string>();
      session.on('Fetch.requestPaused', (event) => {
        const paused = event as Paused;
        decide(session, paused).catch(async () => {
          // A page that was closed meanwhile asks for nothing any more.
          if (page.isClosed()) return;
          undecided.add(paused.request.url);
          const { requestId } = paused;
          // Left alone it would hang, and the page with it.
          await session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' }).catch(() => {});
        });
      });
      session.on('Network.requestWillBeSent', ({ requestId, request, type }) => {
        if (type === 'EventSource') urls.set(requestId, request.url);
      });
      session.on('Network.eventSourceMessageReceived', ({ requestId, data }) => {
        options.onMessage(data, urls.get(requestId) ?? page.url());
      });
      await session.send('Network.enable', {
        maxTotalBufferSize: 64 * 1024 * 1024,
        maxResourceBufferSize: 20 * 1024 * 1024,
      });
      await session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
    },
  };
}

/** Opening a checkout creates a transaction. Whatever is not known to only ask is stopped. */
export function createsAtPaddle(url: string, method: string, headers: Readonly<Record<string, string>>): boolean {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  const path = URL.parse(url)?.pathname ?? '';
  if (READ_ONLY.test(path)) return false;
  const carriesToken = Object.keys(headers).some((name) => name.toLowerCase() === 'paddle-clienttoken');
  return isPaddles(url) || carriesToken || CREATES.test(path);
}
