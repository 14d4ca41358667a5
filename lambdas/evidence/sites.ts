import type { SiteFinding } from '../rotation/ports.ts';
import { millis } from '../rotation/time.ts';
import type { Check } from './gate.ts';

/**
 * Every configured page serves the current token and nowhere the superseded one, in so many scans spread over so long.
 * Finding the current token is the positive control: a page where neither is found proves nothing.
 */
export const checkSites: Check = async ({ now, config, token, current }, { scanner }) => {
  if (config.sites.length === 0) return undefined;
  const findings: SiteFinding[] = [];
  for (const site of config.sites) {
    findings.push(await scanner.scan(site, { superseded: token.value, current: current.value }));
  }
  const details = { findings };
  const against = findings.find((finding) => finding.verdict === 'superseded') ?? findings.find(notCurrent);
  if (against) {
    const reason = reasons[against.verdict];
    return { kind: 'sites', satisfied: false, reason, message: against.message, details };
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

const notCurrent = (finding: SiteFinding): boolean => finding.verdict !== 'current';

const reasons = {
  superseded: 'site_serves_superseded',
  neither: 'site_without_token',
  error: 'site_unreadable',
  current: 'sites_clean',
} as const;
