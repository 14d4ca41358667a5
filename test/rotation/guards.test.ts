/** What must not be done although it is due, and when somebody comes back to it. */
import type { IntegrationConfig, IntegrationState } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { decide } from '../../lambdas/rotation/decide.ts';
import { anIntegration, START } from '../builders/integration.ts';
import { aRetry, aRotation, aState, aToken, NOW, superseded } from '../builders/state.ts';

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
