/** What people may ask for, and what they are refused. Pure. */
import type { IntegrationState } from '../../lambdas/domain/model.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Command } from '../../lambdas/rotation/reconcile.ts';
import { START } from '../builders/integration.ts';
import { aContext, aRotation, aState, aToken, superseded } from '../builders/state.ts';

const asked = (command: Command, state: Partial<IntegrationState> = {}) =>
  command(aState({ tokens: [superseded(), aToken()], ...state }), aContext());
const asker = { reason: 'leaked', requestedBy: 'ana' };

describe('a forced revocation is refused', () => {
  const manualHold = { reason: 'app in the store', since: START };
  test.each<[string, string, Partial<IntegrationState>, RegExp]>([
    ['for the current token', 'ctkn_current', {}, /current token/],
    ['for a token that is not ours', 'ctkn_other', {}, /not a token of this integration/],
    [
      'for one that a rollback brings back',
      'ctkn_old',
      { rotation: aRotation({ source: { kind: 'rollback', tokenId: 'ctkn_old' } }) },
      /coming back/,
    ],
    [
      'for one that is about to be published',
      'ctkn_new',
      {
        tokens: [aToken(), aToken({ id: 'ctkn_new', status: 'minted' })],
        rotation: aRotation({ phase: 'minted', tokenId: 'ctkn_new' }),
      },
      /about to be published/,
    ],
    ['for one that a person holds', 'ctkn_old', { tokens: [superseded({ manualHold }), aToken()] }, /release it first/],
  ])('%s', (_, tokenId, state, why) => {
    const { change, rejected } = asked(commands.forceRevoke(tokenId, asker), state);
    expect(change).toBeUndefined();
    expect(rejected).toEqual([expect.stringMatching(why)]);
  });
});
