import type { Token } from '../../domain/model.ts';
import { tokenById } from '../../domain/tokens.ts';
import type { Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';

/**
 * Somebody says that Paddle knows better: ask, about tokens of ours that we believe alive. What pages serve comes first: however
 * much else was reported, it must not wait for that.
 */
export function recheckTokens({ state, recheck }: Snapshot): Decision | undefined {
  const reported = new Set(recheck);
  const urgency = ({ id, status }: Token): number =>
    status === 'current' ? 0 : id === state.rotation?.tokenId ? 1 : 2;
  const [token] = state.tokens
    .filter(({ id, status }) => reported.has(id) && status !== 'revoked')
    .sort((a, b) => urgency(a) - urgency(b));
  if (!token) return undefined;
  const message = `Asking Paddle about ${token.id}, which somebody else may have changed.`;
  return { kind: 'inspect', tokenId: token.id, reason: 'recheck', message };
}

/** A token at Paddle bears our name, and the state does not know it: find out whether it is a late twin. */
export function claimUnclaimed({ state, recheck }: Snapshot): Decision | undefined {
  const tokenId = recheck.find((id) => !tokenById(state, id));
  if (!tokenId) return undefined;
  const message = `Asking whether ${tokenId}, which bears the name of ${state.integration}, is a twin of ours.`;
  return { kind: 'claim', tokenId, reason: 'unclaimed', message };
}
