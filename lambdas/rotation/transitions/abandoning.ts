/** A rotation that is given up: for good, or for the same wish under a fresh name. */

import type { IntegrationState, Repair, Rotation, Token } from '../../domain/model.ts';
import { tokenById } from '../../domain/tokens.ts';
import { attribution, type Change, type Context, change, followedBy, rotationOf, withToken } from '../change.ts';
import { intend } from '../intend.ts';
import { leftBehind } from './targets.ts';

export function abandon(state: IntegrationState, why: string, context: Context): Change {
  const rotation = rotationOf(state);
  const next = { ...state, rotation: undefined, retry: undefined, repair: repairAfter(state, rotation, context) };
  const abandoned = change(next, [{ type: 'rotation.abandoned', message: why, ...attribution(rotation) }]);
  const token = rotation.tokenId ? tokenById(next, rotation.tokenId) : undefined;
  const left = token?.status === 'minted' ? followedBy(abandoned, leave(next, token, rotation)) : abandoned;
  return rotation.phase === 'minted' && token ? leftBehind(left, tokenById(left.state, token.id), context) : left;
}

/**
 * A token that was taken over and never became current. Pages may use it, for somebody else made it, so it has no
 * deadline: it stays until a person adopts it again or revokes it.
 */
function leave(state: IntegrationState, token: Token, rotation: Rotation): Change {
  const message = `${token.id} was taken over and did not become current; it is left as it is. Adopt it again, or revoke it by name.`;
  return change(withToken(state, { ...token, status: 'orphan' }), [
    { type: 'token.adoption-abandoned', tokenId: token.id, message, ...attribution(rotation) },
  ]);
}

/** A rotation that ends after its token was known may have reached some targets: they must get the current token back. */
export function repairAfter(state: IntegrationState, rotation: Rotation, { now, nextId }: Context): Repair | undefined {
  if (rotation.phase !== 'minted') return state.repair;
  const reason = `rotation ${rotation.rotationId} ended when some targets may already have held its token.`;
  return { id: nextId(), reason, since: now, attempts: 0, nextAttemptAt: now };
}

/** The rotation's token turned out to be dead before it was published: the same wish again, under a fresh name. */
export function restart(state: IntegrationState, rotation: Rotation, why: string, context: Context): Change {
  const { trigger, source, emergency, reason, requestedBy } = rotation;
  const abandoned = abandon(state, why, context);
  return followedBy(abandoned, intend(abandoned.state, { trigger, source, emergency, reason, requestedBy }, context));
}
