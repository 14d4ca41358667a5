/** Tokens of ours that somebody else revoked. */

import type { IntegrationState, PaddleToken, Token } from '../../domain/model.ts';
import { type Change, type Context, change, prune, withToken } from '../change.ts';

/** Somebody else revoked a token of ours. */
export function markLost(state: IntegrationState, token: Token, answer: PaddleToken, { now }: Context): Change {
  const lost: Token = { ...token, status: 'revoked', revokedAt: answer.revokedAt ?? now, revokedBy: 'external' };
  const was = token.status === 'current' ? 'the current token' : `a ${token.status} token`;
  const message = `${token.id}, ${was} of ${state.integration}, was revoked by somebody else.`;
  return change(prune(withToken(state, { ...lost, hold: undefined })), [
    { type: 'token.lost', tokenId: token.id, rotationId: token.rotationId, message, details: { was: token.status } },
  ]);
}
