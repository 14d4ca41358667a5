/** One invocation: a page to look at in, an observation out. */
import { blindObservation, type PageObservation } from '../evidence/sites/observation.ts';
import type { PageRequest } from '../evidence/sites/source.ts';
import { isToken } from '../evidence/sites/token-search.ts';
import { createBrowserSource } from './browser-source.ts';
import { findChromium } from './chromium.ts';
import type { BrowserOptions } from './options.ts';

export function createOpenPage(options: BrowserOptions): (event: unknown) => Promise<PageObservation> {
  return async (event) => {
    const request = pageRequestOf(event);
    if (!request)
      return blindObservation('browser', 'rejected', 'it was not told which page to open, or for which tokens');
    const executablePath = await findChromium();
    if (!executablePath) return blindObservation('browser', 'unavailable', 'there is no Chromium on this machine');
    return createBrowserSource(executablePath, options).observe(request);
  };
}

/** Only what is well formed goes near a browser; everything unknown is left behind. */
function pageRequestOf(event: unknown): PageRequest | undefined {
  const { url, extraOrigins = [], clicks = [], headers = {}, tokens } = (event ?? {}) as Record<string, unknown>;
  const { superseded, alsoGone = [], current } = (tokens ?? {}) as Record<string, unknown>;
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  // Whoever only watches a page may search for none that should be gone, or for several, or for those alone.
  if (superseded !== '' && (typeof superseded !== 'string' || !isToken(superseded))) return undefined;
  if (!isTexts(alsoGone) || !alsoGone.every(isToken)) return undefined;
  if (current !== undefined && (typeof current !== 'string' || !isToken(current))) return undefined;
  if (superseded === '' && current === undefined) return undefined;
  if (!isTexts(extraOrigins) || !isTexts(clicks) || typeof headers !== 'object' || headers === null) return undefined;
  const values = Object.entries(headers);
  if (!isTexts(values.map(([, value]) => value))) return undefined;
  const wanted = { superseded, alsoGone, ...(current === undefined ? {} : { current }) };
  return { url, extraOrigins, clicks, headers: Object.fromEntries(values), tokens: wanted };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= 50 && value.every((each) => typeof each === 'string');
