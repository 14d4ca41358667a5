/** What is read and asked before and after a publication: at Paddle, and at the targets. Pure. */
import type { IntegrationConfig, IntegrationState, PaddleToken, Rotation, Token } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { checkEvery } from '../../lambdas/rotation/target-checks.ts';
import { anIntegration, START } from '../builders/integration.ts';
import { answered, failed, gone, hold, of, outcome } from '../builders/outcomes.ts';
import { aRotation, aToken, NOW, readings, superseded } from '../builders/state.ts';

describe('before a token is published, Paddle is asked', () => {
  const fresh = aToken({ id: 'ctkn_new', status: 'minted' });
  const minting = aRotation({ phase: 'minted', tokenId: 'ctkn_new', clearedBy: 'other' });
  const verified = (rotation: Rotation, answer: PaddleToken | undefined, known: Token[] = [fresh]) =>
    outcome('verify', of(answer), { rotation, tokens: [...known, aToken()] }, {}, 'ctkn_new');
  const first = aRotation({ trigger: 'first', source: { kind: 'adopt', tokenId: 'ctkn_new' } });
  const adopting = { ...first, trigger: 'adopt' as const };

  test('an active one may be published by this run', () => {
    expect(verified(minting, answered('ctkn_new')).state.rotation).toMatchObject({ phase: 'minted', clearedBy: 'me' });
    const taken = verified(adopting, answered('ctkn_new'), []);
    expect(taken.state.tokens.at(-1)).toMatchObject({
      id: 'ctkn_new',
      origin: 'adopted',
      status: 'minted',
      rotationId: 'two',
    });
    expect(taken.change?.claims).toEqual([{ tokenId: 'ctkn_new', integration: 'pricing-page', rotationId: 'two' }]);
    expect(taken.state.publishedTo).toEqual(anIntegration().targets);
  });

  test('one that is known to be dead does not come back', () => {
    const dead = { ...fresh, status: 'revoked' as const };
    const { types, state } = verified(minting, answered('ctkn_new'), [dead]);
    expect(types).toEqual(['rotation.abandoned', 'rotation.intended']);
    expect(state.rotation?.rotationId).not.toBe('two');
    expect(verified(minting, gone('ctkn_new'), [dead]).types).toEqual(types);
  });

  test('one of ours that is unknown is waited for; an adoption of one ends', () => {
    expect(verified(minting, undefined).state.retry).toMatchObject({ code: 'token_unknown', step: 'verify' });
    expect(verified(adopting, undefined, []).types).toEqual(['rotation.abandoned']);
    expect(verified(first, undefined, []).state.retry).toMatchObject({ code: 'adopt_impossible', step: 'verify' });
    expect(verified(adopting, gone('ctkn_new')).types).toEqual([...['token.lost', 'rotation.abandoned']]);
  });
});

describe('a token that a target was found to hold', () => {
  const read = (values: string[], state: Partial<IntegrationState> = {}, config: Partial<IntegrationConfig> = {}) =>
    outcome(
      'check-targets',
      { kind: 'targets', differing: [], read: readings(...values) },
      state,
      config,
      'ctkn_current',
    );
  const grace = anIntegration().graceMs;

  test('gets its grace and its scans anew, whatever stands around it, and is held for that', () => {
    const scanRound = { of: 'x', scanned: 6, since: START, at: START };
    const before = { tokens: [superseded({ cleanScans: [START], scanRound }), aToken()] };
    const { old, types } = read(['{"key":"test_old"}', 'other'], before);
    expect(old).toMatchObject({
      servedAt: NOW,
      revokeAfter: later(NOW, grace),
      cleanScans: [],
      scanRound: undefined,
      hold: { reason: 'served_again', attempts: 0, since: NOW },
    });
    expect(types).toEqual(['token.reappeared']);
  });

  test('is told of once until its grace is over again, and keeps the reason that is known', () => {
    const again = superseded({ servedAt: START, revokeAfter: later(NOW, DAY), hold: hold() });
    expect(read(['test_old'], { tokens: [again, aToken()] })).toMatchObject({
      types: [],
      old: { hold: hold(), servedAt: NOW },
    });
    const over = { ...again, revokeAfter: NOW };
    expect(read(['test_old'], { tokens: [over, aToken()] }).types).toEqual(['token.reappeared']);
    const longer = superseded({ revokeAfter: later(NOW, 30 * DAY) });
    expect(read(['test_old'], { tokens: [longer, aToken()] }).old?.revokeAfter).toBe(later(NOW, 30 * DAY));
  });

  test('waits for a deployment once more, where that starts the grace; an orphan does not', () => {
    const deployed = { graceFrom: 'deployed' as const };
    expect(read(['test_old'], {}, deployed).old).toMatchObject({ servedAt: NOW, revokeAfter: undefined });
    const orphan = { tokens: [superseded({ status: 'orphan' }), aToken()] };
    expect(read(['test_old'], orphan, deployed).old?.revokeAfter).toBe(later(NOW, grace));
  });

  test('and that waits for a person goes on waiting', () => {
    const left = { tokens: [superseded({ status: 'orphan', revokeAfter: undefined }), aToken()] };
    expect(read(['test_old'], left).old).toMatchObject({ servedAt: NOW, revokeAfter: undefined, hold: undefined });
  });

  test.each<[string, Partial<IntegrationState>, string[]]>([
    ['nothing of it was found', {}, ['other']],
    ['an emergency has condemned it', { tokens: [superseded({ emergency: { reason: 'x' } }), aToken()] }, ['test_old']],
    ['it is revoked', { tokens: [superseded({ status: 'revoked' }), aToken()] }, ['test_old']],
    ['it is the current one', {}, ['test_current']],
    [
      'its rotation is under way, and may have written it',
      { rotation: aRotation({ phase: 'minted', tokenId: 'ctkn_old' }) },
      ['test_old'],
    ],
  ])('but not when %s', (_, state, values) => {
    const { old, types } = read(values, state);
    expect([old?.servedAt, types]).toEqual([undefined, []]);
  });

  test('gets a deadline when the grace does not start at the deployment any more', () => {
    const waiting = { tokens: [superseded({ revokeAfter: undefined }), aToken()] };
    expect(read(['test_old'], waiting).old?.revokeAfter).toBe(later(NOW, grace));
  });

  test('is held when it is superseded or an orphan; a revocation under way is not', () => {
    const held = (status: Token['status']) =>
      read(['test_old'], { tokens: [superseded({ status }), aToken()] }).old?.hold?.reason;
    expect([held('superseded'), held('orphan'), held('revoking'), held('minted')]).toEqual([
      ...['served_again', 'served_again', undefined, undefined],
    ]);
  });

  test('and is revoked by now does not come back', () => {
    const { old, types } = outcome('inspect', { kind: 'token', token: gone('ctkn_old'), read: readings('test_old') });
    expect([old?.status, types]).toEqual(['revoked', ['token.lost']]);
  });

  test('is not made anything by a question that changes nothing', () => {
    const asked = (values: string[]) =>
      outcome(
        'inspect',
        { kind: 'token', token: answered('ctkn_current'), read: readings(...values) },
        {},
        {},
        'ctkn_current',
      );
    expect(asked(['other']).change).toBeUndefined();
    expect(asked([]).change).toBeUndefined();
    expect(asked(['test_old']).old?.servedAt).toBe(NOW);
  });
});

describe('targets that differ', () => {
  const [ssm, secret] = anIntegration().targets;
  if (!ssm || !secret) throw new Error('two targets are needed');
  const differing = (names: string[], state: Partial<IntegrationState> = {}, drift: 'restore' | 'report' = 'restore') =>
    outcome('check-targets', { kind: 'targets', differing: names }, state, { drift }, 'ctkn_current');
  const repair = { id: 'r', reason: 'x', since: START, attempts: 3, nextAttemptAt: later(NOW, HOUR) };

  test('are restored, all of them, at once', () => {
    expect(differing(['a']).state).toMatchObject({
      ...{ repair: { id: 'id-1', attempts: 0, since: NOW, nextAttemptAt: NOW }, targetsCheckedAt: NOW },
    });
  });

  test('are only reported where that is configured, once while they are the same', () => {
    const drift = { targets: ['a'], since: START };
    const told = differing(['a'], {}, 'report');
    expect([told.types, told.state.repair, told.state.drift]).toEqual([
      ['token.drifted'],
      undefined,
      { targets: ['a'], since: NOW },
    ]);
    expect(differing(['a'], { drift }, 'report')).toMatchObject({ types: [], state: { drift } });
    expect(differing(['a', 'b'], { drift }, 'report')).toMatchObject({
      types: ['token.drifted'],
      state: { drift: { since: START } },
    });
    expect(differing([], { drift }, 'report').state.drift).toBeUndefined();
  });

  test('do not, where one that joined is not filled yet', () => {
    const only = { repair: { ...repair, only: ['a'] } };
    expect(differing(['a'], only)).toMatchObject({ types: [], state: { repair: only.repair } });
    expect(differing(['a', 'b'], only).types).toEqual(['token.drifted']);
  });

  test('are not written with a token that Paddle does not know; that is tried again', () => {
    const { state } = outcome('restore', of(), { repair }, {}, 'ctkn_current');
    expect(state.repair).toMatchObject({ attempts: 4, message: expect.stringMatching(/does not know/) });
    expect(() => outcome('restore', of(), {}, {}, 'ctkn_current')).toThrow(/no repair is under way/);
    const lost = outcome('restore', of(gone('ctkn_current')), { repair }, {}, 'ctkn_current');
    expect(lost.current).toMatchObject({ status: 'revoked', revokedBy: 'external' });
  });

  test.each([
    [undefined, 1],
    [1, 2],
    [2, 4],
    [6, 60],
    [90, 60],
  ])(
    'cannot be told when they cannot be read: after %s times before, they are read again in %i minutes',
    (before, minutes) => {
      const { state } = outcome('check-targets', failed(), { targetsUnread: before }, {}, 'ctkn_current');
      expect(later(state.targetsCheckedAt ?? '', checkEvery('pricing-page'))).toBe(later(NOW, minutes * MINUTE));
      expect(state.targetsUnread).toBe((before ?? 0) + 1);
      expect(differing([], { targetsUnread: before }).state.targetsUnread).toBeUndefined();
    },
  );

  const retargeted = (
    publishedTo: IntegrationState['publishedTo'],
    before?: IntegrationState['repair'],
    targets = [ssm, secret],
  ) => outcome('retarget', { kind: 'done' }, { publishedTo, repair: before }, { targets }).state;
  const nameOf = (target: typeof ssm) => `${target.kind}:${target.name}`;

  test('by configuration: what joined is filled at once, with what was to be filled before', () => {
    const names = [nameOf(ssm), nameOf(secret)];
    expect(retargeted([ssm]).repair).toMatchObject({
      id: 'id-1',
      only: [names[1]],
      attempts: 0,
      since: NOW,
      nextAttemptAt: NOW,
    });
    expect(retargeted([ssm], { ...repair, only: [names[0] ?? ''] }).repair).toMatchObject({ id: 'id-1', only: names });
    expect(retargeted([ssm], repair).repair).toEqual(repair);
    expect(retargeted([]).repair?.only).toEqual(names);
    expect(retargeted([ssm]).publishedTo).toEqual([ssm, secret]);
  });

  test('by configuration: what left is remembered and no longer filled', () => {
    const only = { ...repair, only: [nameOf(secret)] };
    const left = retargeted([ssm, secret], only, [ssm]);
    expect(left.repair).toBeUndefined();
    expect(left.formerTargets).toEqual([{ target: secret, since: NOW }]);
    const both = { ...repair, only: [nameOf(ssm), nameOf(secret)] };
    expect(retargeted([ssm, secret], both, [ssm]).repair).toMatchObject({ id: 'r', only: [nameOf(ssm)], attempts: 3 });
  });
});
