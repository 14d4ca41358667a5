/**
 * Who did it? Pure: the event and what the ledger knows of its token go in, an attribution comes out.
 *
 * Reading the state when the event is observed is enough, whatever order events come in: the intent of a rotation is in the
 * ledger before its POST, and `revoking` is before its PATCH, so an effect of ours can never be seen before the state that
 * claims it. What the state forgets later are revoked tokens, after ten newer ones; the owner items stay for ever.
 */
import type { Rotation, Token } from '../domain/model.ts';

/** An event about a client-side token, as the webhook stored it. */
export interface TokenEvent {
  readonly id: string;
  /** `client_token.created`, `.updated`, `.revoked`. */
  readonly type: string;
  readonly tokenId: string;
  readonly name?: string;
  /** When it happened, as Paddle says. */
  readonly at?: string;
  /** The status in the event's data. */
  readonly status?: string;
}

type KnownToken = Pick<
  Token,
  'id' | 'name' | 'origin' | 'rotationId' | 'status' | 'revokedBy' | 'emergency' | 'revocationTriedAt'
>;

/** As much of an integration's state as tells what we did. */
export interface OwnerState {
  readonly tokens: readonly KnownToken[];
  readonly rotation?: Pick<Rotation, 'rotationId' | 'tokenName' | 'trigger' | 'requestedBy'>;
  /** Mints that were in doubt: a late twin bears the same name. */
  readonly sweeps?: readonly { readonly tokenName: string; readonly rotationId: string }[];
}

export interface Facts {
  readonly integration: string;
  /** The ledger says that the token is the integration's. Otherwise only the token's name does, which anyone can write. */
  readonly owned: boolean;
  readonly state: OwnerState;
}

/** Whose doing it was; `unknown` only for the end of a token that was ours so long ago that the state has forgotten it. */
export type Actor = 'paddlewheel' | 'external' | 'unknown';

interface Doing {
  readonly rotationId?: string;
  readonly trigger?: string;
  readonly requestedBy?: string;
}

export interface Attribution extends Doing {
  readonly actor: Actor;
  /** Stable code. */
  readonly reason:
    | 'minted-by-us'
    | 'revoked-by-us'
    | 'not-minted-by-us'
    | 'not-revoked-by-us'
    | 'never-changed-by-us'
    | 'no-integration'
    | 'forgotten';
  readonly integration?: string;
  /** Somebody else changed a token that we hold as minted, current or superseded: reconcile now. */
  readonly touchesHeldToken: boolean;
}

/** @param facts `undefined` when neither the ledger nor the token's name leads to an integration of this account */
export function attribute(event: TokenEvent, facts: Facts | undefined): Attribution {
  if (!facts) return { actor: 'external', reason: 'no-integration', touchesHeldToken: false };
  const { integration, owned, state } = facts;
  const known = state.tokens.find(({ id }) => id === event.tokenId);
  const verdict = (actor: Actor, reason: Attribution['reason'], more: Doing & { touchesHeldToken?: boolean } = {}) => ({
    actor,
    reason,
    integration,
    touchesHeldToken: false,
    ...more,
  });

  if (event.type === 'client_token.created') {
    const mint = mintOf(event, facts);
    // Creating a token that we adopted later is no change of it.
    return mint ? verdict('paddlewheel', 'minted-by-us', mint) : verdict('external', 'not-minted-by-us');
  }
  const touchesHeldToken = known !== undefined && HELD.has(known.status);
  if (event.type !== 'client_token.revoked' && event.status !== 'revoked') {
    return verdict('external', 'never-changed-by-us', { touchesHeldToken });
  }
  if (!known && owned) return verdict('unknown', 'forgotten');
  const ours = known?.status === 'revoking' || (known?.status === 'revoked' && known.revokedBy === 'paddlewheel');
  if (known && ours) return verdict('paddlewheel', 'revoked-by-us', revocationOf(known));
  // The ledger must learn that it took effect after all.
  if (known && isLatePatch(known, event))
    return verdict('paddlewheel', 'revoked-by-us', { ...revocationOf(known), touchesHeldToken });
  return verdict('external', 'not-revoked-by-us', { touchesHeldToken });
}

/** Long after a PATCH of ours whose answer was lost, a revocation is somebody else's; a little before, clocks differ. */
function isLatePatch({ revocationTriedAt: tried }: KnownToken, { at }: TokenEvent): boolean {
  const since = tried && at ? Date.parse(at) - Date.parse(tried) : Number.NaN;
  return since >= -60_000 && since <= 3_600_000;
}

const HELD: ReadonlySet<string> = new Set(['minted', 'current', 'superseded']);

/** The rotation that minted the token: the one under way, one in doubt, or one whose token we hold or once held. */
function mintOf({ tokenId, name }: TokenEvent, { integration, owned, state }: Facts): Doing | undefined {
  const { rotation, tokens } = state;
  if (rotation && rotation.tokenName === name) {
    return { rotationId: rotation.rotationId, trigger: rotation.trigger, requestedBy: rotation.requestedBy };
  }
  // The name first: a late twin of a mint of ours may have been taken over by hand before its event came.
  const minted = tokens.find(({ id, origin }) => id === tokenId && origin === 'minted') ?? mintedAs(name, state);
  if (minted) return { rotationId: minted.rotationId };
  if (tokens.some(({ id }) => id === tokenId)) return undefined;
  // Ours and forgotten: nobody but us gives a token that we own this name.
  const named = parseOurName(name);
  return owned && named?.integration === integration ? { rotationId: named.rotationId } : undefined;
}

/** A token that we hold, or a mint that was in doubt. */
const mintedAs = (name: string | undefined, { tokens, sweeps = [] }: OwnerState): Doing | undefined =>
  tokens.find((token) => token.name === name && token.origin === 'minted') ??
  sweeps.find(({ tokenName }) => tokenName === name);

/** Retirements run by themselves; only an emergency has somebody who asked for it. */
const revocationOf = ({ rotationId, emergency }: KnownToken): Doing =>
  emergency ? { rotationId, trigger: 'emergency', requestedBy: emergency.requestedBy } : { rotationId };

/** What a token's name speaks of (`pricing-page · 01JKB92MP7V4RFG8X3Q5WZ7BNA`). Anyone can write such a name: it is only a lead. */
export function parseOurName(name: string | undefined): { integration: string; rotationId: string } | undefined {
  const [, integration, rotationId] = /^(.+) · (\S+)$/.exec(name ?? '') ?? [];
  return integration !== undefined && rotationId !== undefined ? { integration, rotationId } : undefined;
}
