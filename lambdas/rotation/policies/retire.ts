import type { Instant, Token } from '../../domain/model.ts';
import { latest } from '../../domain/time.ts';
import { currentToken } from '../../domain/tokens.ts';
import { FORMER_TARGET_HOLDS } from '../../evidence/targets.ts';
import type { Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';

/**
 * Whatever is due for revocation: evidence first, then the record of the decision, then the PATCH. What an emergency condemned has
 * no time to wait until the pages of the others have been read.
 */
export function retireTokens(snapshot: Snapshot): Decision | undefined {
  const { tokens } = snapshot.state;
  for (const token of [
    ...tokens.filter(({ emergency }) => emergency),
    ...tokens.filter(({ emergency }) => !emergency),
  ]) {
    if (!mayRetire(snapshot, token)) continue;
    const at = retirementCheckAt(token);
    if (!at || at > snapshot.now) continue;
    return retire(snapshot, token);
  }
  return undefined;
}

/** Is the token one that is to be revoked sooner or later, with nobody against it? */
export function mayRetire({ state }: Snapshot, token: Token): boolean {
  if (state.pause && !token.emergency) return false;
  if (token.status === 'revoking') return true;
  if (token.status !== 'superseded' && token.status !== 'orphan') return false;
  if (token.manualHold) return false;
  const source = state.rotation?.source;
  const comingBack = source !== undefined && source.kind !== 'mint' && source.tokenId === token.id;
  return !comingBack;
}

/** When to check the token again: its deadline, or later while it is held. */
export function retirementCheckAt(token: Token): Instant | undefined {
  if (token.status === 'revoking') return token.hold?.nextCheckAt ?? token.revokingSince;
  if (token.status !== 'superseded' && token.status !== 'orphan') return undefined;
  // Somebody else's, taken over and not published: it has no deadline unless a person sets one.
  if (token.status === 'orphan' && !token.revokeAfter) return undefined;
  // The grace counts from when it is seen gone there, so that is asked for sooner than the deadline.
  const isThere = token.servedAt !== undefined && token.servedUntil === undefined;
  if (isThere && token.hold?.reason === FORMER_TARGET_HOLDS) return token.hold.nextCheckAt;
  // Without a deadline (grace that starts at the deployment) only the regular question for the deployment is due.
  return latest(token.revokeAfter ?? token.supersededAt, token.hold?.nextCheckAt);
}

function retire({ now, runId, state }: Snapshot, token: Token): Decision {
  const tokenId = token.id;
  if (token.status === 'revoking') {
    return token.revokingBy === runId && !token.manualHold
      ? { kind: 'revoke', tokenId, reason: 'proved', message: `Revoking ${tokenId}.` }
      : { kind: 'confirm', tokenId, reason: 'interrupted', message: `Asking Paddle whether ${tokenId} was revoked.` };
  }
  if (token.status === 'superseded' && !token.revokeAfter) {
    const current = currentToken(state)?.id ?? 'the current token';
    const message = `The grace window of ${tokenId} starts when ${current} is seen deployed.`;
    return { kind: 'check-deployed', tokenId, reason: 'awaiting_deployment', message };
  }
  const message = `The grace window of ${tokenId} is over (${token.revokeAfter ?? now}): gathering the evidence.`;
  return { kind: 'prove', tokenId, reason: 'due', message };
}
