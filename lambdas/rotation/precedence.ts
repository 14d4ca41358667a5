import type { Precedence } from '../paddle/throttle.ts';
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
      return state.rotation?.trigger === 'schedule' && !state.rotation.emergency ? 'schedule' : 'heal';
    default: {
      const tokenId = 'tokenId' in decision ? decision.tokenId : undefined;
      return state.tokens.some(({ id, emergency }) => id === tokenId && emergency) ? 'heal' : 'schedule';
    }
  }
}
