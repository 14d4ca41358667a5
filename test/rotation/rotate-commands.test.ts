/** Rotating, adopting and holding on request. Pure. */
import type { IntegrationState, PaddleToken } from '../../lambdas/domain/model.ts';
import { HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Command } from '../../lambdas/rotation/reconcile.ts';
import { MOST_SUPERSEDED } from '../../lambdas/rotation/snapshot.ts';
import { START } from '../builders/integration.ts';
import { aContext, aRetry, aRotation, aState, aToken, NOW, superseded } from '../builders/state.ts';

const asked = (command: Command, state: Partial<IntegrationState> = {}, config = {}) =>
  command(aState({ tokens: [superseded(), aToken()], ...state }), aContext(config));
const asker = { reason: 'leaked', requestedBy: 'ana' };
const named = { ...asker, requestId: 'q' };
const manualHold = { reason: 'app in the store', requestedBy: 'eve', since: START };
const crowd = Array.from({ length: MOST_SUPERSEDED }, (_, n) => superseded({ id: `ctkn_${n}` }));
const types = (answer: ReturnType<Command>) => answer.change?.records.map(({ type }) => type);
const pause = { since: START };

describe('a request that was taken before does nothing', () => {
  const requests = [{ requestId: 'q', rotationId: 'one' }];
  test.each<[string, Command]>([
    ['rotate', commands.rotate(named)],
    ['emergency', commands.emergency(named)],
    ['rollback', commands.rollback(undefined, named)],
    ['adopt', commands.adopt({ tokenId: 'ctkn_x' }, named)],
  ])('%s', (_, command) => {
    expect(asked(command, { requests })).toEqual({});
  });

  test('one without an id is not the repetition of another without one', () => {
    const without = { requestId: undefined as unknown as string, rotationId: 'one' };
    expect(types(asked(commands.rotate(asker), { requests: [without] }))).toEqual(['rotation.intended']);
  });
});

describe('a rotation on request', () => {
  test('mints, in good order, for whoever asked', () => {
    const { change } = asked(commands.rotate(named));
    expect(change?.state.rotation).toMatchObject({
      ...{ trigger: 'manual', source: { kind: 'mint' }, emergency: false, ...asker },
    });
    expect(change?.state.requests).toEqual([{ requestId: 'q', rotationId: 'id-1', what: 'rotate' }]);
  });

  test('joins the one under way, hurries it, and is known when it is repeated', () => {
    const state = { rotation: aRotation(), retry: aRetry(later(NOW, HOUR)) };
    const { change } = asked(commands.rotate(named), state);
    expect(change?.state).toMatchObject({
      ...{ rotation: { rotationId: 'two' }, retry: { nextAttemptAt: START } },
      requests: [{ requestId: 'q', rotationId: 'two' }],
    });
    expect(change?.records).toEqual([]);
    expect(asked(commands.rotate(asker), state).change?.state.requests).toEqual([]);
  });

  test('does not hurry what must keep its distance', () => {
    const at = later(NOW, HOUR);
    const locked = { rotation: aRotation(), retry: aRetry(at, { code: 'too_many_requests' }) };
    const doubted = { rotation: aRotation({ doubted: true }), retry: aRetry(at) };
    for (const state of [locked, doubted])
      expect(asked(commands.rotate(asker), state).change?.state.retry?.nextAttemptAt).toBe(at);
    // Once it is minted, a doubt of long ago is none.
    const minted = { rotation: aRotation({ doubted: true, phase: 'minted', tokenId: 'x' }), retry: aRetry(at) };
    expect(asked(commands.rotate(asker), minted).change?.state.retry?.nextAttemptAt).toBe(START);
  });

  test.each<[string, Partial<IntegrationState>, object, RegExp]>([
    ['of too many live tokens', { tokens: [...crowd, aToken()] }, {}, /still wait for the evidence/],
    ['while paused', { pause }, {}, /is paused since/],
    ['of an unmanaged integration', {}, { managed: false }, /no longer in the configuration/],
  ])('is refused: %s', (_, state, config, why) => {
    expect(asked(commands.rotate(asker), state, config)).toEqual({ rejected: [expect.stringMatching(why)] });
  });
});

describe('an emergency', () => {
  const recent = { rotationId: 'one', at: later(NOW, -14 * MINUTE) };

  test('mints at once, paused or crowded or not, and is remembered', () => {
    for (const state of [{}, { pause }, { tokens: [...crowd, aToken()] }]) {
      const { change, note } = asked(commands.emergency(named), state);
      expect(change?.state.rotation).toMatchObject({ trigger: 'emergency', emergency: true, ...asker });
      expect(change?.state.lastEmergency).toEqual({ rotationId: 'id-1', at: NOW });
      expect(note).toBeUndefined();
    }
  });

  test('is refused once the integration is unmanaged', () => {
    expect(asked(commands.emergency(asker), {}, { managed: false }).rejected).toEqual([
      expect.stringMatching(/no longer in the configuration/),
    ]);
  });

  test('turns the rotation under way into one, once', () => {
    const state = { rotation: aRotation(), retry: aRetry(later(NOW, HOUR)) };
    const { change } = asked(commands.emergency(named), state);
    expect(change?.state).toMatchObject({
      ...{ rotation: { rotationId: 'two', trigger: 'emergency', emergency: true, ...asker } },
      ...{ retry: { nextAttemptAt: START }, lastEmergency: { rotationId: 'two', at: NOW } },
    });
    expect(change?.records).toEqual([
      expect.objectContaining({ type: 'rotation.escalated', rotationId: 'two', trigger: 'emergency', ...asker }),
    ]);
    expect(types(asked(commands.emergency(named), { rotation: aRotation({ emergency: true }) }))).toEqual([]);
  });

  test('takes the place of an adoption or a rollback under way', () => {
    const rotation = aRotation({ source: { kind: 'rollback', tokenId: 'ctkn_old' } });
    const answer = asked(commands.emergency(asker), { rotation });
    expect(types(answer)).toEqual(['rotation.abandoned', 'rotation.intended']);
    expect(answer.change?.state.rotation).toMatchObject({ rotationId: 'id-1', source: { kind: 'mint' } });
  });

  test('repeated without an id of its own joins the one of the last quarter of an hour, and says so', () => {
    for (const again of [asker, { ...named, isIdOfCall: true }]) {
      const { change, note } = asked(commands.emergency(again), { lastEmergency: recent });
      expect(note).toMatch(/joins the emergency rotation one/);
      expect(change?.state.rotation).toBeUndefined();
      expect(change?.records).toEqual([]);
      const kept = { requestId: 'q', rotationId: 'one', what: 'emergency' };
      expect(change?.state.requests).toEqual('requestId' in again ? [kept] : []);
    }
  });

  test.each<[string, commands.Emergency, object]>([
    ['with an id of its own', named, { lastEmergency: recent }],
    ['after a quarter of an hour', asker, { lastEmergency: { ...recent, at: later(NOW, -15 * MINUTE) } }],
    ['when the fresh token leaked', { ...asker, tokenId: 'ctkn_current' }, { lastEmergency: recent }],
  ])('is another one %s', (_, again, state) => {
    const answer = asked(commands.emergency(again), state);
    expect(answer.note).toBeUndefined();
    expect(types(answer)).toEqual(['rotation.intended']);
  });

  test('that names the current token of a later rotation is another one, unless the one before is still to end that token', () => {
    const later = { ...asker, tokenId: 'ctkn_current' };
    const state = { lastEmergency: recent, tokens: [superseded(), aToken({ rotationId: 'three' })] };
    const noted = (emergency: boolean) =>
      asked(commands.emergency(later), { ...state, rotation: aRotation({ emergency }) }).note;
    expect(types(asked(commands.emergency(later), state))).toEqual(['rotation.intended']);
    expect(noted(true)).toMatch(/joins/);
    expect(noted(false)).toBeUndefined();
  });

  test('joins the one before also while there is no current token', () => {
    expect(asked(commands.emergency(asker), { lastEmergency: recent, tokens: [] }).note).toMatch(/joins/);
  });

  test('hurries only an emergency that it joins', () => {
    const retry = aRetry(later(NOW, HOUR));
    const nextAttempt = (emergency: boolean) =>
      asked(commands.emergency(asker), { lastEmergency: recent, rotation: aRotation({ emergency }), retry }).change
        ?.state.retry?.nextAttemptAt;
    expect([nextAttempt(true), nextAttempt(false)]).toEqual([START, later(NOW, HOUR)]);
  });

  test('ends the token that it names, and says so', () => {
    const hold = { reason: 'x', message: 'x', since: START, attempts: 1, nextCheckAt: NOW };
    const tokens = [superseded({ revokeAfter: later(NOW, HOUR), hold }), aToken()];
    const { change } = asked(commands.emergency({ ...asker, tokenId: 'ctkn_old' }), { tokens });
    expect(change?.state.tokens[0]).toMatchObject({ emergency: asker, revokeAfter: NOW, hold: undefined });
    expect(change?.records.at(-1)).toMatchObject({
      ...{ type: 'token.condemned', tokenId: 'ctkn_old', rotationId: 'one', ...asker },
    });
  });

  test('leaves the wait of a revocation under way to Paddle, and condemns nothing twice', () => {
    const hold = { reason: 'x', message: 'x', since: START, attempts: 1, nextCheckAt: NOW };
    const waiting = superseded({ status: 'revoking', hold });
    const name = commands.emergency({ ...asker, tokenId: 'ctkn_old' });
    expect(asked(name, { tokens: [waiting, aToken()] }).change?.state.tokens[0]).toMatchObject({
      emergency: asker,
      hold,
    });
    const condemned = superseded({ emergency: { reason: 'before' } });
    expect(types(asked(name, { tokens: [condemned, aToken()] }))).toEqual(['rotation.intended']);
    expect(types(asked(name, { tokens: [superseded()] }))).toEqual(['rotation.intended', 'token.condemned']);
  });

  test('says that a held token stays', () => {
    const name = commands.emergency({ ...asker, tokenId: 'ctkn_old' });
    const tokens = [superseded({ manualHold }), aToken()];
    expect(types(asked(name, { tokens }))).toEqual(['rotation.intended', 'token.condemned', 'token.held']);
    expect(types(asked(name, { tokens, lastEmergency: recent }))).toEqual(['token.condemned']);
  });

  test.each([
    ['revoked', /is revoked already/],
    ['minted', /about to be published/],
  ] as const)('that names a token that is %s is refused', (status, why) => {
    const answer = asked(commands.emergency({ ...asker, tokenId: 'ctkn_old' }), { tokens: [superseded({ status })] });
    expect(answer).toEqual({ rejected: [expect.stringMatching(why)] });
  });
});

describe('an adoption', () => {
  const answer: PaddleToken = {
    ...{ id: 'ctkn_x', token: 'test_x', name: 'Pricing', status: 'active', createdAt: START },
  };
  const facts = { tokenId: 'ctkn_x', answer };

  test('takes the token over, for whoever asked; of the current one there is nothing to do', () => {
    expect(asked(commands.adopt(facts, asker)).change?.state.rotation).toMatchObject({
      ...{ trigger: 'adopt', source: { kind: 'adopt', tokenId: 'ctkn_x' }, emergency: false, ...asker },
    });
    expect(asked(commands.adopt({ ...facts, owner: 'pricing-page' }, asker)).rejected).toBeUndefined();
    expect(asked(commands.adopt({ ...facts, tokenId: 'ctkn_current' }, asker))).toEqual({});
    expect(asked(commands.adopt(facts, asker), { tokens: [] }).change).toBeDefined();
    const orphan = { tokens: [superseded({ id: 'ctkn_x', status: 'orphan' })] };
    expect(asked(commands.adopt(facts, asker), orphan).change).toBeDefined();
  });

  const known = (changes = {}) => ({ tokens: [superseded({ id: 'ctkn_x', ...changes }), aToken()] });
  test.each<[string, Partial<commands.AdoptionFacts>, Partial<IntegrationState>, RegExp]>([
    ['while paused', {}, { pause }, /is paused since/],
    ['during a rotation', {}, { rotation: aRotation() }, /under way; adopt when it has ended/],
    ['that Paddle does not know', { answer: undefined }, {}, /Paddle does not know/],
    ['that is revoked', { answer: { ...answer, status: 'revoked' } }, {}, /is revoked, and that is permanent/],
    ['of another integration', { owner: 'other' }, {}, /belongs to integration "other"/],
    ['that was revoked', {}, known({ status: 'revoked', revokingFrom: 'superseded' }), /was revoked, and that is/],
    ['that is superseded', {}, known(), /use "rollback"/],
    ['that may be being revoked', {}, known({ revokingFrom: 'superseded' }), /may still take effect/],
    ['that leaked', {}, known({ emergency: { reason: 'leaked' } }), /condemned by an emergency/],
  ])('is refused of a token %s', (_, more, state, why) => {
    expect(asked(commands.adopt({ ...facts, ...more }, asker), state)).toEqual({
      rejected: [expect.stringMatching(why)],
    });
  });
});

describe('a hold', () => {
  test.each([
    ['current', /for when it is superseded/],
    ['minted', /for when it is superseded/],
    ['revoking', /unless its revocation has already taken effect/],
    ['superseded', /^ctkn_old is held by ana: leaked$/],
  ] as const)('of a token that is %s', (status, message) => {
    const { change } = asked(commands.hold('ctkn_old', asker), { tokens: [superseded({ status })] });
    expect(change?.state.tokens[0]?.manualHold).toEqual({ ...asker, since: NOW });
    expect(change?.records).toEqual([
      { type: 'token.held', tokenId: 'ctkn_old', rotationId: 'one', ...asker, message: expect.stringMatching(message) },
    ]);
  });

  test('of one that is held changes nothing; of one that is revoked, or not ours, it is refused', () => {
    expect(asked(commands.hold('ctkn_old', asker), { tokens: [superseded({ manualHold })] })).toEqual({});
    const gone = { tokens: [superseded({ status: 'revoked' })] };
    expect(asked(commands.hold('ctkn_old', asker), gone).rejected).toHaveLength(1);
    expect(asked(commands.hold('ctkn_x', asker)).rejected).toHaveLength(1);
  });

  const hold = { reason: 'x', message: 'x', since: START, attempts: 1, nextCheckAt: later(NOW, HOUR) };
  test.each([
    ['superseded', undefined],
    ['revoking', hold],
  ] as const)('that is released lets the evidence decide at once, but leaves Paddle its wait (%s)', (status, left) => {
    const tokens = [superseded({ status, manualHold, hold })];
    const { change } = asked(commands.release('ctkn_old', asker), { tokens });
    expect(change?.state.tokens[0]).toMatchObject({ manualHold: undefined, hold: left });
    expect(change?.records).toEqual([
      expect.objectContaining({ type: 'token.released', tokenId: 'ctkn_old', rotationId: 'one', ...asker }),
    ]);
  });

  test('that is none cannot be released', () => {
    expect(asked(commands.release('ctkn_old', asker))).toEqual({});
    expect(asked(commands.release('ctkn_x', asker)).rejected).toHaveLength(1);
  });
});
