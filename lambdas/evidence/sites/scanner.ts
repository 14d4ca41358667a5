/**
 * The site scan: does a page, with all that it loads, still serve a superseded token? Its answer is evidence for a
 * revocation that cannot be undone, so whatever is not certain is not `current`.
 */
import type { CredentialSource, SiteCheck } from '../../contract.ts';
import type { PageReading, SiteFinding, SiteScanner } from './finding.ts';
import { judgePage } from './judge.ts';
import { blindObservation, type PageObservation } from './observation.ts';
import type { SiteScannerOptions } from './options.ts';
import { leavesDoubt, readingOf } from './page-reading.ts';
import { createReader } from './reader.ts';
import { redactedTokens } from './redact.ts';
import type { PageRequest, PageSource } from './source.ts';
import { isToken, type Tokens } from './token-search.ts';

export type Site = SiteCheck;

/** The scanner, and the same for the command line, where the current token may be unknown. */
export interface SiteInspector extends SiteScanner {
  inspect(site: Site, tokens: Tokens): Promise<SiteFinding>;
}

export interface ScannerOptions extends SiteScannerOptions {
  /** Besides the reader, or in its place. Default: none. */
  readonly browser?: PageSource;
  /** Default true. */
  readonly reader?: boolean;
  /** Only for local use: without a browser on the machine, the reader's word alone counts. */
  readonly browserMayBeMissing?: boolean;
  /** Where the values of a site's `headers` come from. */
  readonly credentials?: { read(source: CredentialSource): Promise<string> };
}

/** @throws RangeError for limits that make no sense */
export function createSiteScanner(options: ScannerOptions = {}): SiteInspector {
  const { reader = true, browser } = options;
  const sources = [...(reader ? [createReader(options)] : []), ...(browser ? [browser] : [])];
  if (sources.length === 0) throw new RangeError('a scan needs the reader or the browser');
  const inspect = (site: Site, tokens: Tokens) => inspectSite(site, tokens, sources, options);
  return { inspect, scan: inspect, watch: (site, tokens) => watch(site, tokens, sources, options) };
}

async function inspectSite(
  site: Site,
  tokens: Tokens,
  sources: readonly PageSource[],
  { credentials, browserMayBeMissing }: ScannerOptions,
): Promise<SiteFinding> {
  const { url, ignore } = site;
  const redact = redactedTokens(tokens);
  const fault = tokenFault(tokens);
  if (fault) return redact(unreadable(url, 'tokens', fault));
  const request = await requestFor(site, tokens, credentials);
  const all: PageObservation[] = await Promise.all(sources.map((source) => attempt(source, request)));
  const observations = all.filter(({ failure }) => !(browserMayBeMissing && failure?.code === 'unavailable'));
  return redact(judgePage({ url, ignore, acknowledgedCaching: acknowledged(site) }, observations));
}

async function watch(
  site: Site,
  { gone: [superseded = '', ...alsoGone], current }: { gone: readonly string[]; current?: string },
  sources: readonly PageSource[],
  { credentials }: ScannerOptions,
): Promise<PageReading> {
  const tokens: Tokens = { superseded, alsoGone, ...(current === undefined ? {} : { current }) };
  const request = await requestFor(site, tokens, credentials);
  const observations: PageObservation[] = [];
  for (const source of sources) {
    observations.push(await attempt(source, request));
    if (!leavesDoubt(observations)) break;
  }
  const { url, ignore } = site;
  return redactedTokens(tokens)(readingOf({ url, ignore, acknowledgedCaching: acknowledged(site) }, observations));
}

const acknowledged = ({ acknowledgeCachingMs: ms }: Site): number | undefined => (ms === undefined ? ms : ms / 1000);

async function requestFor(
  site: Site,
  tokens: Tokens,
  credentials: ScannerOptions['credentials'],
): Promise<PageRequest> {
  const { url, extraOrigins, clicks } = site;
  const headers = await headerValues(site, credentials);
  return { url, extraOrigins, tokens, ...(clicks ? { clicks } : {}), ...(headers ? { headers } : {}) };
}

const unreadable = (url: string, code: string, message: string): SiteFinding => ({
  ...{ url, verdict: 'unreadable', message, reasons: [{ code, message, url }] },
});

/** A source that fails, or never answers, has nothing to say; that is a finding, never silence. */
async function attempt(page: PageSource, request: PageRequest): Promise<PageObservation> {
  const { source, longestMs } = page;
  const { promise: late, resolve } = Promise.withResolvers<PageObservation>();
  const timer = setTimeout(
    () => resolve(blindObservation(source, 'timeout', `it had no answer within ${longestMs / 1000} s`)),
    longestMs,
  );
  try {
    return await Promise.race([page.observe(request), late]);
  } catch (error) {
    return blindObservation(source, 'failed', error instanceof Error ? error.message : 'it failed');
  } finally {
    clearTimeout(timer);
  }
}

async function headerValues(
  { headers }: Site,
  credentials: ScannerOptions['credentials'],
): Promise<Readonly<Record<string, string>> | undefined> {
  const names = Object.entries(headers ?? {});
  if (names.length === 0) return undefined;
  if (!credentials) throw new RangeError('the headers of a site need a place to read their values from');
  const values = names.map(
    async ([name, source]) => [name.toLowerCase(), (await credentials.read(source)).trim()] as const,
  );
  return Object.fromEntries(await Promise.all(values));
}

function tokenFault({ superseded, current }: Tokens): string | undefined {
  if (!isToken(superseded)) return 'The superseded token is not a client-side token; nothing was scanned.';
  if (current !== undefined && !isToken(current))
    return 'The current token is not a client-side token; nothing was scanned.';
  return superseded === current ? 'The superseded and the current token are the same; nothing was scanned.' : undefined;
}
