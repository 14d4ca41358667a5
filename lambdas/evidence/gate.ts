/**
 * The evidence gate: what must be proved before a token is revoked for ever. An ordered list of checks, one small
 * module each; all are asked, so that a person sees everything that is missing, except the cap, which is counted only
 * when nothing else stands in the way. An error while gathering is never evidence.
 */

import { EffectError, ThrottledError } from '../domain/errors.ts';
import type { Evidence, EvidenceItem, Instant, IntegrationConfig, ScanRound, Token } from '../domain/model.ts';
import { instant } from '../domain/time.ts';
import { currentToken } from '../domain/tokens.ts';
import { checkCap } from './cap.ts';
import type { Case, Check, EvidenceSources, Finding } from './check.ts';
import { checkCurrent } from './current.ts';
import { LONGEST_SCAN_MS, pagesOf } from './scan-round.ts';
import { checkSeen } from './seen.ts';
import { CLEAN_SO_FAR, checkSites } from './sites.ts';
import { checkTargets } from './targets.ts';
import { checkUsage } from './usage.ts';

/** In the order in which they are told. */
const checks: readonly (readonly [kind: EvidenceItem['kind'], check: Check])[] = [
  ['current', checkCurrent],
  ['targets', checkTargets],
  ['usage', checkUsage],
  ['seen', checkSeen],
  ['sites', checkSites],
];

export interface Gathered {
  readonly evidence: Evidence;
  readonly cleanScan?: boolean;
  /** Of which pages. */
  readonly cleanScanOf?: string;
  readonly scanRound?: ScanRound;
  readonly currentLost?: boolean;
}

/** Gathers all evidence for or against revoking `token`, and says whether it suffices. */
export async function gatherEvidence(subject: Omit<Case, 'current'>, sources: EvidenceSources): Promise<Gathered> {
  const { now, config, state, token } = subject;
  if (token.emergency) {
    const message = `Emergency: no grace and no evidence, because "${token.emergency.reason}".`;
    return conclude(now, [{ kind: 'emergency', satisfied: true, reason: 'emergency', message }]);
  }
  const current = currentToken(state);
  if (!current || current.id === token.id) {
    const message = 'There is no other current token that pages could use instead.';
    return conclude(now, [{ kind: 'current', satisfied: false, reason: 'no_current', message }]);
  }
  const complete: Case = { ...subject, current };
  const { timeLeft = () => Number.POSITIVE_INFINITY } = sources;
  const asked = applicable(token, config);
  const found = new Map<EvidenceItem['kind'], Finding | undefined>();
  // A scan takes minutes, in which the rest may change: it is asked afterwards.
  for (const [kind, check] of asked.toSorted(([a], [b]) => Number(b === 'sites') - Number(a === 'sites'))) {
    const needed = kind === 'sites' && config.sites.length > 0 ? LONGEST_SCAN_MS : 0;
    found.set(kind, timeLeft() < needed ? tookTooLong(kind) : await attempt(kind, () => check(complete, sources)));
  }
  // What a scan left no time for is no cause of its own, when the scan is one.
  const isHeldBySites = found.get('sites')?.satisfied === false;
  const items = asked
    .flatMap(([kind]) => found.get(kind) ?? [])
    .filter(({ kind, reason }) => kind === 'sites' || reason !== TOO_LONG || !isHeldBySites);
  if (items.every((item) => item.satisfied)) {
    const item = await attempt('cap', () => checkCap(complete, sources));
    if (item) items.push(item);
  }
  // The function would end before the revocation does.
  if (timeLeft() <= 0 && items.every((item) => item.satisfied)) items.push(tookTooLong('cap'));
  const gathered = conclude(now, items);
  return gathered.cleanScan === undefined ? gathered : { ...gathered, cleanScanOf: pagesOf(config) };
}

const TOO_LONG = 'evidence_took_too_long';
const tookTooLong = (kind: EvidenceItem['kind']): EvidenceItem => {
  const message = `Gathering the evidence took longer than one run may last (at: ${kind}); it is gathered anew.`;
  return { kind, satisfied: false, reason: TOO_LONG, message };
};

/** An orphan was never published: that no target holds it is all there is to prove. One that a target held was in use. */
const applicable = (token: Token, { seen }: IntegrationConfig) =>
  token.status === 'orphan' && token.servedAt === undefined
    ? checks.filter(([kind]) => kind === 'current' || kind === 'targets')
    : checks.filter(([kind]) => kind !== 'seen' || seen);

/** A failure of an effect is a finding; a defect is not caught. */
async function attempt(
  kind: EvidenceItem['kind'],
  check: () => Promise<Finding | undefined>,
): Promise<Finding | undefined> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
    const message = `The evidence could not be gathered: ${error.message}`;
    const details = error instanceof ThrottledError ? { until: instant(error.retryAt) } : undefined;
    return { kind, satisfied: false, reason: error.code, message, ...(details && { details }) };
  }
}

function conclude(gatheredAt: Instant, findings: readonly Finding[]): Gathered {
  const items = findings.map(({ round, ...item }): EvidenceItem => item);
  const scanRound = findings.find(({ round }) => round)?.round;
  const satisfied = items.length > 0 && items.every((item) => item.satisfied);
  const sites = items.find((item) => item.kind === 'sites');
  return {
    evidence: { satisfied, gatheredAt, items },
    // A scan that was not had, or is not over, speaks neither for nor against.
    ...(sites && !scanRound && sites.reason !== TOO_LONG
      ? { cleanScan: sites.satisfied || CLEAN_SO_FAR.has(sites.reason) }
      : {}),
    ...(scanRound ? { scanRound } : {}),
    ...(items.some((item) => item.reason === 'current_revoked') ? { currentLost: true } : {}),
  };
}
