import type { Decision } from '../decision.ts';
import { type Snapshot, tokenById } from '../snapshot.ts';

/** Somebody says that Paddle knows better: ask, about tokens of ours that we believe alive. */
export function inspectSuspects({ state, suspects }: Snapshot): Decision | undefined {
  for (const tokenId of suspects) {
    const token = tokenById(state, tokenId);
    if (!token || token.status === 'revoked') continue;
    const message = `Asking Paddle about ${tokenId}, which somebody else may have changed.`;
    return { kind: 'inspect', tokenId, reason: 'suspect', message };
  }
  return undefined;
}

/** A token at Paddle bears our name, and the state does not know it: find out whether it is a late twin. */
export function claimStrays({ state, strays = [] }: Snapshot): Decision | undefined {
  const tokenId = strays.find((id) => !tokenById(state, id));
  if (!tokenId) return undefined;
  const message = `Asking whether ${tokenId}, which bears the name of ${state.integration}, is a twin of ours.`;
  return { kind: 'claim', tokenId, reason: 'stray', message };
}
