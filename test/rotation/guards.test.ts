/** What must not be done although it is due, and when somebody comes back to it. */
import type { IntegrationConfig, IntegrationState, Token } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { decide } from '../../lambdas/rotation/decide.ts';
import { anIntegration, START } from '../builders/integration.ts';
import { aRetry, aRotation, aState, aToken, NOW, superseded } from '../builders/state.ts';

/** Of pricing-page: once a day, spread over the day (ms). */
const DAILY = 69_866_389;

const decided = (state: Partial<IntegrationState>, config: Partial<IntegrationConfig> = {}) =>
  decide({ now: NOW, runId: 'me', config: anIntegration(config), state: aState(state), recheck: [] });

const pause = { since: START };
/** Waits for its next attempt. */
const waiting = { rotation: aRotation(), retry: aRetry(later(NOW, HOUR)) };
const emergencyWaiting = { ...waiting, rotation: aRotation({ emergency: true }) };

describe('an emergency during a pause is finished, and nothing else is done with it', () => {
  test('what it condemned is revoked, and not what is due besides', () => {
    const calm = superseded({ id: 'ctkn_calm' });
    const urgent = superseded({ id: 'ctkn_urgent', emergency: { reason: 'leaked' } });
    const decision = decided({ pause, tokens: [calm, urgent, aToken()] });
    expect(decision).toMatchObject({ kind: 'prove', tokenId: 'ctkn_urgent' });
  });

  test('no late twin is searched for, neither now nor later', () => {
    const sweep = { tokenName: 'pricing-page · one', rotationId: 'one' };
    expect(decided({ pause, ...emergencyWaiting, sweeps: [{ ...sweep, at: NOW }] }).kind).toBe('wait');
    const soon = later(NOW, MINUTE);
    expect(decided({ pause, ...emergencyWaiting, sweeps: [{ ...sweep, at: soon }] })).toMatchObject({
      kind: 'wait',
      until: later(NOW, HOUR),
    });
  });
});

describe('healing is slowed down by losses of current tokens, and by nothing else', () => {
  const lost = (id: string, changes = {}) =>
    aToken({ id, status: 'revoked', revokedBy: 'external', revokedAt: NOW, ...changes });
  const one = lost('ctkn_lost');

  test.each([
    ['tokens that were never published', { publishedAt: undefined }],
    ['tokens that were superseded before', { supersededAt: START }],
    ['tokens that we revoked', { revokedBy: 'paddlewheel' as const }],
    ['losses of more than an hour ago', { revokedAt: later(NOW, -HOUR) }],
  ])('not by %s', (_, changes) => {
    const others = ['a', 'b', 'c'].map((id) => lost(id, changes));
    expect(decided({ tokens: [...others, one] })).toMatchObject({ kind: 'intend', trigger: 'heal' });
  });

  test('by the third within an hour', () => {
    expect(decided({ tokens: [lost('a'), one] }).kind).toBe('intend');
    expect(decided({ tokens: [lost('a'), lost('b'), one] })).toMatchObject({
      kind: 'wait',
      until: later(NOW, MINUTE),
      reason: 'revoked_again_and_again',
    });
  });
});

describe('the targets are not read for what is already known of them', () => {
  const longAgo = { targetsCheckedAt: later(NOW, -2 * DAY) };
  const repair = { id: 'r', reason: 'x', since: NOW, attempts: 1, nextAttemptAt: later(NOW, MINUTE) };

  test('not during a rotation, which may have written some of them', () => {
    expect(decided({ ...longAgo, ...waiting })).toMatchObject({ kind: 'wait', until: later(NOW, HOUR) });
  });

  test('not while all of them are being restored', () => {
    expect(decided({ ...longAgo, repair })).toMatchObject({ kind: 'wait', until: later(NOW, MINUTE) });
  });

  test('but while only some of them are', () => {
    expect(decided({ ...longAgo, repair: { ...repair, only: ['ssm:/x'] } }).kind).toBe('check-targets');
  });
});

describe('a token on its way out is looked at when its deadline is over and its last check long enough ago', () => {
  const soon = later(NOW, HOUR);
  const afterwards = later(NOW, 2 * HOUR);
  const hold = (nextCheckAt: string) => ({ reason: 'x', message: 'x', since: START, attempts: 1, nextCheckAt });
  const manualHold = { reason: 'app in the store', since: START };
  const orphan = (changes: Partial<Token> = {}) =>
    superseded({ status: 'orphan', supersededAt: undefined, publishedAt: undefined, ...changes });
  const revoking = (changes: Partial<Token> = {}) =>
    superseded({ status: 'revoking', revokingBy: 'me', revokingSince: NOW, ...changes });

  test.each<[string, Token, object]>([
    ['a deadline and no check', superseded({ revokeAfter: soon }), { until: soon, reason: 'grace' }],
    [
      'a check before the deadline',
      superseded({ revokeAfter: afterwards, hold: hold(soon) }),
      { until: afterwards, reason: 'x' },
    ],
    ['a check after the deadline', superseded({ hold: hold(soon) }), { until: soon, reason: 'x' }],
    ['a check that is due', superseded({ hold: hold(NOW) }), { kind: 'prove', tokenId: 'ctkn_old' }],
    ['no deadline, and no check yet', superseded({ revokeAfter: undefined }), { kind: 'check-deployed' }],
    [
      'no deadline, and a check to come',
      superseded({ revokeAfter: undefined, hold: hold(soon) }),
      { until: soon, reason: 'x' },
    ],
    ['a person’s hold', superseded({ manualHold }), { until: later(NOW, DAILY), reason: 'targets_check' }],
    ['an orphan in its quarantine', orphan({ revokeAfter: soon }), { until: soon, reason: 'grace' }],
    ['an orphan after it', orphan(), { kind: 'prove', tokenId: 'ctkn_old' }],
    ['an orphan that a person holds', orphan({ manualHold }), { reason: 'targets_check' }],
    ['an orphan without a deadline', orphan({ revokeAfter: undefined, hold: hold(NOW) }), { reason: 'targets_check' }],
    ['a revocation of this run', revoking(), { kind: 'revoke', tokenId: 'ctkn_old' }],
    ['a revocation of this run, and a person’s hold', revoking({ manualHold }), { kind: 'confirm' }],
    ['a revocation of another run', revoking({ revokingBy: 'other' }), { kind: 'confirm' }],
    ['a revocation that waits', revoking({ hold: hold(soon) }), { until: soon, reason: 'x' }],
    ['no revocation: it is about to be published', superseded({ status: 'minted' }), { reason: 'targets_check' }],
    ['no revocation: it is over', superseded({ status: 'revoked' }), { reason: 'targets_check' }],
  ])('%s', (_, token, decision) => {
    expect(decided({ tokens: [token, aToken()] })).toMatchObject(decision);
  });

  test.each(['adopt', 'rollback'] as const)('but not while it is coming back (%s)', (kind) => {
    const coming = { ...waiting, rotation: aRotation({ source: { kind, tokenId: 'ctkn_old' } }) };
    expect(decided({ ...coming, tokens: [superseded(), aToken()] })).toMatchObject({ until: later(NOW, HOUR) });
    const other = superseded({ id: 'ctkn_other' });
    expect(decided({ ...coming, tokens: [other, aToken()] })).toMatchObject({ kind: 'prove', tokenId: 'ctkn_other' });
  });

  test('and while another is being minted', () => {
    expect(decided({ ...waiting, tokens: [superseded(), aToken()] }).kind).toBe('prove');
  });
});
