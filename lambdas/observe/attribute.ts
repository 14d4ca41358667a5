/**
 * Who did it? Pure: the event and what we know of its token go in, an attribution comes out.
 *
 * Reading our own state when the event is observed is enough, whatever order events come in: the intent of a rotation is in the
 * ledger before its POST, and `revoking` is before its PATCH, so an effect of ours can never be seen before the record that
 * claims it. A state that has moved on still holds the token, and once it does not, the audit trail holds our records.
 */
import type { Rotation, Token } from '../rotation/model.ts';

/** An event about a client-side token, as the webhook stored it. */
export interface TokenEvent {
  readonly id: string;
  /** `client_token.created`, `.updated`, `.revoked`. */
  readonly type: string;
  readonly tokenId: string;
  readonly name?: string;
  /** The status in the event's data. */
  readonly status?: string;
}

/** As much of an integration's state as tells what we did. */
export interface OwnerState {
  readonly tokens: readonly Pick<Token, 'id' | 'name' | 'origin' | 'rotationId' | 'status' | 'revokedBy'>[];
  readonly rotation?: Pick<Rotation, 'rotationId' | 'tokenName' | 'trigger' | 'requestedBy'>;
}

/** A record of ours in the token's own part of the trail. */
export interface OwnRecord {
  readonly type: string;
  readonly rotationId?: string;
  readonly trigger?: string;
  readonly requestedBy?: string;
}

export interface Facts {
  readonly integration: string;
  readonly state: OwnerState;
  /** Our records about this token, oldest first. */
  readonly records: readonly OwnRecord[];
}

export interface Attribution {
  readonly actor: 'paddlewheel' | 'external';
  /** Stable code. */
  readonly reason:
    | 'minted-by-us'
    | 'revoked-by-us'
    | 'not-minted-by-us'
    | 'not-revoked-by-us'
    | 'never-changed-by-us'
    | 'no-integration';
  readonly integration?: string;
  readonly rotationId?: string;
  readonly trigger?: string;
  readonly requestedBy?: string;
  /** Somebody else changed a token that we hold as minted, current or superseded: look at it now. */
  readonly touchesHeldToken: boolean;
}

/** @param facts `undefined` when neither the ledger nor the token's name leads to an integration of this account */
export function attribute(event: TokenEvent, facts: Facts | undefined): Attribution {
  if (!facts) return { actor: 'external', reason: 'no-integration', touchesHeldToken: false };
  const { integration, state, records } = facts;
  const held = state.tokens.find(({ id }) => id === event.tokenId);
  const ours = (reason: Attribution['reason'], own: OwnRecord): Attribution => ({
    actor: 'paddlewheel',
    reason,
    integration,
    rotationId: own.rotationId,
    trigger: own.trigger,
    requestedBy: own.requestedBy,
    touchesHeldToken: false,
  });
  const theirs = (reason: Attribution['reason'], touchesHeldToken: boolean): Attribution => ({
    actor: 'external',
    reason,
    integration,
    touchesHeldToken,
  });

  if (event.type === 'client_token.created') {
    const mint = mintOf(event, state, records);
    // Creating a token that we adopted later is no change of it.
    return mint ? ours('minted-by-us', mint) : theirs('not-minted-by-us', false);
  }
  const isHeld = held !== undefined && HELD.has(held.status);
  const revokes = event.type === 'client_token.revoked' || event.status === 'revoked';
  if (!revokes) return theirs('never-changed-by-us', isHeld);
  const revocation = revocationOf(held, records);
  return revocation ? ours('revoked-by-us', revocation) : theirs('not-revoked-by-us', isHeld);
}

const HELD: ReadonlySet<string> = new Set(['minted', 'current', 'superseded']);

/** The rotation that minted the token: the one under way, a token of which we hold, or one that the trail remembers. */
function mintOf(
  { tokenId, name }: TokenEvent,
  state: OwnerState,
  records: readonly OwnRecord[],
): OwnRecord | undefined {
  const { rotation, tokens } = state;
  const recorded = records.find(({ type }) => type === 'token.minted' || type === 'token.orphaned');
  const held = tokens.find((token) => token.origin === 'minted' && (token.id === tokenId || token.name === name));
  if (rotation && rotation.tokenName === name) return { type: 'rotation.intended', ...rotation };
  // The record knows who asked for it, the token only which rotation it was.
  return recorded ?? (held && { type: 'token.minted', rotationId: held.rotationId });
}

/** Our own revocation of the token. While the state holds the token, the state decides. */
function revocationOf(
  held: OwnerState['tokens'][number] | undefined,
  records: readonly OwnRecord[],
): OwnRecord | undefined {
  const last = records.findLast(({ type }) => REVOCATION.has(type));
  const recorded = last?.type === 'token.revoking' || last?.type === 'token.revoked' ? last : undefined;
  if (!held) return recorded;
  const byUs = held.status === 'revoking' || (held.status === 'revoked' && held.revokedBy === 'paddlewheel');
  if (!byUs) return undefined;
  return recorded ?? { type: 'token.revoking', rotationId: held.rotationId };
}

/** What begins, ends or undoes a revocation; the last of them counts. */
const REVOCATION: ReadonlySet<string> = new Set(['token.revoking', 'token.spared', 'token.revoked', 'token.lost']);

const OUR_NAME = /^(.+) · \S+$/;

/** The integration that a token's name speaks of (`pricing-page · 01JKB92MPL7V4RFG8X3Q5WZ7BN`). Anyone can write such a name. */
export const integrationInName = (name: string | undefined): string | undefined => OUR_NAME.exec(name ?? '')?.[1];
