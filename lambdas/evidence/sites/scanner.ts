/**
 * The site scan: does a page, with all that it loads, still serve a superseded token? Its answer is evidence for a
 * revocation that cannot be undone, so whatever is not certain is `error`, and an error proves nothing.
 */
import dns from 'node:dns/promises';
import type { SiteFinding, SiteScanner } from '../ports.ts';
import { checkUrl } from './addresses.ts';
import { type CrawlResult, crawl } from './crawl.ts';
import { createFetcher } from './fetch.ts';
import { limitsOf, type ScanLimits, type SiteScannerOptions } from './options.ts';
import { asProblem } from './problem.ts';
import { type How, isToken, type Tokens, type Which } from './token-search.ts';
import type { ResourceReport, Spending } from './visit.ts';

export interface Site {
  readonly url: string;
  readonly extraOrigins: readonly string[];
}

/** The scanner, and the same for the command line, where the current token may be unknown. */
export interface SiteInspector extends SiteScanner {
  inspect(site: Site, tokens: Tokens): Promise<SiteFinding>;
}

/** @throws RangeError for limits that make no sense */
export function createSiteScanner(options: SiteScannerOptions = {}): SiteInspector {
  const limits = limitsOf(options);
  const inspect = (site: Site, tokens: Tokens) => inspectSite(site, tokens, limits, options);
  return { inspect, scan: inspect };
}

async function inspectSite(
  site: Site,
  tokens: Tokens,
  limits: ScanLimits,
  options: SiteScannerOptions,
): Promise<SiteFinding> {
  const redact = redactor(tokens);
  const refused = (why: string): SiteFinding => ({ url: redact(site.url), verdict: 'error', message: redact(why) });
  const fault = tokenFault(tokens);
  if (fault) return refused(fault);
  const allowPrivateHosts = options.allowPrivateHosts ?? [];
  const origins = new Set<string>();
  for (const text of [site.url, ...site.extraOrigins]) {
    const url = URL.parse(text);
    if (!url) return refused('The scan was given something that is no URL.');
    try {
      checkUrl(url, { allowPrivateHosts });
    } catch (error) {
      return refused(`The scan refuses ${url.protocol}//${url.host}: ${asProblem(error).message}.`);
    }
    origins.add(url.origin);
  }
  const found = new AbortController();
  const deadline = AbortSignal.timeout(limits.scanTimeoutMs);
  const spending: Spending = { requests: 0, bytes: 0, ownWorkMs: 0 };
  const fetcher = createFetcher({
    ...{ allowPrivateHosts, ca: options.ca },
    requestTimeoutMs: limits.requestTimeoutMs,
    maxRedirects: limits.maxRedirects,
    ownWorkMs: () => spending.ownWorkMs,
    concurrency: limits.concurrency,
    lookup: options.lookup ?? ((hostname) => dns.lookup(hostname, { all: true })),
    userAgent: options.userAgent ?? 'Mozilla/5.0 (compatible; Paddlewheel site scan)',
  });
  try {
    const result = await crawl(site.url, {
      ...{ fetcher, limits, tokens, origins, spending, clock: options.clock ?? { now: () => performance.now() } },
      signal: AbortSignal.any([deadline, found.signal]),
      onFound: (resource) => {
        if (options.stopWhenFound !== false && howFound(resource, 'superseded')) found.abort();
      },
    });
    return finding(site.url, result, { spending, limits, redact, endedEarly: found.signal.aborted });
  } finally {
    fetcher.close();
  }
}

function tokenFault({ superseded, current }: Tokens): string | undefined {
  if (!isToken(superseded)) return 'The superseded token is not a client-side token; nothing was scanned.';
  if (current !== undefined && !isToken(current))
    return 'The current token is not a client-side token; nothing was scanned.';
  return superseded === current ? 'The superseded and the current token are the same; nothing was scanned.' : undefined;
}

/** Token values stand in no message, not even when a site puts them into the URLs of its scripts. */
function redactor(tokens: Tokens): (text: string) => string {
  const values = [tokens.superseded, tokens.current ?? ''].filter((value) => value !== '');
  return (text) => values.reduce((rest, value) => rest.replaceAll(value, `${value.slice(0, 5)}…`), text);
}

const howFound = (resource: ResourceReport, which: Which): How | undefined =>
  resource.found.find((match) => match.which === which)?.how;

interface FindingContext {
  readonly spending: Spending;
  readonly limits: ScanLimits;
  readonly redact: (text: string) => string;
  readonly endedEarly: boolean;
}

function finding(url: string, result: CrawlResult, context: FindingContext): SiteFinding {
  const { redact } = context;
  const superseded = best(result.resources, 'superseded');
  const current = best(result.resources, 'current');
  // A scan that ended because it had its answer left the rest unread; that is no problem of the site's.
  const problems = context.endedEarly ? [] : result.problems;
  const verdict = superseded ? 'superseded' : problems.length > 0 ? 'error' : current ? 'current' : 'neither';
  const deciding = superseded ?? (verdict === 'current' ? current : undefined);
  return {
    url: redact(url),
    verdict,
    ...(deciding ? { foundIn: redact(deciding.url) } : {}),
    message: redact(sentence(verdict, url, deciding, { ...result, problems })),
    details: details({ ...result, problems }, context),
  };
}

/** The resource with the surest match. */
function best(resources: readonly ResourceReport[], which: Which): ResourceReport | undefined {
  const holding = resources.filter((resource) => howFound(resource, which));
  return holding.find((resource) => howFound(resource, which) === 'bytes') ?? holding[0];
}

function sentence(
  verdict: SiteFinding['verdict'],
  url: string,
  deciding: ResourceReport | undefined,
  { resources, problems, skippedOrigins }: CrawlResult,
): string {
  const skipped = skippedOrigins.length > 0 ? ` Not followed: ${skippedOrigins.join(', ')}.` : '';
  switch (verdict) {
    case 'superseded': {
      const how = deciding && howFound(deciding, 'superseded');
      return `The superseded token is still served in ${deciding?.url} (${how === 'bytes' ? 'exact' : `tolerant: ${how}`}).`;
    }
    case 'current':
      return `${url} and what it loads (${resources.length} answers) serve the current token and nowhere the superseded one.${skipped}`;
    case 'neither':
      return `Neither token is in ${url} nor in what it loads (${resources.length} answers), which proves nothing.${skipped}`;
    default: {
      const [first] = problems;
      const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
      return `The scan of ${url} proves nothing: ${first?.url}: ${first?.message}${more}.${skipped}`;
    }
  }
}

/** Resources that matter first, so that the cut at `maxReported` loses the least. */
function details(result: CrawlResult, context: FindingContext): Record<string, unknown> {
  const { spending, limits, redact, endedEarly } = context;
  const answers = result.resources.filter((resource) => !(endedEarly && resource.problem === 'timeout'));
  const weight = (resource: ResourceReport) => (resource.found.length > 0 ? 0 : resource.problem ? 1 : 2);
  const resources = answers.sort((a, b) => weight(a) - weight(b)).slice(0, limits.maxReported);
  return {
    requests: spending.requests,
    bytes: spending.bytes,
    answers: answers.length,
    resources: resources.map((resource) => ({ ...resource, url: redact(resource.url) })),
    problems: result.problems.slice(0, limits.maxReported).map(({ url, code, message }) => ({
      ...{ url: redact(url), code, message: redact(message) },
    })),
    skippedOrigins: result.skippedOrigins,
    unresolvedImports: result.unresolvedImports,
  };
}
