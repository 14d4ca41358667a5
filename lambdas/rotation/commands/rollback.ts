import type { IntegrationState } from '../../domain/model.ts';
import { tokenById } from '../../domain/tokens.ts';
import { intend } from '../intend.ts';
import type { Command } from '../reconcile.ts';
import { type Asker, doomed, isDoomed, reject, standing, taken } from './asker.ts';

/** Back to a superseded token while it is still valid. Without a name: the one superseded last. */
export const rollback =
  (tokenId: string | undefined, asker: Asker): Command =>
  (state, context) => {
    const what = tokenId ? `rollback ${tokenId}` : 'rollback';
    const before = taken(state, asker, what);
    if (before) return before;
    const fault = standing(state, context);
    if (fault) return reject(fault);
    const { rotation } = state;
    if (rotation?.source.kind === 'rollback' && (!tokenId || rotation.source.tokenId === tokenId)) return {};
    if (rotation) return reject(`action: rotation ${rotation.rotationId} is under way; roll back when it has ended.`);
    const candidates = state.tokens
      .filter((token) => token.status === 'superseded' && !isDoomed(token))
      .sort((a, b) => ((a.supersededAt ?? '') < (b.supersededAt ?? '') ? 1 : -1));
    const chosen = tokenId ? candidates.find((token) => token.id === tokenId) : candidates[0];
    if (!chosen) return reject(noRollback(state, tokenId));
    const source = { kind: 'rollback', tokenId: chosen.id } as const;
    return { change: intend(state, { trigger: 'rollback', source, emergency: false, ...asker, what }, context) };
  };

function noRollback(state: IntegrationState, tokenId: string | undefined): string {
  if (!tokenId) return 'action: there is no superseded token to roll back to.';
  const token = tokenById(state, tokenId);
  if (!token) return `tokenId: ${tokenId} is not a token of this integration.`;
  if (token.status !== 'revoked' && isDoomed(token)) return doomed(token);
  return `tokenId: ${tokenId} is ${token.status}; only a superseded token can come back.`;
}
