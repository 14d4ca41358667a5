/** A change of an integration's state, as a value: what it becomes, what the audit trail says of it, what it claims. */
import type { RecordType } from '../contract.ts';
import type { Instant, IntegrationConfig, IntegrationState, Rotation, Token } from '../domain/model.ts';
import type { TokenClaim } from './ports.ts';

export interface RecordDraft {
  readonly type: RecordType;
  readonly message: string;
  readonly tokenId?: string;
  readonly rotationId?: string;
  readonly trigger?: string;
  readonly requestedBy?: string;
  readonly reason?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Change {
  readonly state: IntegrationState;
  readonly records: readonly RecordDraft[];
  readonly claims: readonly TokenClaim[];
}

export interface Context {
  readonly now: Instant;
  readonly runId: string;
  readonly config: IntegrationConfig;
  /** A fresh, time-ordered, unique id. */
  readonly nextId: () => string;
}

export const change = (
  state: IntegrationState,
  records: readonly RecordDraft[] = [],
  claims: readonly TokenClaim[] = [],
): Change => ({ state, records, claims });

/** The state with one token replaced. */
export const withToken = (state: IntegrationState, token: Token): IntegrationState => ({
  ...state,
  tokens: state.tokens.map((existing) => (existing.id === token.id ? token : existing)),
});

/** Revoked tokens are kept for a while, so that late webhooks find whose they were; the owner items stay for ever. */
const REVOKED_KEPT = 10;

export function prune(state: IntegrationState): IntegrationState {
  const revoked = state.tokens.filter((token) => token.status === 'revoked');
  if (revoked.length <= REVOKED_KEPT) return state;
  const gone = new Set(
    [...revoked].sort((a, b) => ((a.revokedAt ?? '') < (b.revokedAt ?? '') ? 1 : -1)).slice(REVOKED_KEPT),
  );
  return { ...state, tokens: state.tokens.filter((token) => !gone.has(token)) };
}

/** Who and why, for the records of a rotation. */
export const attribution = (rotation: Rotation) => ({
  rotationId: rotation.rotationId,
  trigger: rotation.trigger,
  requestedBy: rotation.requestedBy,
  reason: rotation.reason,
});

const MOST_TEXT = 1_000;

/** What others say goes into the state, which is one item of bounded size. */
export const bounded = (text: string): string => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text);
