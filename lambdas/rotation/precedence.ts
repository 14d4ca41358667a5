import type { IntegrationState } from '../domain/model.ts';
import type { Precedence } from '../paddle/throttle.ts';
import { isCheckoutDown } from './checkout.ts';
import type { Decision } from './decision.ts';
import type { Snapshot } from './snapshot.ts';

/** What goes first when calls to Paddle have to wait for each other: a broken checkout, or a person who waits for the answer. */
export function precedenceOf({ kind, ...decision }: Decision, { state }: Pick<Snapshot, 'state'>): Precedence {
  switch (kind) {
    case 'inspect':
    case 'restore':
      return 'heal';
    case 'sweep':
    case 'claim':
      return 'sweep';
    case 'mint':
    case 'find':
    case 'verify':
    case 'publish':
      return isOnlyScheduled(state) ? 'schedule' : 'heal';
    default: {
      const tokenId = 'tokenId' in decision ? decision.tokenId : undefined;
      return state.tokens.some(({ id, emergency }) => id === tokenId && emergency) ? 'heal' : 'schedule';
    }
  }
}

/** Is what the integration waits for to go before schedules and sweeps? The heartbeat hands it out accordingly. */
export const heals = (state: IntegrationState): boolean =>
  isCheckoutDown(state) ||
  state.repair !== undefined ||
  state.unanswered !== undefined ||
  (state.rotation !== undefined && !isOnlyScheduled(state)) ||
  state.tokens.some(({ status, emergency }) => emergency !== undefined && status !== 'revoked');

/** Nobody has joined the rotation under way, and pages have a token until it is through. */
const isOnlyScheduled = (state: IntegrationState): boolean =>
  state.rotation?.trigger === 'schedule' &&
  !state.rotation.emergency &&
  !isCheckoutDown(state) &&
  !state.requests.some(({ rotationId }) => rotationId === state.rotation?.rotationId);
