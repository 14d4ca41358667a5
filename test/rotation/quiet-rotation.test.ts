import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { quietViolations } from './invariants.ts';

describe('the life of a token', () => {
  test('the first reconcile mints and publishes the first token at every target', async () => {
    const harness = new Harness();
    await harness.until(later(START, MINUTE));
    expect(harness.active).toHaveLength(1);
    expect(harness.recordTypes()).toEqual(['rotation.intended', 'token.minted', 'token.published']);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('a scheduled rotation supersedes the prior token, which is revoked when its grace is over', async () => {
    const harness = new Harness();
    await harness.until(later(START, 31 * DAY));
    expect(harness.active).toHaveLength(2);
    await harness.until(later(START, 33 * DAY));
    expect(harness.active.map((token) => token.id)).toEqual([harness.current?.id]);
    expect(harness.recordTypes().slice(3)).toEqual([
      'rotation.intended',
      'token.minted',
      'token.published',
      'token.superseded',
      'token.revoking',
      'token.revoked',
    ]);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('a quiet rotation costs three calls to Paddle and five writes in two reconciles', async () => {
    const harness = new Harness({ config: { schedule: { every: 10 * HOUR }, graceMs: 2 * HOUR } });
    await harness.until(later(START, MINUTE));
    const before = { calls: harness.paddle.calls.length, version: harness.state.version };
    await harness.until(later(START, 13 * HOUR));
    expect(harness.recordTypes().at(-1)).toBe('token.revoked');
    expect(harness.paddle.calls.slice(before.calls).map((call) => call.method)).toEqual(['create', 'get', 'revoke']);
    expect(harness.state.version - before.version).toBe(5);
  });

  test('a day in which nothing is due costs one reading of the targets, one write and no call to Paddle', async () => {
    const harness = new Harness();
    await harness.until(later(START, DAY - MINUTE));
    const before = { calls: harness.paddle.calls.length, version: harness.state.version };
    await harness.until(later(START, 2 * DAY - MINUTE));
    expect(harness.paddle.calls).toHaveLength(before.calls);
    expect(harness.state.version - before.version).toBe(1);
  });
});
