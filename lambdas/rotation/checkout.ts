/** Does the integration have a valid token at all? Pure. */
import type { IntegrationConfig, IntegrationState, ServedToken } from '../domain/model.ts';
import { MINUTE } from '../domain/time.ts';
import { currentToken } from '../domain/tokens.ts';

/** So often somebody is told again while checkout is down: the alarm must not go off in between. */
export const TELL_EVERY = 4 * MINUTE;

/** Pages serve what was published last, and that is revoked. An integration that never had a token breaks nothing. */
export const isCheckoutDown = (state: IntegrationState): boolean =>
  !currentToken(state) && state.tokens.some(({ publishedAt }) => publishedAt !== undefined);

/** As far as anybody has read: a target that held a revoked token was not seen to be rid of it. */
export const isRevokedAtTarget = ({ watch }: IntegrationState): boolean =>
  watch?.served?.some(({ by }) => by === 'target') ?? false;

const DOWN = 'Pages serve a token that was revoked by somebody else: no checkout opens there.';
const inWords = ({ message, since }: ServedToken): string =>
  `${message.replace(/^consumer/, 'Consumer')}, since ${since}.`;

/** Why checkout is at stake, a sentence for each reason. */
export const atStake = ({ config, state }: { config: IntegrationConfig; state: IntegrationState }): string[] =>
  config.managed ? [...(isCheckoutDown(state) ? [DOWN] : []), ...(state.watch?.served ?? []).map(inWords)] : [];
