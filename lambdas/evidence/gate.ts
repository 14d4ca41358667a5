/**
 * The evidence gate: what must be proved before a token is revoked for ever. An ordered list of checks, one small
 * module each; all are asked, so that a person sees everything that is missing, except the cap, which is counted only
 * when nothing else stands in the way. An error while gathering is never evidence.
 */

import { EffectError } from '../domain/errors.ts';
import type { Evidence, EvidenceItem, Instant, Token } from '../domain/model.ts';
import { currentToken } from '../domain/tokens.ts';
import { checkCap } from './cap.ts';
import type { Case, Check, EvidenceSources } from './check.ts';
import { checkCurrent } from './current.ts';
import { CLEAN_SO_FAR, checkSites } from './sites.ts';
import { checkTargets } from './targets.ts';
import { checkUsage } from './usage.ts';

const checks: readonly (readonly [kind: EvidenceItem['kind'], check: Check])[] = [
  ['current', checkCurrent],
  ['targets', checkTargets],
  ['usage', checkUsage],
  ['sites', checkSites],
];

export interface Gathered {
  readonly evidence: Evidence;
  readonly cleanScan?: boolean;
  readonly currentLost?: boolean;
}

/** Gathers all evidence for or against revoking `token`, and says whether it suffices. */
export async function gatherEvidence(subject: Omit<Case, 'current'>, sources: EvidenceSources): Promise<Gathered> {
  const { now, state, token } = subject;
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
  const items: EvidenceItem[] = [];
  for (const [kind, check] of applicable(token)) {
    const item = await attempt(kind, () => check(complete, sources));
    if (item) items.push(item);
  }
  if (items.every((item) => item.satisfied)) {
    const item = await attempt('cap', () => checkCap(complete, sources));
    if (item) items.push(item);
  }
  return conclude(now, items);
}

/** An orphan was never published: that no target holds it is all there is to prove. */
const applicable = (token: Token) =>
  token.status === 'orphan' ? checks.filter(([kind]) => kind === 'current' || kind === 'targets') : checks;

/** A failure of an effect is a finding; a defect is not caught. */
async function attempt(
  kind: EvidenceItem['kind'],
  check: () => Promise<EvidenceItem | undefined>,
): Promise<EvidenceItem | undefined> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
    const message = `The evidence could not be gathered: ${error.message}`;
    return { kind, satisfied: false, reason: error.code, message };
  }
}

function conclude(gatheredAt: Instant, items: readonly EvidenceItem[]): Gathered {
  const satisfied = items.length > 0 && items.every((item) => item.satisfied);
  const sites = items.find((item) => item.kind === 'sites');
  return {
    evidence: { satisfied, gatheredAt, items },
    ...(sites ? { cleanScan: sites.satisfied || CLEAN_SO_FAR.has(sites.reason) } : {}),
    ...(items.some((item) => item.reason === 'current_revoked') ? { currentLost: true } : {}),
  };
}
