/** When somebody comes back, and what is said until then: a wait ends with what falls due first. Pure. */
import type { IntegrationConfig, IntegrationState, Token, UnclaimedToken } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE, SECOND } from '../../lambdas/domain/time.ts';
import { decide } from '../../lambdas/rotation/decide.ts';
import { MOST_SUPERSEDED } from '../../lambdas/rotation/snapshot.ts';
import { anIntegration, START } from '../builders/integration.ts';
import { aRetry, aRotation, aState, aToken, NOW, superseded } from '../builders/state.ts';

/** Of pricing-page: once a day, spread over the day (ms). */
const DAILY = 69_866_389;

const decided = (state: Partial<IntegrationState>, config: Partial<IntegrationConfig> = {}, recheck: string[] = []) =>
  decide({ now: NOW, runId: 'me', config: anIntegration(config), state: aState(state), recheck });

const soon = later(NOW, MINUTE);
const pause = { since: START };
const repair = { id: 'r', reason: 'x', since: NOW, attempts: 1, nextAttemptAt: soon };
const lost = aToken({ status: 'revoked', revokedBy: 'external', revokedAt: later(NOW, -DAY) });
const crowd = Array.from({ length: MOST_SUPERSEDED }, (_, n) =>
  superseded({ id: `ctkn_${n}`, revokeAfter: later(NOW, DAY) }),
);
const unclaimed: UnclaimedToken = {
  ...{ id: 'ctkn_x', value: 'test_x', name: 'pricing-page · x', rotationId: 'x', createdAt: START },
  ...{ provenance: 'none', since: START, nextCheckAt: soon },
};
const sweep = { at: soon, tokenName: 'pricing-page · one', rotationId: 'one' };
const rested = { targetsCheckedAt: later(NOW, HOUR) };

describe('nothing is due until', () => {
  test.each<[string, Partial<IntegrationState>, Partial<IntegrationConfig>, string, string]>([
    ['the next rotation', rested, { schedule: { every: 10 * DAY + HOUR } }, later(NOW, HOUR), 'scheduled'],
    ['the targets are read again', {}, {}, later(NOW, DAILY), 'targets_check'],
    ['the rotation is tried again', { rotation: aRotation(), retry: aRetry(soon) }, {}, soon, 'down'],
    ['a question is asked again, without a rotation', { retry: aRetry(soon) }, {}, soon, 'down'],
    ['the targets are restored', { repair }, {}, soon, 'targets_differ'],
    ['late twins are searched for', { sweeps: [sweep] }, {}, soon, 'sweep'],
    ['a token that bears our name is asked about', { unclaimed: [unclaimed] }, {}, soon, 'unclaimed'],
  ])('%s', (_, state, config, until, reason) => {
    expect(decided(state, config)).toMatchObject({ kind: 'wait', until, reason, message: expect.stringMatching(/\w/) });
  });

  test('what comes first: a rotation that waits, the targets, or a token', () => {
    const waiting = { rotation: aRotation(), retry: aRetry(later(NOW, HOUR)) };
    expect(decided({ ...waiting, repair }).reason).toBe('targets_differ');
    expect(decided({ ...waiting, tokens: [superseded({ revokeAfter: soon }), aToken()] }).reason).toBe('grace');
    expect(decided({ ...waiting, sweeps: [{ ...sweep, at: later(NOW, 2 * HOUR) }] }).reason).toBe('down');
  });

  test('a rotation under way is over: the next one is not waited for', () => {
    const state = { rotation: aRotation(), retry: aRetry(later(NOW, 50 * DAY)) };
    expect(decided(state, { schedule: { every: 11 * DAY } })).toMatchObject({ until: later(NOW, 50 * DAY) });
  });

  test('a token that the state knows is not asked about because it is listed', () => {
    const due = [{ ...unclaimed, nextCheckAt: NOW }];
    expect(decided({ unclaimed: due })).toMatchObject({ kind: 'claim', tokenId: 'ctkn_x', reason: 'unclaimed' });
    expect(decided({ unclaimed: due, tokens: [aToken({ id: 'ctkn_x' })] }).kind).toBe('wait');
    expect(decided({ unclaimed: [unclaimed, { ...due[0], id: 'ctkn_y' } as UnclaimedToken] })).toMatchObject({
      tokenId: 'ctkn_y',
    });
  });

  test('a retarget, a rotation or a report says why it is done', () => {
    expect(decided({ publishedTo: [] }).reason).toBe('targets_changed');
    expect(decided({}, {}, ['ctkn_current'])).toMatchObject({ kind: 'inspect', reason: 'recheck' });
    expect(decided({}, {}, ['ctkn_other'])).toMatchObject({ kind: 'claim', reason: 'unclaimed' });
  });
});

test('a schedule that is spread says so, and how far', () => {
  const message = (spreadMs?: number) => decided(rested, { schedule: { every: 30 * DAY, spreadMs } }).message;
  const atFirst = decided({ ...rested, targetsCheckedAt: later(NOW, 60 * DAY) }, { schedule: { every: 30 * DAY } });
  expect(atFirst.message).toMatch(/^The next scheduled rotation is due at \S+Z\.$/);
  expect(message()).not.toContain('spread');
  const spread = { every: 30 * DAY, spreadMs: 30 * MINUTE };
  const told = decided({ ...rested, targetsCheckedAt: later(NOW, 60 * DAY) }, { schedule: spread });
  expect(told.message).toMatch(/ over 30 minutes: this integration has its place \d+ s after its slot\.$/);
});

test('a token that a former target held is asked about soon while it is there, and never before its deadline once it is gone', () => {
  const nextCheckAt = later(NOW, -MINUTE);
  const hold = { reason: 'former_target_holds', message: 'x', since: START, attempts: 1, nextCheckAt };
  const held = { hold, servedAt: later(NOW, -HOUR), revokeAfter: later(NOW, DAY) };
  const asked = (changes: Partial<Token>) => decided({ ...rested, tokens: [superseded(changes), aToken()] });
  expect(asked(held).kind).toBe('prove');
  expect(asked({ ...held, servedUntil: nextCheckAt }).kind).toBe('wait');
  expect(asked({ ...held, servedAt: undefined }).kind).toBe('wait');
});

test('what was overwritten and only reported is read again at once when it is to be restored, if it can be read', () => {
  const drift = { targets: ['ssm:/x'], since: later(NOW, -HOUR) };
  expect(decided({ ...rested, drift }, { drift: 'restore' }).kind).toBe('check-targets');
  expect(decided({ ...rested, drift }, { drift: 'report' }).kind).toBe('wait');
  expect(decided({ ...rested, drift, targetsUnread: 1 }, { drift: 'restore' }).kind).toBe('wait');
  expect(decided({ ...rested, drift, repair }, { drift: 'restore' }).kind).toBe('wait');
});

describe('the targets have changed', () => {
  const [ssm, secret] = anIntegration().targets;
  if (!ssm || !secret) throw new Error('two targets are needed');

  test.each([
    ['one joined', [ssm], [ssm, secret], /secret:\S+ joined, nothing left/],
    ['one left', [ssm, secret], [ssm], /nothing joined, secret:\S+ left/],
    ['one took the place of another', [ssm], [secret], /secret:\S+ joined, ssm:\S+ left/],
  ])('%s', (_, publishedTo, targets, message) => {
    const decision = decided({ publishedTo }, { targets });
    expect(decision).toMatchObject({ kind: 'retarget', message: expect.stringMatching(message) });
    expect(decided({ publishedTo, pause }, { targets }).reason).toBe('paused');
  });

  test('or not', () => {
    expect(decided({ publishedTo: [secret, ssm] }).kind).toBe('wait');
  });
});

describe('too many live tokens', () => {
  const due = { schedule: { every: DAY } };
  const since = later(NOW, -HOUR);

  test('keep a scheduled rotation from beginning; that is told once, and looked at every hour', () => {
    expect(decided({ tokens: [...crowd, aToken()] }, due)).toMatchObject({ kind: 'report-crowded', reason: 'crowded' });
    expect(decided({ tokens: [...crowd, aToken()], crowdedSince: since }, due)).toMatchObject({
      ...{ kind: 'wait', reason: 'crowded', until: later(NOW, HOUR) },
    });
    expect(decided({ tokens: [...crowd.slice(1), aToken()], crowdedSince: since }, due).kind).toBe('intend');
    expect(
      decided({ tokens: [...crowd, aToken()], crowdedSince: since }, { schedule: { every: 10 * DAY } }),
    ).toMatchObject({
      ...{ kind: 'wait', reason: 'crowded', until: later(NOW, HOUR) },
    });
  });

  test('say nothing before a rotation is due', () => {
    expect(
      decided({ tokens: [...crowd, aToken()], ...rested }, { schedule: { every: 10 * DAY + SECOND } }),
    ).toMatchObject({
      ...{ kind: 'wait', reason: 'scheduled', until: later(NOW, SECOND) },
    });
  });

  test('do not count what is current or over', () => {
    const over = crowd.map((token) => ({ ...token, status: 'revoked' as const }));
    expect(decided({ tokens: [...over, ...crowd.slice(1), aToken()] }, due).kind).toBe('intend');
  });
});

describe('a rotation begins', () => {
  test('when its slot has come, to the millisecond, and not while a failed question waits', () => {
    expect(decided(rested, { schedule: { every: 10 * DAY } })).toMatchObject({
      ...{ kind: 'intend', trigger: 'schedule', source: { kind: 'mint' }, reason: 'scheduled' },
    });
    expect(decided({ retry: aRetry(soon) }, { schedule: { every: DAY } }).kind).toBe('wait');
    expect(decided({ retry: aRetry(NOW) }, { schedule: { every: DAY } }).kind).toBe('intend');
  });

  test('with the token that the configuration names, or a fresh one', () => {
    expect(decided({ tokens: [] }, { adopt: 'ctkn_a' })).toMatchObject({
      ...{ trigger: 'first', source: { kind: 'adopt', tokenId: 'ctkn_a' } },
    });
    expect(decided({ tokens: [] })).toMatchObject({ trigger: 'first', source: { kind: 'mint' }, reason: 'first' });
    expect(decided({ tokens: [lost] }, { adopt: 'ctkn_a' })).toMatchObject({
      ...{ trigger: 'heal', source: { kind: 'mint' }, reason: 'current_lost', why: expect.stringMatching(/revoked/) },
    });
  });

  test('a first adoption is abandoned only when another token is wanted, and it has not been taken over', () => {
    const adopting = { trigger: 'first' as const, source: { kind: 'adopt' as const, tokenId: 'ctkn_a' } };
    const under = (changes = {}) => ({ tokens: [], rotation: aRotation({ ...adopting, ...changes }) });
    expect(decided(under(), { adopt: 'ctkn_b' }).kind).toBe('abandon');
    expect(decided(under(), { adopt: 'ctkn_a' }).kind).toBe('verify');
    expect(decided(under({ trigger: 'adopt' })).kind).toBe('verify');
    expect(decided(under({ phase: 'minted', tokenId: 'ctkn_a' })).kind).toBe('publish');
    expect(decided(under({ source: { kind: 'rollback', tokenId: 'ctkn_a' } })).kind).toBe('verify');
  });
});

describe('healing is braked', () => {
  const gone = (minutes: number, n: number) =>
    aToken({ id: `ctkn_${n}`, status: 'revoked', revokedBy: 'external', revokedAt: later(NOW, -minutes * MINUTE) });
  const losses = (...minutes: number[]) => ({ tokens: minutes.map(gone) });

  test.each<[string, number[], object]>([
    ['not at the second loss', [0, 1], { kind: 'intend' }],
    ['at the third for a minute from it', [0, 2, 1], { kind: 'wait', until: later(NOW, MINUTE) }],
    ['and no longer', [1, 3, 2], { kind: 'intend' }],
    ['at the fourth for five', [4, 5, 6, 7], { kind: 'wait', until: later(NOW, MINUTE) }],
    ['and no longer either', [5, 6, 7, 8], { kind: 'intend' }],
    ['at the fifth for fifteen, told every four', [1, 2, 3, 4, 5], { kind: 'wait', until: later(NOW, 4 * MINUTE) }],
    ['at the sixth for as long', [14, 15, 16, 17, 18, 19], { kind: 'wait', until: later(NOW, MINUTE) }],
    ['not by what was more than an hour ago', [0, 60, 61], { kind: 'intend' }],
    [
      'by a clock of Paddle that is ahead no longer than by ours',
      [-30, 2, 1],
      { kind: 'wait', until: later(NOW, MINUTE) },
    ],
  ])('%s', (_, minutes, decision) => {
    expect(decided(losses(...minutes))).toMatchObject(decision);
  });
});

describe('while paused', () => {
  const leaked = { emergency: { reason: 'leaked' } };
  const manualHold = { reason: 'x', since: START };

  test.each<[string, Partial<Token>, string]>([
    ['a superseded one', { status: 'superseded' }, 'prove'],
    ['an orphan', { status: 'orphan' }, 'prove'],
    ['one under revocation', { status: 'revoking', revokingBy: 'me', revokingSince: NOW }, 'revoke'],
    ['one under revocation that a person holds', { status: 'revoking', revokingSince: NOW, manualHold }, 'confirm'],
    ['not one that a person holds', { status: 'superseded', manualHold }, 'wait'],
    ['not an orphan that a person holds', { status: 'orphan', manualHold }, 'wait'],
    ['not one that is revoked', { status: 'revoked' }, 'wait'],
  ])('what an emergency has condemned is ended: %s', (_, changes, kind) => {
    const decision = decided({ pause, tokens: [superseded({ ...leaked, ...changes }), aToken()] });
    expect(decision.kind).toBe(kind);
    if (kind === 'wait')
      expect(decision).toMatchObject({ reason: 'paused', message: expect.stringMatching(/^Paused since/) });
  });

  test('what is due without an emergency stands still', () => {
    expect(decided({ pause, tokens: [superseded(), aToken()] }).message).toMatch(/^Paused since/);
    expect(decided({ pause, tokens: [lost] }).reason).toBe('paused');
  });

  test('a rotation under way waits, although an emergency is being finished', () => {
    const hold = { reason: 'x', message: 'x', since: START, attempts: 1, nextCheckAt: later(NOW, 20 * MINUTE) };
    const tokens = [superseded({ ...leaked, hold }), aToken()];
    const until = { kind: 'wait', until: later(NOW, 20 * MINUTE), reason: 'x' };
    expect(decided({ pause: { since: NOW }, rotation: aRotation(), tokens })).toMatchObject(until);
    expect(decided({ pause: { since: NOW }, rotation: aRotation(), retry: aRetry(soon), tokens })).toMatchObject(until);
    expect(decided({ pause: { since: NOW }, retry: aRetry(NOW), tokens }, { schedule: { every: DAY } }).kind).toBe(
      'wait',
    );
    expect(decided({ pause: { since: NOW, until: soon }, tokens })).toMatchObject({ until: soon, reason: 'paused' });
  });

  test('the end of the pause, the week after which it is forgotten, or broken pages are waited for', () => {
    const until = (since: string, more = {}, tokens = [aToken()]) =>
      (decided({ pause: { since, ...more }, tokens }) as { until?: string }).until;
    expect(until(later(NOW, -DAY))).toBe(later(NOW, 6 * DAY));
    expect(until(later(NOW, -8 * DAY))).toBe(later(NOW, HOUR));
    expect(until(NOW, { until: soon })).toBe(soon);
    expect(until(NOW, {}, [lost])).toBe(later(NOW, 4 * MINUTE));
    expect(decided({ pause: { since: START, until: NOW } })).toMatchObject({ kind: 'resume', reason: 'pause_over' });
  });

  test('it says since when, by whom, why and until when, and that checkout is down when it is', () => {
    const message = (more = {}, tokens = [aToken()]) => decided({ pause: { since: START, ...more }, tokens }).message;
    expect(message()).toBe(`Paused since ${START}. Resume to go on.`);
    expect(message({ requestedBy: 'ana', reason: 'audit', until: soon })).toBe(
      `Paused since ${START} by ana: audit. It ends at ${soon}.`,
    );
    expect(message({}, [lost])).toMatch(/^Checkout is down.*Resume to go on\.$/);
  });

  test('nothing else is planned beside an emergency that waits', () => {
    const waiting = { rotation: aRotation({ emergency: true }), retry: aRetry(later(NOW, 20 * MINUTE)) };
    const all = { repair, unclaimed: [unclaimed], sweeps: [sweep], targetsCheckedAt: START };
    const tokens = [superseded({ revokeAfter: soon }), aToken()];
    expect(decided({ pause: { since: NOW }, ...waiting, ...all, tokens })).toMatchObject({
      ...{ kind: 'wait', until: later(NOW, 20 * MINUTE), reason: 'down' },
    });
    const calm = { ...waiting, rotation: aRotation() };
    expect(decided({ pause: { since: NOW }, ...calm, ...all, tokens })).toMatchObject({ reason: 'paused' });
  });
});

describe('while checkout is down', () => {
  test('somebody is told again every four minutes, however long the rotation waits', () => {
    const waiting = { rotation: aRotation(), retry: aRetry(later(NOW, HOUR)), tokens: [lost] };
    expect(decided(waiting)).toMatchObject({ kind: 'wait', until: later(NOW, 4 * MINUTE), reason: 'checkout_down' });
    expect(decided({ ...waiting, tokens: [] })).toMatchObject({ until: later(NOW, HOUR) });
    expect(decided({ ...waiting, repair })).toMatchObject({ reason: 'checkout_down' });
  });
});

describe('what a grace waits for is said', () => {
  const hold = { reason: 'x', message: 'because of x', since: START, attempts: 1, nextCheckAt: soon };
  test.each<[Token, RegExp]>([
    [superseded({ revokeAfter: soon }), /is in its grace window/],
    [superseded({ status: 'orphan', revokeAfter: soon }), /never published/],
    [superseded({ hold }), /because of x/],
  ])('%#', (token, message) => {
    expect(decided({ tokens: [token, aToken()] }).message).toMatch(message);
  });

  test('a deployment of the current token, by its id', () => {
    const tokens = [superseded({ revokeAfter: undefined })];
    expect(decided({ tokens: [...tokens, aToken()] }).message).toMatch(/when ctkn_current is seen deployed/);
    const healing = { rotation: aRotation(), retry: aRetry(later(NOW, HOUR)) };
    expect(decided({ ...healing, tokens }).message).toMatch(/when the current token is seen deployed/);
  });
});
