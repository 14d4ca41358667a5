/** What people ask for, as pure functions from state to state. Each either changes the state or says why not. */

import type { Instant, IntegrationState, PaddleToken, Rotation, Token } from '../domain/model.ts';
import { currentToken, tokenById } from '../domain/tokens.ts';
import { attribution, type Change, type Context, change, withToken } from './change.ts';
import { intend, remember } from './intend.ts';
import type { Command } from './reconcile.ts';
import { CROWDED, isCrowded } from './snapshot.ts';
import { resumed } from './transitions/pause.ts';
import { abandon, hurried } from './transitions/rotation.ts';

export interface Asker {
  readonly reason?: string;
  readonly requestedBy?: string;
  /** Names the request: a second delivery of the same one does nothing. */
  readonly requestId?: string;
}

const reject = (...faults: string[]) => ({ rejected: faults });

/** Refuses what cannot be done to an integration in this condition. */
function standing(state: IntegrationState, { config }: Context): string | undefined {
  if (!config.managed) return `integration: "${config.name}" is no longer in the configuration; deploy it again first.`;
  if (state.pause)
    return `integration: "${config.name}" is paused since ${state.pause.since}; resume it first, or use "emergency".`;
  return undefined;
}

/** Rotate now. A rotation already under way is carried on instead of starting a second one. */
export const rotate =
  (asker: Asker): Command =>
  (state, context) => {
    if (alreadyTaken(state, asker)) return {};
    const fault = standing(state, context);
    if (fault) return reject(fault);
    if (state.rotation) return { change: join(state, state.rotation, asker) };
    if (isCrowded(state)) return reject(`integration: ${CROWDED}`);
    return {
      change: intend(state, { trigger: 'manual', source: { kind: 'mint' }, emergency: false, ...asker }, context),
    };
  };

const alreadyTaken = (state: IntegrationState, { requestId }: Asker): boolean =>
  requestId !== undefined && state.requests.some((request) => request.requestId === requestId);

/** The rotation under way answers this request too; a repetition of the request must not start another one. */
function join(state: IntegrationState, { rotationId }: Rotation, { requestId }: Asker): Change {
  const requests = requestId ? remember(state, requestId, rotationId) : state.requests;
  return change({ ...state, ...hurried(state), requests });
}

/** Mint, publish, and revoke the prior token at once: no grace, no evidence, but a reason that is kept. */
export const emergency =
  (asker: Asker & { readonly reason: string }): Command =>
  (state, context) => {
    if (alreadyTaken(state, asker)) return {};
    if (!context.config.managed) return reject(standing(state, context) ?? '');
    const { rotation } = state;
    if (!rotation) return { change: intend(state, wish(asker), context) };
    if (rotation.source.kind === 'mint') return { change: escalate(state, rotation, asker) };
    const abandoned = abandon(
      state,
      `Rotation ${rotation.rotationId} gives way to an emergency: ${asker.reason}`,
      context,
    );
    const begun = intend(abandoned.state, wish(asker), context);
    return { change: { ...begun, records: [...abandoned.records, ...begun.records] } };
  };

const wish = (asker: Asker) => ({
  trigger: 'emergency' as const,
  source: { kind: 'mint' as const },
  emergency: true,
  ...asker,
});

function escalate(state: IntegrationState, rotation: Rotation, asker: Asker): Change {
  const joined = join(state, rotation, asker).state;
  if (rotation.emergency) return change(joined);
  const { reason, requestedBy } = asker;
  const urgent: Rotation = { ...rotation, emergency: true, trigger: 'emergency', reason, requestedBy };
  const message = `Rotation ${rotation.rotationId}, already under way, is now an emergency: ${reason}`;
  return change({ ...joined, rotation: urgent }, [{ type: 'rotation.escalated', message, ...attribution(urgent) }]);
}

/** What was found out about a token before adopting it. */
export interface AdoptionFacts {
  readonly tokenId: string;
  /** Paddle's answer; absent: unknown in the account's environment. */
  readonly answer?: PaddleToken;
  readonly owner?: string;
}

/** Make an existing token the current one without minting. */
export const adopt =
  (facts: AdoptionFacts, asker: Asker): Command =>
  (state, context) => {
    if (alreadyTaken(state, asker)) return {};
    const faults = adoptionFaults(state, facts, context);
    if (faults.length > 0) return reject(...faults);
    if (currentToken(state)?.id === facts.tokenId) return {};
    const source = { kind: 'adopt', tokenId: facts.tokenId } as const;
    return { change: intend(state, { trigger: 'adopt', source, emergency: false, ...asker }, context) };
  };

function adoptionFaults(state: IntegrationState, facts: AdoptionFacts, context: Context): string[] {
  const { tokenId, answer, owner } = facts;
  const { name, environment } = context.config;
  const faults: string[] = [];
  const fault = standing(state, context);
  if (fault) faults.push(fault);
  if (state.rotation)
    faults.push(`action: rotation ${state.rotation.rotationId} is under way; adopt when it has ended.`);
  if (!answer) faults.push(`tokenId: Paddle does not know ${tokenId} in this account (${environment}).`);
  if (answer?.status === 'revoked') faults.push(`tokenId: ${tokenId} is revoked, and that is permanent.`);
  if (owner !== undefined && owner !== name) faults.push(`tokenId: ${tokenId} belongs to integration "${owner}".`);
  const known = tokenById(state, tokenId);
  if (known?.status === 'revoked') faults.push(`tokenId: ${tokenId} was revoked, and that is permanent.`);
  else if (known && isDoomed(known)) faults.push(doomed(known));
  else if (known?.status === 'superseded')
    faults.push(`tokenId: ${tokenId} is a superseded token of this integration; use "rollback".`);
  return faults;
}

/**
 * Once a revocation has been decided, a PATCH may be on its way whose answer was lost, and it may take effect at any
 * time: such a token never becomes current again. Nor does one that an emergency has condemned.
 */
const isDoomed = (token: Token): boolean => token.revokingFrom !== undefined || token.emergency !== undefined;

const doomed = ({ id, emergency }: Token): string =>
  emergency
    ? `tokenId: ${id} was condemned by an emergency ("${emergency.reason}"); it does not come back.`
    : `tokenId: revoking ${id} has already been tried and may still take effect; it does not come back.`;

/** Back to a superseded token while it is still valid. Without a name: the one superseded last. */
export const rollback =
  (tokenId: string | undefined, asker: Asker): Command =>
  (state, context) => {
    if (alreadyTaken(state, asker)) return {};
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
    return { change: intend(state, { trigger: 'rollback', source, emergency: false, ...asker }, context) };
  };

function noRollback(state: IntegrationState, tokenId: string | undefined): string {
  if (!tokenId) return 'action: there is no superseded token to roll back to.';
  const token = tokenById(state, tokenId);
  if (!token) return `tokenId: ${tokenId} is not a token of this integration.`;
  if (token.status !== 'revoked' && isDoomed(token)) return doomed(token);
  return `tokenId: ${tokenId} is ${token.status}; only a superseded token can come back.`;
}

/** Nothing is minted, published or revoked until somebody resumes, or until the pause ends. Asked again: another end. */
export const pause =
  ({ reason, requestedBy, until }: Asker & { readonly until?: Instant }): Command =>
  (state, { now, config }) => {
    if (until !== undefined && until <= now) return reject(`until: ${until} has passed; a pause ends in the future.`);
    if (state.pause && (until === undefined || until === state.pause.until)) return {};
    const message = `${config.name} is paused${requestedBy ? ` by ${requestedBy}` : ''}${until ? ` until ${until}` : ''}.`;
    const next = state.pause ? { ...state.pause, until } : { since: now, until, reason, requestedBy };
    return {
      change: change({ ...state, pause: next }, [
        { type: 'integration.paused', message, reason, requestedBy, details: { until } },
      ]),
    };
  };

export const resume =
  ({ reason, requestedBy }: Asker): Command =>
  (state, { config }) => {
    if (!state.pause) return {};
    const message = `${config.name} is resumed${requestedBy ? ` by ${requestedBy}` : ''}.`;
    return { change: resumed(state, message, { reason, requestedBy }) };
  };

/** Keep one superseded token alive until it is released, whatever the evidence says. */
export const hold =
  (tokenId: string, asker: Asker & { readonly reason: string }): Command =>
  (state, { now }) => {
    const token = tokenById(state, tokenId);
    if (!token) return reject(`tokenId: ${tokenId} is not a token of this integration.`);
    // One whose revocation waits for its next attempt, too: it is asked about first, and then held.
    if (token.status !== 'superseded' && token.status !== 'orphan' && token.status !== 'revoking')
      return reject(`tokenId: ${tokenId} is ${token.status}; only a superseded token or an orphan can be held.`);
    if (token.manualHold) return {};
    const { reason, requestedBy } = asker;
    const message = `${tokenId} is held${requestedBy ? ` by ${requestedBy}` : ''}: ${reason}`;
    const held = { ...token, manualHold: { reason, requestedBy, since: now } };
    return {
      change: change(withToken(state, held), [
        { type: 'token.held', tokenId, rotationId: token.rotationId, message, reason, requestedBy },
      ]),
    };
  };

export const release =
  (tokenId: string, { reason, requestedBy }: Asker): Command =>
  (state) => {
    const token = tokenById(state, tokenId);
    if (!token) return reject(`tokenId: ${tokenId} is not a token of this integration.`);
    if (!token.manualHold) return {};
    const message = `${tokenId} is released${requestedBy ? ` by ${requestedBy}` : ''}; its evidence decides again.`;
    return {
      change: change(withToken(state, { ...token, manualHold: undefined, hold: undefined }), [
        { type: 'token.released', tokenId, rotationId: token.rotationId, message, reason, requestedBy },
      ]),
    };
  };

/**
 * Revoke one token now, without grace and without evidence, because a person says so: the way out for a token that is
 * held for good reasons that no longer matter, or stuck. Never the current one: that is what an emergency is for.
 */
export const forceRevoke =
  (tokenId: string, { reason, requestedBy }: Asker & { readonly reason: string }): Command =>
  (state, { now, config }) => {
    if (!config.managed)
      return reject(`integration: "${config.name}" is no longer in the configuration; deploy it again first.`);
    const token = tokenById(state, tokenId);
    if (!token) return reject(`tokenId: ${tokenId} is not a token of this integration.`);
    if (token.status === 'current')
      return reject(`tokenId: ${tokenId} is the current token; rotate with "emergency" to replace and revoke it.`);
    if (token.status === 'minted') return reject(`tokenId: ${tokenId} is about to be published.`);
    if (token.status === 'revoked') return {};
    const source = state.rotation?.source;
    if (source && source.kind !== 'mint' && source.tokenId === tokenId)
      return reject(`tokenId: ${tokenId} is coming back by rotation ${state.rotation?.rotationId}.`);
    const forced: Token = {
      ...token,
      emergency: { reason, requestedBy },
      revokeAfter: now,
      hold: undefined,
      manualHold: undefined,
      failures: 0,
      stuckSince: undefined,
    };
    const message = `Revoking ${tokenId} is forced${requestedBy ? ` by ${requestedBy}` : ''}: ${reason}`;
    return {
      change: change(withToken(state, forced), [
        { type: 'token.forced', tokenId, rotationId: token.rotationId, message, reason, requestedBy },
      ]),
    };
  };
