import type { IntegrationState, Token } from '../domain/model.ts';
import { DAY, later } from '../domain/time.ts';
import type { Snapshot } from './snapshot.ts';

/** Holds that wait for their next check are due for it at once; failures of Paddle keep their distance. */
export function withoutPatience({ now, state }: Snapshot): IntegrationState {
  const impatient = (token: Token): Token =>
    token.hold && token.status !== 'revoking' ? { ...token, hold: { ...token.hold, nextCheckAt: now } } : token;
  const { watch, deployment } = state;
  return {
    ...state,
    tokens: state.tokens.map(impatient),
    targetsCheckedAt: later(now, -DAY),
    ...(watch && (watch.nextAt || watch.tokens.length > 0) ? { watch: { ...watch, nextAt: now } } : {}),
    ...(deployment?.nextCheckAt ? { deployment: { ...deployment, nextCheckAt: now } } : {}),
  };
}
