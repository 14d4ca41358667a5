/** Does the integration have a valid token at all? Pure. */
import type { IntegrationState } from '../domain/model.ts';
import { MINUTE } from '../domain/time.ts';
import { currentToken } from '../domain/tokens.ts';

/** So often somebody is told again while checkout is down: the alarm must not go off in between. */
export const TELL_EVERY = 4 * MINUTE;

/** Pages serve what was published last, and that is revoked. An integration that never had a token breaks nothing. */
export const isCheckoutDown = (state: IntegrationState): boolean =>
  !currentToken(state) && state.tokens.some(({ publishedAt }) => publishedAt !== undefined);
