/** Rotating on request: in good order, or at once. */

import type { IntegrationState, Rotation, Token } from '../../domain/model.ts';
import { later, MINUTE } from '../../domain/time.ts';
import { currentToken, tokenById } from '../../domain/tokens.ts';
import { attribution, type Change, type Context, change, followedBy, withToken } from '../change.ts';
import { intend, remember } from '../intend.ts';
import type { Command } from '../reconcile.ts';
import { CROWDED, isCrowded } from '../snapshot.ts';
import { abandon } from '../transitions/abandoning.ts';
import { heldAgainst } from '../transitions/publishing.ts';
import { hurried } from '../transitions/retry.ts';
import { type Asker, by, reject, standing, taken } from './asker.ts';

/** Rotate now. A rotation already under way is carried on instead of starting a second one. */
export const rotate =
  (asker: Asker): Command =>
  (state, context) => {
    const request = { ...asker, what: 'rotate' };
    const before = taken(state, asker, request.what);
    if (before) return before;
    const fault = standing(state, context);
    if (fault) return reject(fault);
    if (state.rotation) return { change: join(state, state.rotation, request) };
    if (isCrowded(state)) return reject(`integration: ${CROWDED}`);
    const wish = { trigger: 'manual', source: { kind: 'mint' }, emergency: false, ...request } as const;
    return { change: intend(state, wish, context) };
  };

/** With the name that its id is kept under. */
type Named<A extends Asker> = A & { readonly what: string };

/** The rotation under way answers this request too; a repetition of the request must not start another one. */
const join = (state: IntegrationState, { rotationId }: Rotation, asker: Named<Asker>): Change =>
  change({ ...state, ...hurried(state), requests: remember(state, asker, rotationId) });

export type Emergency = Asker & {
  readonly reason: string;
  /** The token that leaked, when it may no longer be the current one: it ends at once, too. */
  readonly tokenId?: string;
};

/** Clients that hear nothing for a while repeat the call, and each call looks like a new one. */
const SAME_EMERGENCY_MS = 15 * MINUTE;

/** Mint, publish, and revoke the prior token at once: no grace, no evidence, but a reason that is kept. */
export const emergency =
  (asker: Emergency): Command =>
  (state, context) => {
    const request = { ...asker, what: asker.tokenId ? `emergency ${asker.tokenId}` : 'emergency' };
    const before = taken(state, asker, request.what);
    if (before) return before;
    if (!context.config.managed) return reject(standing(state, context) ?? '');
    const recent = repeated(state, asker, context);
    const fault = namedFault(state, asker, recent);
    if (fault) return reject(fault);
    const begun = recent ? joinRecent(state, recent, request) : begin(state, request, context);
    const change = condemn(begun, asker, context);
    return recent ? { change, note: sameEmergency(recent) } : { change };
  };

function namedFault(state: IntegrationState, { tokenId }: Emergency, recent: Recent | undefined): string | undefined {
  if (!tokenId) return undefined;
  const token = tokenById(state, tokenId);
  if (!token) return `tokenId: ${tokenId} is not a token of this integration.`;
  // The emergency of which this one is a repetition has ended it.
  if (token.status === 'revoked' && token.emergency && recent) return undefined;
  if (token.status === 'revoked')
    return `tokenId: ${tokenId} is revoked already; leave it out to replace the current token.`;
  if (token.status === 'minted')
    return `tokenId: ${tokenId} is about to be published; name it again once it is current.`;
  return undefined;
}

interface Recent {
  readonly rotationId: string;
  readonly at: string;
}

/** The emergency of which this one is a repetition: the same, begun a moment ago, asked for without an id of its own. */
function repeated(state: IntegrationState, asker: Emergency, { now }: Context): Recent | undefined {
  const { lastEmergency, rotation } = state;
  const isNamed = asker.requestId !== undefined && !asker.isIdOfCall;
  if (isNamed || !lastEmergency || later(lastEmergency.at, SAME_EMERGENCY_MS) <= now) return undefined;
  // Somebody says that a token leaked that is current now: no emergency that is over has ended it.
  const isCurrent = asker.tokenId !== undefined && currentToken(state)?.id === asker.tokenId;
  return isCurrent && !rotation?.emergency ? undefined : lastEmergency;
}

const sameEmergency = ({ rotationId, at }: Recent): string =>
  `This joins the emergency rotation ${rotationId}, begun at ${at}: no second one is started within 15 minutes. For another emergency, give a requestId.`;

function joinRecent(state: IntegrationState, { rotationId }: Recent, asker: Named<Emergency>): Change {
  const requests = remember(state, asker, rotationId);
  return change({ ...state, ...(state.rotation?.emergency ? hurried(state) : {}), requests });
}

function begin(state: IntegrationState, asker: Named<Emergency>, context: Context): Change {
  const { reason, requestedBy, requestId, what } = asker;
  const wish = {
    ...{ trigger: 'emergency' as const, source: { kind: 'mint' as const }, emergency: true },
    ...{ reason, requestedBy, requestId, what },
  };
  const { rotation } = state;
  if (!rotation) return intend(state, wish, context);
  if (rotation.source.kind === 'mint') return escalate(state, rotation, asker, context);
  const why = `Rotation ${rotation.rotationId} gives way to an emergency: ${reason}`;
  const abandoned = abandon(state, why, context);
  return followedBy(abandoned, intend(abandoned.state, wish, context));
}

function escalate(state: IntegrationState, rotation: Rotation, asker: Named<Emergency>, { now }: Context): Change {
  const joined = join(state, rotation, asker).state;
  if (rotation.emergency) return change(joined);
  const { reason, requestedBy } = asker;
  const { rotationId } = rotation;
  const urgent: Rotation = { ...rotation, emergency: true, trigger: 'emergency', reason, requestedBy };
  const message = `Rotation ${rotationId}, already under way, is now an emergency: ${reason}`;
  return change({ ...joined, rotation: urgent, lastEmergency: { rotationId, at: now } }, [
    { type: 'rotation.escalated', message, ...attribution(urgent) },
  ]);
}

/** The current token ends with the rotation anyway; any other that the emergency names ends at once as well. */
function condemn(begun: Change, asker: Emergency, { now }: Context): Change {
  const { state } = begun;
  const { reason, requestedBy, tokenId } = asker;
  const token = tokenId === undefined ? undefined : tokenById(state, tokenId);
  if (!token || token.emergency || token.id === currentToken(state)?.id) return begun;
  // While its revocation waits for its next attempt, the wait is Paddle's.
  const wait = token.status === 'revoking' ? token.hold : undefined;
  const ended: Token = { ...token, emergency: { reason, requestedBy }, revokeAfter: now, hold: wait };
  const { rotation } = state;
  const message = `${token.id} is condemned by an emergency${by(requestedBy)}: ${reason}`;
  const about = { tokenId: token.id, rotationId: token.rotationId, reason, requestedBy };
  const told = change(withToken(state, ended), [{ type: 'token.condemned', message, ...about }]);
  if (!token.manualHold || !rotation) return followedBy(begun, told);
  return followedBy(begun, { ...told, records: [...told.records, heldAgainst(ended, rotation)] });
}
