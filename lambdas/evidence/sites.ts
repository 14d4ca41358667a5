import { millis } from '../domain/time.ts';
import type { Check } from './check.ts';
import type { SiteFinding } from './ports.ts';

/** Sites scanned at the same time; each is bounded in time and bytes by itself. */
const AT_ONCE = 6;

/**
 * Every configured page serves the current token and nowhere the superseded one, in so many scans spread over so long.
 * Finding the current token is the positive control: a page where neither is found proves nothing.
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
  const against = findings.find((finding) => finding.verdict === 'superseded') ?? findings.find(notCurrent);
  if (against) {
    const reason = reasons[against.verdict];
    const message = `${against.message} Seen at ${now}.`;
    return { kind: 'sites', satisfied: false, reason, message, details };
  }
  const clean = [...(token.cleanScans ?? []), now];
  const { count, overMs } = config.scans;
  const spread = millis(now) - millis(clean[0] ?? now);
  if (clean.length < count || spread < overMs) {
    const message = `${clean.length} of ${count} clean scans of the sites, over ${spread / 1000} of ${overMs / 1000} s.`;
    return { kind: 'sites', satisfied: false, reason: 'scans_in_progress', message, details };
  }
  const message = `${config.sites.length} site(s) serve ${current.id} and nowhere ${token.id}, in ${clean.length} scans.`;
  return { kind: 'sites', satisfied: true, reason: 'sites_clean', message, details };
};

/** Characters of JSON. The evidence is kept in one item of the audit trail, which holds 400 KB at most. */
const MOST_DETAIL = 150_000;

/** The per-URL results of as many sites as there is room for, of the first ones first; every verdict is kept. */
function withinBounds(findings: readonly SiteFinding[]): readonly SiteFinding[] {
  let left = MOST_DETAIL;
  return findings.map((finding) => {
    left -= JSON.stringify(finding).length;
    if (left >= 0) return finding;
    return { ...finding, details: { omitted: 'there was no room for the result of every URL' } };
  });
}

const notCurrent = (finding: SiteFinding): boolean => finding.verdict !== 'current';

const reasons = {
  superseded: 'site_serves_superseded',
  neither: 'site_without_token',
  error: 'site_unreadable',
  current: 'sites_clean',
} as const;
