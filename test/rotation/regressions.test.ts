/** Each of these once went wrong, or would have: found by reading the code with hostile eyes. */

import { RefusedError, ThrottledError } from '../../lambdas/domain/errors.ts';
import { DAY, instant, later, MINUTE, SECOND } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { OVERWRITTEN, quietViolations } from './invariants.ts';

async function withToken(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const harness = new Harness(options);
  await harness.until(later(START, MINUTE));
  const first = harness.current?.id ?? '';
  const target = harness.config.targets[0] ?? { kind: 'ssm' as const, name: '' };
  const types = (type: string) => harness.ledger.records.filter((record) => record.type === type);
  return { harness, first, target, types };
}

test('a forced revocation under a pause does not let the rotation under way go on', async () => {
  const { harness, first, target } = await withToken();
  await harness.reconcile({ command: commands.rotate({}) });
  harness.targets.failNext('write', target, 'before', new RefusedError('AccessDenied', 'no'));
  await harness.reconcile({ command: commands.rotate({}) });
  expect(harness.state.rotation?.phase).toBe('minted');
  const current = harness.current?.id;
  await harness.reconcile({ command: commands.pause({ reason: 'freeze' }) });
  harness.paddle.failNext('revoke', 'before', { error: new RefusedError('forbidden', 'no') });
  harness.clock.advance(2 * MINUTE);
  await harness.reconcile({ command: commands.forceRevoke(first, { reason: 'leaked' }) });
  expect(harness.current?.id).toBe(current);
  await harness.until(later(harness.clock.iso(), DAY));
  expect(harness.token(first).status).toBe('revoked');
  expect(harness.current?.id).toBe(current);
});

test('a token that Paddle once said is revoked does not come back on a lagging answer', async () => {
  const { harness, first, target } = await withToken();
  await harness.reconcile({ command: commands.rotate({}) });
  const active = await harness.paddle.get(first);
  harness.paddle.failNext('get', 'before');
  await harness.reconcile({ command: commands.rollback(first, {}) });
  harness.paddle.revokeOutside(first);
  await harness.reconcile({ recheck: [first] });
  const { get } = harness.paddle;
  harness.paddle.get = async (id) => (id === first ? active : get.call(harness.paddle, id));
  harness.clock.advance(5 * MINUTE);
  await harness.reconcile();
  expect(harness.current?.id).not.toBe(first);
  expect(harness.targets.current(target)).toBe(harness.current?.value);
  expect(harness.state.rotation).toBeUndefined();
  const adopted = await harness.reconcile({ command: commands.adopt({ tokenId: first, answer: active }, {}) });
  expect(adopted).toMatchObject({ outcome: 'rejected', faults: [expect.stringMatching(/was revoked/)] });
});

test('a minted token that Paddle does not know for a moment is waited for, not minted again', async () => {
  const { harness, target } = await withToken();
  harness.targets.failNext('write', target, 'before');
  await harness.reconcile({ command: commands.rotate({}) });
  const minted = harness.state.rotation?.tokenId;
  const { get } = harness.paddle;
  let lagging = true;
  harness.paddle.get = async (id) => {
    const hidden = lagging && id === minted;
    if (hidden) lagging = false;
    return hidden ? undefined : get.call(harness.paddle, id);
  };
  await harness.until(later(harness.clock.iso(), 20 * DAY));
  expect(harness.current?.id).toBe(minted);
  expect(harness.paddle.calls.filter((call) => call.method === 'create')).toHaveLength(2);
  expect(quietViolations(harness)).toEqual([]);
});

test('a grace that starts at the deployment never starts before the token was superseded', async () => {
  const { harness, first } = await withToken({ config: { graceFrom: 'deployed' } });
  await harness.reconcile({ command: commands.rotate({}) });
  const second = harness.current?.id ?? '';
  const deployed = { tokenId: second, at: harness.clock.iso() };
  harness.ledger.usages.set('pricing-page', [{ consumer: 'shop', phase: 'deploy', ...deployed, deployed }]);
  harness.clock.advance(SECOND);
  await harness.reconcile({ command: commands.rollback(first, {}) });
  harness.clock.advance(4 * DAY);
  await harness.reconcile({ command: commands.rollback(second, {}) });
  const superseded = harness.clock.iso();
  await harness.reconcile({ newEvidence: true });
  expect(harness.token(first)).toMatchObject({ status: 'superseded', revokeAfter: later(superseded, 2 * DAY) });
});

test('adopting by configuration what another integration owns is a failure that can be seen, not a reconcile that dies', async () => {
  const harness = new Harness();
  const made = harness.paddle.make('made in the dashboard');
  harness.ledger.owners.set(made.id, { tokenId: made.id, integration: 'other', rotationId: 'r' });
  harness.configure({ adopt: made.id });
  for (let run = 0; run < 3; run += 1) {
    expect((await harness.reconcile()).outcome).toBe('settled');
    expect(harness.state.retry).toMatchObject({ code: 'adopt_impossible', message: expect.stringMatching(/other/) });
    harness.clock.set(harness.dueAt ?? '');
  }
  expect(harness.active).toHaveLength(1);
});

test('a minted token that the ledger gives to another integration is searched for, and then replaced under a fresh name, once', async () => {
  const { harness } = await withToken();
  const tokenId = `ctkn_01fake${'2'.padStart(20, '0')}`;
  harness.ledger.owners.set(tokenId, { tokenId, integration: 'other', rotationId: 'r' });
  await harness.reconcile({ command: commands.rotate({}) });
  expect(harness.paddle.tokens[0]?.id).toBe(tokenId);
  expect(harness.state.retry).toMatchObject({ code: 'token_taken' });
  await harness.until(later(harness.clock.iso(), DAY));
  const names = harness.paddle.calls.filter(({ method }) => method === 'create').map(({ subject }) => subject);
  expect(new Set(names).size).toBe(3);
  expect(names).toHaveLength(3);
  expect(harness.state.rotation).toBeUndefined();
  expect(harness.active.map(({ id }) => id)).toContain(tokenId);
});

test('a revocation that waits for its next attempt can still be held', async () => {
  const { harness, first } = await withToken();
  await harness.reconcile({ command: commands.rotate({}) });
  const retryAt = Date.parse(START) + 2 * DAY + 20 * MINUTE;
  harness.paddle.failNext('revoke', 'before', { error: new ThrottledError(retryAt, 'wait') });
  await harness.until(later(START, 2 * DAY + 5 * MINUTE));
  expect(harness.token(first).hold?.nextCheckAt).toBe(instant(retryAt));
  const held = await harness.reconcile({ command: commands.hold(first, { reason: 'a page still serves it' }) });
  expect(held.outcome).toBe('settled');
  await harness.until(later(harness.clock.iso(), 3 * DAY));
  expect(harness.token(first).status).toBe('superseded');
  expect(harness.active.map((token) => token.id)).toContain(first);
});

test('a reconcile with more to do than fits hands over to the next one', async () => {
  const { harness } = await withToken({ config: { consumers: ['gone'], schedule: { every: DAY }, graceMs: 90 * DAY } });
  await harness.until(later(START, 62 * DAY));
  const recheck = harness.state.tokens.map((token) => token.id);
  harness.clock.set(later(START, 160 * DAY));
  const result = await harness.reconcile({ recheck, newEvidence: true });
  expect(result).toMatchObject({ outcome: 'settled', decision: { reason: 'more_to_do' } });
  expect(harness.state.lease).toBeUndefined();
  expect(harness.dueAt).toBe(later(harness.clock.iso(), 30 * SECOND));
});

test('lost tokens are forgotten in the end, so that a long fight does not fill the state', async () => {
  const { harness } = await withToken();
  for (let loss = 0; loss < 60; loss += 1) {
    if (harness.current) {
      harness.paddle.revokeOutside(harness.current.id);
      await harness.reconcile({ recheck: [harness.current.id] });
    }
    await harness.until(later(harness.clock.iso(), 20 * MINUTE));
  }
  expect(harness.state.tokens.length).toBeLessThan(15);
});

describe('a target that somebody else overwrote', () => {
  test('is found at the daily reading, gets the current token back, and is told of', async () => {
    const { harness, target, types } = await withToken();
    harness.targets.put(target, OVERWRITTEN);
    await harness.until(later(START, DAY - 360 * MINUTE));
    expect(harness.targets.current(target)).toBe(OVERWRITTEN);
    await harness.until(later(START, DAY + 2 * MINUTE));
    expect(harness.targets.current(target)).toBe(harness.current?.value);
    expect(types('token.drifted')).toMatchObject([{ details: { targets: ['ssm:/paddle/pricing-page/client-token'] } }]);
    expect(types('token.restored')).toHaveLength(1);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('is found at once when a person asks, or when a revocation is due', async () => {
    const { harness, target, first } = await withToken();
    harness.targets.put(target, OVERWRITTEN);
    await harness.reconcile({ newEvidence: true });
    expect(harness.targets.current(target)).toBe(harness.current?.value);
    await harness.reconcile({ command: commands.rotate({}) });
    harness.clock.set(later(START, 2 * DAY - 5 * MINUTE));
    await harness.reconcile();
    harness.targets.put(target, OVERWRITTEN);
    harness.clock.set(harness.token(first).revokeAfter ?? '');
    await harness.reconcile();
    expect(harness.targets.current(target)).toBe(harness.current?.value);
    expect(harness.token(first)).toMatchObject({ status: 'superseded', hold: { reason: 'target_differs' } });
    await harness.until(later(harness.clock.iso(), DAY));
    expect(harness.token(first).status).toBe('revoked');
  });

  test('is only reported, once, where that is configured, until it is right again', async () => {
    const { harness, target, types } = await withToken({ config: { drift: 'report' } });
    const value = harness.current?.value ?? '';
    harness.targets.put(target, 'overwritten');
    await harness.until(later(START, 4 * DAY));
    expect(harness.targets.current(target)).toBe('overwritten');
    expect(types('token.drifted')).toHaveLength(1);
    expect(harness.state.drift).toMatchObject({ targets: ['ssm:/paddle/pricing-page/client-token'] });
    harness.targets.put(target, value);
    await harness.reconcile({ newEvidence: true });
    expect(harness.state.drift).toBeUndefined();
  });

  test('that cannot be read is read again in a minute', async () => {
    const { harness, target } = await withToken();
    harness.targets.failNext('read', target, 'before');
    const { targetsCheckedAt = '' } = harness.state;
    harness.clock.set(later(targetsCheckedAt, DAY));
    await harness.reconcile();
    expect(harness.dueAt).toBe(later(harness.clock.iso(), MINUTE));
  });

  test('is left alone while paused', async () => {
    const { harness, target } = await withToken();
    await harness.reconcile({ command: commands.pause({}) });
    harness.targets.put(target, 'overwritten');
    await harness.until(later(START, 3 * DAY));
    await harness.reconcile({ newEvidence: true });
    expect(harness.targets.current(target)).toBe('overwritten');
  });
});

test('so it is when the target cannot be read at first: a minute later', async () => {
  const { harness, first, target } = await withToken();
  await harness.reconcile({ command: commands.rotate({}) });
  harness.targets.put(target, harness.token(first).value);
  harness.paddle.revokeOutside(first);
  harness.targets.failNext('read', target, 'before');
  await harness.reconcile({ recheck: [first] });
  expect(harness.targets.current(target)).not.toBe(harness.current?.value);
  harness.clock.advance(MINUTE);
  await harness.reconcile();
  expect(harness.targets.current(target)).toBe(harness.current?.value);
});

test('a superseded token that somebody wrote to a target by hand, and that was then revoked, is replaced at once', async () => {
  const { harness, first, target } = await withToken();
  await harness.reconcile({ command: commands.rotate({}) });
  harness.targets.put(target, harness.token(first).value);
  harness.paddle.revokeOutside(first);
  await harness.reconcile({ recheck: [first] });
  expect(harness.targets.current(target)).toBe(harness.current?.value);
});

test('a late twin is found although a pause kept the search waiting for days', async () => {
  const { harness } = await withToken();
  harness.paddle.failNext('create', 'late', { lateMs: 5 * MINUTE });
  await harness.reconcile({ command: commands.rotate({}) });
  while (harness.state.rotation) {
    harness.clock.set(harness.dueAt ?? '');
    await harness.reconcile();
  }
  await harness.reconcile({ command: commands.pause({ reason: 'freeze' }) });
  harness.clock.advance(3 * DAY);
  await harness.reconcile({ command: commands.resume({}) });
  await harness.until(later(harness.clock.iso(), 5 * DAY));
  expect(quietViolations(harness)).toEqual([]);
});
