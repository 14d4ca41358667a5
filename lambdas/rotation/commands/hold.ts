/** A person's word on one token: it stands until the same person, or another one, takes it back. */

import type { Token } from '../../domain/model.ts';
import { tokenById } from '../../domain/tokens.ts';
import { change, withToken } from '../change.ts';
import type { Command } from '../reconcile.ts';
import { type Asker, by, reject } from './asker.ts';

/**
 * Keep one token alive until it is released, whatever the evidence says, whoever rotates, and whatever else becomes of it.
 * One that is current or about to be published, too: for when it is superseded.
 */
export const hold =
  (tokenId: string, asker: Asker & { readonly reason: string }): Command =>
  (state, { now }) => {
    const token = tokenById(state, tokenId);
    if (!token) return reject(`tokenId: ${tokenId} is not a token of this integration.`);
    if (token.status === 'revoked') return reject(`tokenId: ${tokenId} is revoked, and that is permanent.`);
    if (token.manualHold) return {};
    const { reason, requestedBy } = asker;
    const message = `${tokenId} is held${by(requestedBy)}${whatFor(token)}: ${reason}`;
    const held: Token = { ...token, manualHold: { reason, requestedBy, since: now } };
    return {
      change: change(withToken(state, held), [
        { type: 'token.held', tokenId, rotationId: token.rotationId, message, reason, requestedBy },
      ]),
    };
  };

/** One whose revocation waits for its next attempt is asked about first, and then held. */
function whatFor({ status }: Token): string {
  if (status === 'current' || status === 'minted') return ' for when it is superseded';
  return status === 'revoking' ? ', unless its revocation has already taken effect' : '';
}

export const release =
  (tokenId: string, { reason, requestedBy }: Asker): Command =>
  (state) => {
    const token = tokenById(state, tokenId);
    if (!token) return reject(`tokenId: ${tokenId} is not a token of this integration.`);
    if (!token.manualHold) return {};
    const what = token.emergency ? 'an emergency has condemned it, and it ends now' : 'its evidence decides again';
    const message = `${tokenId} is released${by(requestedBy)}; ${what}.`;
    // While its revocation waits for its next attempt, the wait is Paddle's.
    const wait = token.status === 'revoking' ? token.hold : undefined;
    return {
      change: change(withToken(state, { ...token, manualHold: undefined, hold: wait }), [
        { type: 'token.released', tokenId, rotationId: token.rotationId, message, reason, requestedBy },
      ]),
    };
  };
