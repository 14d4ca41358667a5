import type { IntegrationState, UnclaimedToken } from '../../domain/model.ts';
import { tokenById } from '../../domain/tokens.ts';
import type { Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';

/** Tokens that only bear our name are asked about once a day, until they are gone. */
export function recheckUnclaimed({ now, state }: Snapshot): Decision | undefined {
  const due = state.pause ? undefined : unclaimedOf(state).find(({ nextCheckAt }) => nextCheckAt <= now);
  if (!due) return undefined;
  const message = `Asking whether ${due.id}, which bears the name of ${state.integration}, is still there.`;
  return { kind: 'claim', tokenId: due.id, reason: 'unclaimed', message };
}

export const unclaimedOf = (state: IntegrationState): readonly UnclaimedToken[] =>
  (state.unclaimed ?? []).filter(({ id }) => !tokenById(state, id));
