/** The reader: what a page's code could load, followed through HTML, scripts and data without running any of it. */
import dns from 'node:dns/promises';
import { checkUrl } from './addresses.ts';
import { type CrawlResult, crawl } from './crawl.ts';
import { createFetcher } from './fetch.ts';
import { blindObservation, type PageObservation } from './observation.ts';
import { limitsOf, type ScanLimits, type SiteScannerOptions } from './options.ts';
import { asProblem } from './problem.ts';
import type { PageRequest, PageSource } from './source.ts';
import type { Spending } from './visit.ts';

/** For parsing what the site answered within its time. */
const OWN_WORK_MS = 60_000;

/** @throws RangeError for limits that make no sense */
export function createReader(options: SiteScannerOptions = {}): PageSource {
  const limits = limitsOf(options);
  const observe = (request: PageRequest) => read(request, limits, options);
  return { source: 'reader', longestMs: limits.scanTimeoutMs + OWN_WORK_MS, observe };
}

async function read(request: PageRequest, limits: ScanLimits, options: SiteScannerOptions): Promise<PageObservation> {
  const allowPrivateHosts = options.allowPrivateHosts ?? [];
  const origins = new Set<string>();
  for (const text of [request.url, ...request.extraOrigins]) {
    const url = URL.parse(text);
    if (!url) return blindObservation('reader', 'refused-url', 'it was given something that is no URL');
    try {
      checkUrl(url, { allowPrivateHosts });
    } catch (error) {
      const { code, message } = asProblem(error);
      return blindObservation('reader', code, `refuses ${url.protocol}//${url.host}: ${message}`);
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
    const result = await crawl(request.url, {
      ...{ fetcher, limits, tokens: request.tokens, origins, spending, headers: request.headers },
      clock: options.clock ?? { now: () => performance.now() },
      signal: AbortSignal.any([deadline, found.signal]),
      onFound: ({ found: matches }) => {
        if (options.stopWhenFound !== false && matches.some(({ which }) => which === 'superseded')) found.abort();
      },
    });
    return observation(result, { origins, spending, limits, endedEarly: found.signal.aborted });
  } finally {
    fetcher.close();
  }
}

interface Circumstances {
  readonly origins: ReadonlySet<string>;
  readonly spending: Spending;
  readonly limits: ScanLimits;
  readonly endedEarly: boolean;
}

function observation(result: CrawlResult, { origins, spending, limits, endedEarly }: Circumstances): PageObservation {
  const { resources, notes, leftOut, unresolvedImports } = result;
  // A scan that ended because it had its answer left the rest unread; that is no problem of the site's.
  const problems = endedEarly ? [] : result.problems;
  const page = problems.find(({ via, code }) => via === 'page' && code !== 'login');
  const answers = resources.filter((resource) => !(endedEarly && resource.problem === 'timeout'));
  const weight = ({ found, problem }: (typeof answers)[number]) => (found.length > 0 ? 0 : problem ? 1 : 2);
  const holders = answers.filter(({ found }) => found.some(({ which }) => which === 'current'));
  const brief = ({ url, code, message }: (typeof problems)[number]) => ({ url, code, message });
  return {
    source: 'reader',
    ...(page ? { failure: { code: page.code, message: `${page.url}: ${page.message}` } } : {}),
    ownOrigins: [...origins],
    sightings: answers.flatMap(({ url, found }) =>
      found.map(({ which, how }) => ({ which, how, url, place: 'response' as const })),
    ),
    initialised: [],
    misconfigurations: notes.misconfigurations(),
    unread: problems
      .filter(({ via, code }) => via !== 'page' || code === 'login')
      .filter(({ code }) => code !== 'login')
      .map(brief),
    doubts: problems.filter(({ code }) => code === 'login').map(brief),
    read: [...new Set(answers.filter(({ sha256, problem }) => sha256 && !problem).map(({ url }) => url))],
    missing: answers.filter(({ status }) => status === 404 || status === 410).map(({ url }) => url),
    caching: notes.caching(holders.map(({ url }) => url)),
    details: {
      ...{ requests: spending.requests, bytes: spending.bytes, answers: answers.length, leftOut, unresolvedImports },
      resources: answers.sort((a, b) => weight(a) - weight(b)).slice(0, limits.maxReported),
      problems: problems.slice(0, limits.maxReported).map(brief),
    },
  };
}
