import type { CachedSite } from '../domain/model.ts';
import { later, millis } from '../domain/time.ts';
import type { Check } from './check.ts';
import { cleanScansOf } from './clean-scans.ts';
import { longestCached, pagesOf, scanSites } from './scan-round.ts';
import type { SiteFinding } from './sites/finding.ts';
import { cacheWords } from './sites/judge.ts';

/** Reasons to wait although every page was found clean. */
export const CLEAN_SO_FAR: ReadonlySet<string> = new Set(['scans_in_progress', 'cache_outlives_grace']);

/**
 * Every configured page serves the current token and nowhere the superseded one, in so many scans spread over so long,
 * and an older page can no longer come from a cache. Finding the current token is the positive control: a page where
 * neither is found proves nothing.
 */
export const checkSites: Check = async ({ now, config, token, current }, sources) => {
  if (config.sites.length === 0) return undefined;
  const { findings, earlier, earlierCached, round } = await scanSites({ now, config, token, current }, sources);
  const details = { findings: withinBounds(findings), ...(earlier > 0 ? { cleanInEarlierRuns: earlier } : {}) };
  const hold = (reason: string, message: string, more = {}) => ({
    ...{ kind: 'sites' as const, satisfied: false, reason, message, details: { ...more, ...details } },
  });
  const against = findings.find((finding) => finding.verdict === 'superseded') ?? findings.find(notCurrent);
  if (against) return hold(reasonOf(against), `${against.message} Seen at ${now}.`);
  if (round) {
    const so = `${round.scanned} of ${config.sites.length} site(s) are scanned and clean since ${round.since}; the next run goes on.`;
    return { ...hold('scan_unfinished', so), round };
  }
  const clean = [...cleanScansOf(token, pagesOf(config), now, config), now];
  const cached = longestCached([...findings, ...(earlierCached ? [earlierCached] : [])]);
  const kept = cached && keptLongest(cached, clean[0] ?? now, now);
  if (kept) return hold('cache_outlives_grace', kept.message, { cacheUntil: kept.until });
  const { count, overMs } = config.scans;
  const spread = millis(now) - millis(clean[0] ?? now);
  if (clean.length < count || spread < overMs) {
    const so = `${clean.length} of ${count} clean scans of the sites, over ${spread / 1000} of ${overMs / 1000} s.`;
    return hold('scans_in_progress', so);
  }
  const message = `${config.sites.length} site(s) serve ${current.id} and nowhere ${token.id}, in ${clean.length} scans.`;
  return { kind: 'sites', satisfied: true, reason: 'sites_clean', message, details };
};

/** Said before any evidence is gathered: what the caches will make a revocation wait for, beyond its grace. */
export function cacheForecast({ url, cache }: CachedSite, graceMs: number) {
  if (cache.seconds !== undefined && cache.seconds * 1000 <= graceMs) return undefined;
  const message = `An older ${url} may come from a cache ${cacheWords(cache)}. That is longer than the grace window: the revocation will wait for it, unless acknowledgeCaching on the site says what is enough.`;
  return { reason: 'cache_outlives_grace', message, url: cache.url, header: cache.header, seconds: cache.seconds };
}

/** @param since the first scan that found the page clean: until then, caches may have taken the older one */
function keptLongest({ url, cache }: CachedSite, since: string, now: string) {
  const until = cache.seconds === undefined ? undefined : later(since, cache.seconds * 1000);
  if (until !== undefined && until <= now) return undefined;
  const how = until ? `until ${until}` : 'for as long as a visitor stays away';
  const remedy = 'If that is too long, say in writing what is enough: acknowledgeCaching on the site.';
  return {
    until: until ?? 'never',
    message: `An older ${url} may come from a cache ${how}; ${cacheWords(cache)}. ${remedy}`,
  };
}

/** Characters of JSON. The evidence is kept in one item of the audit trail, which holds 400 KB at most. */
const MOST_DETAIL = 150_000;

/** The per-URL results of as many sites as there is room for, of the first ones first; every verdict is kept. */
function withinBounds(findings: readonly SiteFinding[]): readonly SiteFinding[] {
  let left = MOST_DETAIL;
  return findings.map((finding) => {
    left -= JSON.stringify(finding).length;
    if (left >= 0) return finding;
    const { url, verdict, message, waived } = finding;
    const details = { omitted: 'there was no room for the result of every URL' };
    return { url, verdict, message, reasons: finding.reasons.slice(0, 3), ...(waived && { waived }), details };
  });
}

const notCurrent = (finding: SiteFinding): boolean => finding.verdict !== 'current';

function reasonOf({ verdict, reasons }: SiteFinding): string {
  if (verdict === 'superseded') return 'site_serves_superseded';
  if (verdict === 'misconfigured') return 'site_misconfigured';
  if (verdict === 'unreadable') return 'site_unreadable';
  return reasons.every(({ code }) => code === 'current_not_seen') ? 'site_without_token' : 'site_incomplete';
}
