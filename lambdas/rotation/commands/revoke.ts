import type { IntegrationState, Token, UnclaimedToken } from '../../domain/model.ts';
import { tokenById } from '../../domain/tokens.ts';
import { type Change, change, claim, newToken, withToken, withTokens } from '../change.ts';
import type { Command } from '../reconcile.ts';
import { unclaimedBecause } from '../transitions/orphans.ts';
import { type Asker, by, reject } from './asker.ts';

/**
 * Revoke one token now, without grace and without evidence, because a person says so: the way out for a token that is
 * held for good reasons that no longer matter, or stuck. Never the current one: that is what an emergency is for. Never
 * one that a person holds: that takes a second decision, which is to release it.
 */
export const forceRevoke =
  (tokenId: string, asker: Asker & { readonly reason: string }): Command =>
  (state, { now, config }) => {
    if (!config.managed)
      return reject(`integration: "${config.name}" is no longer in the configuration; deploy it again first.`);
    const unclaimed = state.unclaimed?.find(({ id }) => id === tokenId);
    const token = tokenById(state, tokenId);
    if (!token && unclaimed) return takeBack(state, unclaimed, asker, now);
    if (!token) return reject(`tokenId: ${tokenId} is not a token of this integration.`);
    if (token.status === 'revoked') return {};
    const fault = standsAgainst(state, token);
    if (fault) return reject(fault);
    return { change: force(withToken(state, forced(token, asker, now)), token, asker) };
  };

function standsAgainst({ rotation }: IntegrationState, { id, status, manualHold }: Token): string | undefined {
  if (status === 'current')
    return `tokenId: ${id} is the current token; rotate with "emergency" to replace and revoke it.`;
  if (rotation?.tokenId === id && status === 'minted') return `tokenId: ${id} is about to be published.`;
  if (rotation && rotation.source.kind !== 'mint' && rotation.source.tokenId === id)
    return `tokenId: ${id} is coming back by rotation ${rotation.rotationId}.`;
  if (!manualHold) return undefined;
  const held = `held${by(manualHold.requestedBy)} since ${manualHold.since} ("${manualHold.reason}")`;
  return `tokenId: ${id} is ${held}; release it first.`;
}

const forced = (token: Token, { reason, requestedBy }: Asker & { reason: string }, now: string): Token => ({
  ...token,
  emergency: { reason, requestedBy },
  revokeAfter: now,
  hold: undefined,
  failures: 0,
  stuckSince: undefined,
});

function force(state: IntegrationState, { id, rotationId }: Token, asker: Asker): Change {
  const { reason, requestedBy } = asker;
  const message = `Revoking ${id} is forced${by(requestedBy)}: ${reason}`;
  return change(state, [{ type: 'token.forced', tokenId: id, rotationId, message, reason, requestedBy }]);
}

/** A token that was ours once comes back into the state, to be revoked. */
function takeBack(
  state: IntegrationState,
  unclaimed: UnclaimedToken,
  asker: Asker & { readonly reason: string },
  now: string,
): ReturnType<Command> {
  if (unclaimed.provenance !== 'known') return reject(`tokenId: ${unclaimed.id}: ${unclaimedBecause(unclaimed)}`);
  const token = newToken(
    { ...unclaimed, token: unclaimed.value },
    { origin: 'minted', status: 'orphan', rotationId: unclaimed.rotationId },
  );
  const base = force(withTokens(state, [forced(token, asker, now)]), token, asker);
  const { id: tokenId, rotationId } = token;
  const message = `${tokenId}, which the ledger had forgotten, is taken back to be revoked.`;
  const orphaned = { type: 'token.orphaned', tokenId, rotationId, message } as const;
  return { change: { ...base, records: [orphaned, ...base.records], claims: [claim(token, state.integration)] } };
}
