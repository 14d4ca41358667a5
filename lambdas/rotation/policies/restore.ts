import { currentToken } from '../../domain/tokens.ts';
import type { Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';

/** Targets that may not hold the current token come before anything new. Without a current one, the next mint heals. */
export function restoreTargets({ now, state }: Snapshot): Decision | undefined {
  const current = currentToken(state);
  if (!state.repair || !current || state.pause || state.repair.nextAttemptAt > now) return undefined;
  const message = `Publishing ${current.id} again: ${state.repair.reason}`;
  return { kind: 'restore', tokenId: current.id, reason: 'targets_differ', message };
}
