import type { Instant, IntegrationConfig, IntegrationState } from '../domain/model.ts';

/** All that `decide` knows. */
export interface Snapshot {
  readonly now: Instant;
  /** Names this run: what another run began must be verified before it is continued. */
  readonly runId: string;
  readonly config: IntegrationConfig;
  readonly state: IntegrationState;
  /**
   * Tokens to ask Paddle about, because somebody (a webhook, the backfill, a person) has reported them: those of the
   * state may have changed, the others may be late twins.
   */
  readonly recheck: readonly string[];
}

export const freshState = (integration: string): IntegrationState => ({
  integration,
  version: 0,
  tokens: [],
  sweeps: [],
  requests: [],
});

/** So many superseded tokens that wait for their evidence are enough: the state is one item of bounded size. */
export const MOST_SUPERSEDED = 50;

/** Nothing but an emergency or a healing mints while this holds: what nobody redeploys must not pile up for ever. */
export const isCrowded = (state: IntegrationState): boolean =>
  state.tokens.filter((token) => token.status !== 'revoked' && token.status !== 'current').length >= MOST_SUPERSEDED;

export const CROWDED = `${MOST_SUPERSEDED} earlier tokens still wait for the evidence that nobody uses them; nothing is minted until some of them are revoked.`;
