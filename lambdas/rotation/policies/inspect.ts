import { tokenById } from '../../domain/tokens.ts';
import type { Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';

/** Somebody says that Paddle knows better: ask, about tokens of ours that we believe alive. */
export function recheckTokens({ state, recheck }: Snapshot): Decision | undefined {
  for (const tokenId of recheck) {
    const token = tokenById(state, tokenId);
    if (!token || token.status === 'revoked') continue;
    const message = `Asking Paddle about ${tokenId}, which somebody else may have changed.`;
    return { kind: 'inspect', tokenId, reason: 'recheck', message };
  }
  return undefined;
}

/** A token at Paddle bears our name, and the state does not know it: find out whether it is a late twin. */
export function claimUnclaimed({ state, recheck }: Snapshot): Decision | undefined {
  const tokenId = recheck.find((id) => !tokenById(state, id));
  if (!tokenId) return undefined;
  const message = `Asking whether ${tokenId}, which bears the name of ${state.integration}, is a twin of ours.`;
  return { kind: 'claim', tokenId, reason: 'unclaimed', message };
}
