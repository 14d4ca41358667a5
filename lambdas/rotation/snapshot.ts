import type { Instant, IntegrationConfig, IntegrationState, Token } from './model.ts';

/** All that `decide` may look at. */
export interface Snapshot {
  readonly now: Instant;
  /** Names this run: what another run began must be looked at before it is continued. */
  readonly runId: string;
  readonly config: IntegrationConfig;
  readonly state: IntegrationState;
  /** Tokens about which somebody (a webhook, a person) says that Paddle knows otherwise than the ledger. */
  readonly suspects: readonly string[];
  /** Tokens that bear this integration's name at Paddle and that the state does not know. */
  readonly strays?: readonly string[];
}

export const currentToken = (state: IntegrationState): Token | undefined =>
  state.tokens.find((token) => token.status === 'current');

export const tokenById = (state: IntegrationState, id: string): Token | undefined =>
  state.tokens.find((token) => token.id === id);

export const freshState = (integration: string): IntegrationState => ({
  integration,
  version: 0,
  tokens: [],
  sweeps: [],
  requests: [],
});
