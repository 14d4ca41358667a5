import { later, millis } from '../domain/time.ts';
import type { Check } from './check.ts';
import type { SiteFinding } from './sites/finding.ts';
import { cacheWords } from './sites/judge.ts';

/** Sites scanned at the same time; each is bounded in time and bytes by itself. */
const AT_ONCE = 6;

/** Reasons to wait although every page was found clean. */
export const CLEAN_SO_FAR: ReadonlySet<string> = new Set(['scans_in_progress', 'cache_outlives_grace']);

/**
 * Every configured page serves the current token and nowhere the superseded one, in so many scans spread over so long,
 * and an older page can no longer come from a cache. Finding the current token is the positive control: a page where
 * neither is found proves nothing.
 */
export const checkSites: Check = async ({ now, config, token, current }, { scanner }) => {
  if (config.sites.length === 0) return undefined;
  const tokens = { superseded: token.value, current: current.value };
  const findings: SiteFinding[] = [];
  for (let at = 0; at < config.sites.length; at += AT_ONCE) {
    const sites = config.sites.slice(at, at + AT_ONCE);
    findings.push(...(await Promise.all(sites.map((site) => scanner.scan(site, tokens)))));
    // One page is enough to hold; the others need not be fetched for it.
    if (findings.some(notCurrent)) break;
  }
  const details = { findings: withinBounds(findings) };
  const hold = (reason: string, message: string, more = {}) => ({
    ...{ kind: 'sites' as const, satisfied: false, reason, message, details: { ...more, ...details } },
  });
  const against = findings.find((finding) => finding.verdict === 'superseded') ?? findings.find(notCurrent);
  if (against) return hold(reasonOf(against), `${against.message} Seen at ${now}.`);
  const clean = [...(token.cleanScans ?? []), now];
  const kept = keptLongest(findings, clean[0] ?? now, now);
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

/** @param since the first scan that found the page clean: until then, caches may have taken the older one */
function keptLongest(findings: readonly SiteFinding[], since: string, now: string) {
  const waits = findings.flatMap(({ url, cache }) => {
    if (!cache) return [];
    const until = cache.seconds === undefined ? undefined : later(since, cache.seconds * 1000);
    if (until !== undefined && until <= now) return [];
    const how = until ? `until ${until}` : 'for as long as a visitor stays away';
    const remedy = 'If that is too long, say in writing what is enough: acknowledgeCaching on the site.';
    const message = `An older ${url} may come from a cache ${how}; ${cacheWords(cache)}. ${remedy}`;
    return [{ until: until ?? 'never', message }];
  });
  // "never" sorts after every instant.
  return waits.sort((a, b) => (a.until < b.until ? 1 : -1))[0];
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
