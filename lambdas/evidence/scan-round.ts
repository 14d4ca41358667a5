/** One scan of all sites of an integration, several side by side, over several runs if one is too short for it. */
import { createHash } from 'node:crypto';
import type { IntegrationConfig, ScanRound, Token } from '../domain/model.ts';
import { HOUR, later } from '../domain/time.ts';
import type { SiteFinding, SiteScanner } from './ports.ts';

/** Sites scanned at the same time; each is bounded in time and bytes by itself. */
const AT_ONCE = 6;
/** One batch takes no longer: the bound of one scan, with a margin. */
export const LONGEST_SCAN_MS = 65_000;
/** A round that nobody has carried on for so long begins anew: the first pages may serve something else by now. */
const ROUND_KEPT_MS = 2 * HOUR;

export interface Scanned {
  readonly findings: readonly SiteFinding[];
  /** Sites that earlier runs of the same round found clean. */
  readonly earlier: number;
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
  let scanned = earlier;
  // At least one batch, so that each run makes progress.
  while (scanned < sites.length && (findings.length === 0 || timeLeft() >= LONGEST_SCAN_MS)) {
    const batch = sites.slice(scanned, scanned + AT_ONCE);
    findings.push(...(await Promise.all(batch.map((site) => scanner.scan(site, tokens)))));
    // One page is enough to hold; the others need not be fetched for it.
    if (findings.some(({ verdict }) => verdict !== 'current')) return { findings, earlier };
    scanned += batch.length;
  }
  if (scanned === sites.length && timeLeft() > 0) return { findings, earlier };
  return { findings, earlier, round: { of, scanned, since: goesOn ? known.since : now, at: now } };
}

const digest = (what: unknown): string => createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16);
