/** The browser as a source of the evidence. Never throws for what a page does; always ends within its time. */
import type { Browser } from 'playwright-core';
import { checkUrl } from '../evidence/sites/addresses.ts';
import { blindObservation, type PageObservation } from '../evidence/sites/observation.ts';
import { asProblem } from '../evidence/sites/problem.ts';
import { redactedTokens } from '../evidence/sites/redact.ts';
import type { PageRequest, PageSource } from '../evidence/sites/source.ts';
import { launchChromium } from './chromium.ts';
import { type BrowserOptions, DEFAULT_BROWSER_LIMITS, systemLookup } from './options.ts';
import { startProxy } from './proxy.ts';
import { Session } from './session.ts';
import { CLOSE_MS, within } from './within.ts';

const LAUNCH_MS = 20_000;
/** For what comes before and after the visits: the context, the last bodies, the end of Chromium. */
const AROUND_MS = 40_000;

export function createBrowserSource(executablePath: string, options: BrowserOptions = {}): PageSource {
  const limits = { ...DEFAULT_BROWSER_LIMITS, ...options.limits };
  return {
    source: 'browser',
    longestMs: limits.totalMs + LAUNCH_MS + AROUND_MS,
    async observe(request) {
      const redact = redactedTokens(request.tokens);
      const refusal = refusalOf(request, options);
      if (refusal) return redact(refusal);
      const own = new Set([request.url, ...request.extraOrigins].flatMap((text) => URL.parse(text)?.origin ?? []));
      const proxy = await startProxy({
        allowPrivateHosts: options.allowPrivateHosts ?? [],
        lookup: options.lookup ?? systemLookup,
        maxBytes: limits.maxBytes,
        connectMs: limits.navigationMs,
      });
      let browser: Browser | undefined;
      try {
        browser = await launchChromium(executablePath, proxy.port, LAUNCH_MS);
        const session = new Session(browser, proxy, request, own, limits);
        return redact(await session.run(options.onScreenshot));
      } catch (error) {
        const message = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : '';
        return redact(blindObservation('browser', 'failed', `Chromium failed: ${message}`));
      } finally {
        await within(CLOSE_MS, browser?.close() ?? Promise.resolve());
        await proxy.close();
      }
    },
  };
}

/** What the proxy never sees: the page's own address, which might be a file of this machine. */
function refusalOf({ url, extraOrigins }: PageRequest, options: BrowserOptions): PageObservation | undefined {
  for (const text of [url, ...extraOrigins]) {
    try {
      checkUrl(new URL(text), { allowPrivateHosts: options.allowPrivateHosts ?? [] });
    } catch (error) {
      const { code, message } = asProblem(error);
      return blindObservation('browser', code, `it refuses ${text.slice(0, 200)}: ${message}`);
    }
  }
  return undefined;
}
