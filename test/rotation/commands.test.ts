/** What people may ask for, and what they are refused. Pure. */
import type { IntegrationState } from '../../lambdas/domain/model.ts';
import { HOUR, later } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Command } from '../../lambdas/rotation/reconcile.ts';
import { START } from '../builders/integration.ts';
import { aContext, aRotation, aState, aToken, NOW, superseded } from '../builders/state.ts';

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

describe('a pause', () => {
  const soon = later(NOW, HOUR);
  const since = START;

  test('says since when, why and by whom, and ends by itself only if it is told when', () => {
    expect(asked(commands.pause(asker)).change?.state.pause).toEqual({ since: NOW, ...asker });
    expect(asked(commands.pause({ until: soon })).change?.state.pause).toEqual({ since: NOW, until: soon });
  });

  test.each([
    ['in the past', later(NOW, -HOUR)],
    ['now', NOW],
  ])('that would end %s is refused', (_, until) => {
    expect(asked(commands.pause({ until })).rejected).toEqual([expect.stringMatching(/ends in the future/)]);
  });

  test('asked for again gets another end, or none, and keeps its beginning and its reason', () => {
    const pause = { since, reason: 'audit', requestedBy: 'ben' };
    const { change } = asked(commands.pause({ ...asker, until: soon }), { pause });
    expect(change?.state.pause).toEqual({ ...pause, until: soon });
    expect(change?.records).toEqual([
      expect.objectContaining({ type: 'integration.paused', ...asker, details: { until: soon } }),
    ]);
    expect(asked(commands.pause(asker), { pause: { since, until: soon } }).change?.state.pause).toEqual({ since });
    expect(asked(commands.pause(asker), { pause })).toEqual({});
    expect(asked(commands.pause({ until: soon }), { pause: { since, until: soon } })).toEqual({});
  });

  test('says who asked only if somebody did', () => {
    expect(asked(commands.pause({})).change?.records[0]?.message).toBe('pricing-page is paused.');
    expect(asked(commands.pause(asker)).change?.records[0]?.message).toBe('pricing-page is paused by ana.');
  });

  test('is over once, with one record', () => {
    const { change } = asked(commands.resume(asker), { pause: { since } });
    expect(change?.state.pause).toBeUndefined();
    expect(change?.records).toEqual([expect.objectContaining({ type: 'integration.resumed', ...asker })]);
    expect(asked(commands.resume(asker))).toEqual({});
  });
});

describe('a rollback', () => {
  const older = superseded({ id: 'ctkn_older', supersededAt: START });
  const newer = superseded({ id: 'ctkn_newer', supersededAt: later(START, HOUR) });
  const dateless = superseded({ id: 'ctkn_dateless', supersededAt: undefined });
  const to = (tokenId?: string) => ({ trigger: 'rollback', source: { kind: 'rollback', tokenId }, emergency: false });

  test.each([
    ['in the order of the state', [older, newer, dateless]],
    ['in another order', [dateless, newer, older]],
  ])('goes to the token that was superseded last, %s', (_, tokens) => {
    const { change } = asked(commands.rollback(undefined, asker), { tokens: [...tokens, aToken()] });
    expect(change?.state.rotation).toMatchObject({ ...to('ctkn_newer'), ...asker });
  });

  test('goes to the one that is named', () => {
    const { change } = asked(commands.rollback('ctkn_older', asker), { tokens: [older, newer, aToken()] });
    expect(change?.state.rotation).toMatchObject(to('ctkn_older'));
  });

  test('passes over what may already be being revoked, and what an emergency condemned', () => {
    const tried = superseded({ id: 'ctkn_tried', supersededAt: NOW, revokingFrom: 'superseded' });
    const condemned = superseded({ id: 'ctkn_condemned', supersededAt: NOW, emergency: { reason: 'leaked' } });
    const { change } = asked(commands.rollback(undefined, asker), { tokens: [older, tried, condemned, aToken()] });
    expect(change?.state.rotation).toMatchObject(to('ctkn_older'));
  });

  test('that is under way already is not begun twice; another one, or another rotation, is refused', () => {
    const rotation = aRotation({ source: { kind: 'rollback', tokenId: 'ctkn_older' } });
    const state = { tokens: [older, newer, aToken()], rotation };
    expect(asked(commands.rollback(undefined, asker), state)).toEqual({});
    expect(asked(commands.rollback('ctkn_older', asker), state)).toEqual({});
    expect(asked(commands.rollback('ctkn_newer', asker), state).rejected).toHaveLength(1);
    expect(asked(commands.rollback(undefined, asker), { rotation: aRotation() }).rejected).toEqual([
      expect.stringMatching(/is under way; roll back when it has ended/),
    ]);
  });

  test.each<[string, string | undefined, Partial<IntegrationState>, RegExp]>([
    ['when there is nothing to go back to', undefined, { tokens: [aToken()] }, /no superseded token/],
    ['to a token that is not ours', 'ctkn_x', {}, /not a token of this integration/],
    ['to the current one', 'ctkn_current', {}, /is current; only a superseded token/],
    [
      'to a revoked one',
      'ctkn_old',
      { tokens: [superseded({ status: 'revoked', revokingFrom: 'superseded' })] },
      /is revoked/,
    ],
    [
      'to one whose revocation was tried',
      'ctkn_old',
      { tokens: [superseded({ revokingFrom: 'superseded' })] },
      /may still take effect/,
    ],
    [
      'to one that leaked',
      'ctkn_old',
      { tokens: [superseded({ emergency: { reason: 'leaked' } })] },
      /condemned by an emergency/,
    ],
    ['while paused', 'ctkn_old', { pause: { since: START } }, /is paused since/],
  ])('%s is refused', (_, tokenId, state, why) => {
    const { change, rejected } = asked(commands.rollback(tokenId, asker), state);
    expect(change).toBeUndefined();
    expect(rejected).toEqual([expect.stringMatching(why)]);
  });
});

describe('a forced revocation', () => {
  const unclaimed = {
    ...{ id: 'ctkn_lost', value: 'test_lost', name: 'pricing-page · nine', rotationId: 'nine', createdAt: START },
    ...{ since: START, nextCheckAt: NOW },
  };

  test('makes the token due now, as an emergency with its reason, and starts the count of failures anew', () => {
    const token = superseded({ revokeAfter: later(NOW, HOUR), failures: 5, stuckSince: START });
    const { change } = asked(commands.forceRevoke('ctkn_old', asker), { tokens: [token, aToken()] });
    expect(change?.state.tokens[0]).toEqual({
      ...token,
      ...{ emergency: asker, revokeAfter: NOW, hold: undefined, failures: 0, stuckSince: undefined },
    });
    expect(change?.records).toEqual([
      expect.objectContaining({ type: 'token.forced', tokenId: 'ctkn_old', rotationId: 'one', ...asker }),
    ]);
  });

  test('is allowed during a rotation that is about other tokens, and refused once the integration is unmanaged', () => {
    const rotation = aRotation({ source: { kind: 'rollback', tokenId: 'ctkn_other' } });
    expect(asked(commands.forceRevoke('ctkn_old', asker), { rotation }).change).toBeDefined();
    expect(asked(commands.forceRevoke('ctkn_old', asker), { rotation: aRotation() }).change).toBeDefined();
    const under = aRotation({ phase: 'minted', tokenId: 'ctkn_new' });
    const left = [superseded({ status: 'minted' }), aToken()];
    expect(asked(commands.forceRevoke('ctkn_old', asker), { rotation: under, tokens: left }).change).toBeDefined();
    const back = aRotation({ phase: 'minted', tokenId: 'ctkn_old', source: { kind: 'rollback', tokenId: 'ctkn_old' } });
    expect(asked(commands.forceRevoke('ctkn_old', asker), { rotation: back }).rejected).toEqual([
      expect.stringMatching(/coming back/),
    ]);
    const { rejected } = commands.forceRevoke('ctkn_old', asker)(
      aState({ tokens: [superseded()] }),
      aContext({ managed: false }),
    );
    expect(rejected).toEqual([expect.stringMatching(/no longer in the configuration/)]);
  });

  test('of a token that is revoked changes nothing', () => {
    const tokens = [superseded({ status: 'revoked' }), aToken()];
    expect(asked(commands.forceRevoke('ctkn_old', asker), { tokens })).toEqual({});
  });

  test('of one that the ledger had forgotten takes it back first; of a stranger it is refused', () => {
    const { change } = asked(commands.forceRevoke('ctkn_lost', asker), {
      unclaimed: [{ ...unclaimed, provenance: 'known' }],
    });
    expect(change?.records.map(({ type }) => type)).toEqual(['token.orphaned', 'token.forced']);
    expect(change?.claims).toEqual([{ tokenId: 'ctkn_lost', integration: 'pricing-page', rotationId: 'nine' }]);
    expect(change?.state.tokens.at(-1)).toMatchObject({
      id: 'ctkn_lost',
      status: 'orphan',
      origin: 'minted',
      emergency: asker,
    });
    const strange = { unclaimed: [{ ...unclaimed, provenance: 'none' as const }] };
    expect(asked(commands.forceRevoke('ctkn_lost', asker), strange).rejected).toEqual([
      expect.stringMatching(/no record of ours speaks of it/),
    ]);
  });
});
