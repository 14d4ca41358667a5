/** Tokens of ours that somebody else revoked. */

import type { IntegrationState, PaddleToken, Token } from '../../domain/model.ts';
import { DAY, earliest, later } from '../../domain/time.ts';
import { type Change, type Context, change, prune, withToken } from '../change.ts';
import { hurried } from './retry.ts';
import { wasPublished, watched } from './watch.ts';

/**
 * Somebody else revoked a token of ours. Without a current one, the rotation under way is what heals: at once. So it is when
 * the token was about to be published: some targets may hold it, or all.
 */
export function markLost(state: IntegrationState, token: Token, answer: PaddleToken, context: Context): Change {
  const { now } = context;
  // What waits for a loss to grow old goes by our own clock, which may be behind that of Paddle.
  const revokedAt = earliest(answer.revokedAt, now);
  const lost: Token = { ...token, status: 'revoked', revokedAt, revokedBy: 'external' };
  const was = token.status === 'current' ? 'the current token' : `a ${token.status} token`;
  const message = `${token.id}, ${was} of ${state.integration}, was revoked by somebody else.`;
  const without = prune(withToken(state, { ...lost, hold: undefined }));
  // An earlier one may stand at a target again, by somebody's hand, and is dead there now: the targets are read at once, and
  // what is to be restored anyway waits no longer.
  const wasServed = token.status === 'superseded' || token.status === 'orphan';
  const repair = state.repair && { ...state.repair, attempts: 0, nextAttemptAt: now };
  const atOnce = wasServed ? { targetsCheckedAt: later(now, -DAY), targetsUnread: undefined, repair } : {};
  const isServed = token.status === 'current' || state.rotation?.tokenId === token.id;
  const urgent = isServed ? hurried(restarted(without)) : atOnce;
  const watch = isServed || wasPublished(token) ? { watch: watched(state, token, context, false) } : {};
  return change({ ...without, ...urgent, ...watch }, [
    { type: 'token.lost', tokenId: token.id, rotationId: token.rotationId, message, details: { was: token.status } },
  ]);
}

/** What has failed often waits long; the next failures must not, while pages are broken. */
const restarted = (state: IntegrationState): IntegrationState =>
  state.retry ? { ...state, retry: { ...state.retry, attempts: 0 } } : state;
