/** One scan of all sites of an integration, several side by side, over several runs if one is too short for it. */
import { createHash } from 'node:crypto';
import type { CachedSite, IntegrationConfig, ScanRound, Token } from '../domain/model.ts';
import { HOUR, later } from '../domain/time.ts';
import type { SiteFinding, SiteScanner } from './ports.ts';

/** Sites scanned at the same time; each is bounded in time and bytes by itself. */
export const AT_ONCE = 6;
/** One batch takes no longer: the bound of the browser's answer (`adapters/aws/lambda-browser.ts`), with a margin. */
export const LONGEST_SCAN_MS = 130_000;
/** A round that nobody has carried on for so long begins anew: the first pages may serve something else by now. */
const ROUND_KEPT_MS = 2 * HOUR;

export interface Scanned {
  readonly findings: readonly SiteFinding[];
  /** Sites that earlier runs of the same round found clean. */
  readonly earlier: number;
  /** The longest that a cache may keep an older page of those sites. */
  readonly earlierCached?: CachedSite;
  /** Where the next run goes on. Absent: all sites are scanned, or one of them speaks against. */
  readonly round?: ScanRound;
}

export async function scanSites(
  subject: { now: string; config: IntegrationConfig; token: Token; current: Token },
  { scanner, timeLeft = () => Number.POSITIVE_INFINITY }: { scanner: SiteScanner; timeLeft?: () => number },
): Promise<Scanned> {
  const { now, config, token, current } = subject;
  const { sites } = config;
  const of = digest([sites, token.id, current.id]);
  const known = token.scanRound;
  const goesOn = known?.of === of && later(known.at, ROUND_KEPT_MS) > now;
  const earlier = goesOn ? known.scanned : 0;
  const tokens = { superseded: token.value, current: current.value };
  const findings: SiteFinding[] = [];
  const earlierCached = goesOn ? known.cached : undefined;
  const so = { findings, earlier, ...(earlierCached ? { earlierCached } : {}) };
  let scanned = earlier;
  // At least one batch, so that each run makes progress.
  while (scanned < sites.length && (findings.length === 0 || timeLeft() >= LONGEST_SCAN_MS)) {
    const batch = sites.slice(scanned, scanned + AT_ONCE);
    findings.push(...(await Promise.all(batch.map((site) => scanner.scan(site, tokens)))));
    // One page is enough to hold; the others need not be fetched for it.
    if (findings.some(({ verdict }) => verdict !== 'current')) return so;
    scanned += batch.length;
  }
  if (scanned === sites.length && timeLeft() > 0) return so;
  const cached = longestCached([...findings, ...(earlierCached ? [earlierCached] : [])]);
  const round = { of, scanned, since: goesOn ? known.since : now, at: now, ...(cached ? { cached } : {}) };
  return { ...so, round };
}

const secondsOf = ({ cache }: CachedSite): number => cache.seconds ?? Number.POSITIVE_INFINITY;

/** Of several sites, the one of which a cache may keep an older page the longest. */
export const longestCached = (sites: readonly Partial<CachedSite>[]): CachedSite | undefined =>
  sites
    .flatMap(({ url, cache }) => (url && cache ? [{ url, cache }] : []))
    .reduce<CachedSite | undefined>((a, b) => (a && secondsOf(a) >= secondsOf(b) ? a : b), undefined);

/** Which pages: clean scans of others prove nothing of one that joined. */
export const pagesOf = ({ sites }: Pick<IntegrationConfig, 'sites'>): string => digest(sites.map(({ url }) => url));

const digest = (what: unknown): string => createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16);
