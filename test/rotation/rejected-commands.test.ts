/** Losses again and again, and commands that cannot be followed. */
import { AmbiguousError } from '../../lambdas/domain/errors.ts';
import { DAY, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Command } from '../../lambdas/rotation/reconcile.ts';
import { START } from '../builders/integration.ts';
import { withToken } from './with-token.ts';

describe('losses', () => {
  test('the third within an hour slows the healing down: a minute, then five, then fifteen', async () => {
    const { harness, count, now } = await withToken();
    for (let loss = 0; loss < 3; loss += 1) {
      const current = harness.current?.id ?? '';
      harness.paddle.revokeOutside(current);
      await harness.reconcile({ recheck: [current] });
      harness.clock.advance(MINUTE);
    }
    for (const [at, minutes] of [1, 5, 15, 15].entries()) {
      if (at > 0) {
        const current = harness.current?.id ?? '';
        harness.paddle.revokeOutside(current);
        await harness.reconcile({ recheck: [current] });
      } else harness.clock.advance(-MINUTE);
      expect(harness.current).toBeUndefined();
      expect(count('create')).toBe(3 + at);
      await harness.until(later(now(), minutes * MINUTE - 1));
      expect(harness.current).toBeUndefined();
      await harness.until(later(now(), 1));
      expect(harness.current).toBeDefined();
    }
  });

  test('are counted by our own clock, also while that of Paddle is minutes ahead', async () => {
    const { harness, now } = await withToken();
    for (let loss = 0; loss < 3; loss += 1) {
      const current = harness.current?.id ?? '';
      harness.clock.advance(5 * MINUTE);
      harness.paddle.revokeOutside(current);
      harness.clock.advance(-5 * MINUTE);
      await harness.reconcile({ recheck: [current] });
    }
    expect(harness.current).toBeUndefined();
    await harness.until(later(now(), MINUTE));
    expect(harness.current).toBeDefined();
  });
});

describe('an escalation', () => {
  test('turns the rotation under way into an emergency: same rotation, no grace', async () => {
    const { harness, rotate, types } = await withToken();
    const first = harness.current?.id ?? '';
    harness.paddle.failNext('create', 'before');
    await rotate();
    const under = harness.state.rotation?.rotationId;
    await harness.reconcile({ command: commands.emergency({ reason: 'leaked', requestedBy: 'ana' }) });
    expect(harness.current?.rotationId).toBe(under);
    expect(harness.token(first)).toMatchObject({
      status: 'revoked',
      emergency: { reason: 'leaked', requestedBy: 'ana' },
    });
    expect(types('rotation.escalated')).toHaveLength(1);
  });

  test('a rollback under way gives way to an emergency', async () => {
    const { harness, rotate, types } = await withToken();
    const first = harness.current?.id ?? '';
    await rotate();
    const second = harness.current?.id ?? '';
    harness.paddle.failNext('get', 'before');
    await harness.reconcile({ command: commands.rollback(first, {}) });
    expect(harness.state.rotation?.source).toEqual({ kind: 'rollback', tokenId: first });
    await harness.reconcile({ command: commands.emergency({ reason: 'leaked' }) });
    expect(types('rotation.abandoned')).toHaveLength(1);
    expect(harness.token(second).status).toBe('revoked');
    expect(harness.token(first).status).toBe('superseded');
    expect([first, second]).not.toContain(harness.current?.id);
  });
});

describe('commands that cannot be followed', () => {
  test.each<[string, (first: string, second: string) => Command, RegExp]>([
    ['holding what is not ours', () => commands.hold('ctkn_x', { reason: 'x' }), /not a token of this integration/],
    ['releasing what is not ours', () => commands.release('ctkn_x', {}), /not a token of this integration/],
    [
      'rolling back to the current token',
      (_, second) => commands.rollback(second, {}),
      /is current; only a superseded/,
    ],
    ['rolling back to what is not ours', () => commands.rollback('ctkn_x', {}), /not a token of this integration/],
    [
      'adopting a superseded token',
      (first) =>
        commands.adopt(
          { tokenId: first, answer: { id: first, token: 'test_x', name: 'x', status: 'active', createdAt: START } },
          {},
        ),
      /use "rollback"/,
    ],
    [
      'forcing what is not ours',
      () => commands.forceRevoke('ctkn_x', { reason: 'x' }),
      /not a token of this integration/,
    ],
  ])('%s', async (_, command, fault) => {
    const { harness, rotate } = await withToken();
    const first = harness.current?.id ?? '';
    await rotate();
    const result = await harness.reconcile({ command: command(first, harness.current?.id ?? '') });
    expect(result).toMatchObject({ outcome: 'rejected', faults: [expect.stringMatching(fault)] });
  });

  test.each(['rollback', 'adopt'] as const)('%s of a token that may already be being revoked', async (which) => {
    const { harness, rotate } = await withToken();
    const first = harness.current?.id ?? '';
    await rotate();
    harness.clock.set(harness.token(first).revokeAfter ?? '');
    harness.paddle.failNext('revoke', 'before', { error: new AmbiguousError('timeout', 'lost on its way') });
    await harness.reconcile();
    const answer = harness.paddle.tokens.find(({ id }) => id === first);
    const comeBack = () =>
      harness.reconcile({
        command:
          which === 'adopt'
            ? commands.adopt({ tokenId: first, answer, owner: 'pricing-page' }, {})
            : commands.rollback(first, {}),
      });
    const refused = { outcome: 'rejected', faults: [expect.stringMatching(/may still take effect/)] };
    expect(await comeBack()).toMatchObject(refused);
    harness.paddle.failNext('revoke', 'before');
    await harness.until(later(harness.clock.iso(), MINUTE));
    expect(harness.active.map(({ id }) => id)).toContain(harness.current?.id);
    expect(harness.current?.id).not.toBe(first);
  });

  test('rolling back to a token that an emergency condemned, while Paddle does not revoke it', async () => {
    const { harness } = await withToken();
    const first = harness.current?.id ?? '';
    harness.paddle.failNext('revoke', 'before');
    await harness.reconcile({ command: commands.emergency({ reason: 'leaked' }) });
    expect(await harness.reconcile({ command: commands.rollback(first, {}) })).toMatchObject({
      outcome: 'rejected',
      faults: [expect.stringMatching(/condemned by an emergency \("leaked"\)/)],
    });
  });

  test('rolling back to a named token takes that one, not the latest', async () => {
    const { harness, rotate } = await withToken();
    const first = harness.current?.id ?? '';
    await rotate();
    await rotate();
    await harness.reconcile({ command: commands.rollback(first, {}) });
    expect(harness.current?.id).toBe(first);
  });

  test.each(['rotate', 'rollback', 'emergency', 'force'] as const)('%s of an unmanaged integration', async (which) => {
    const { harness, rotate } = await withToken();
    const first = harness.current?.id ?? '';
    await rotate();
    harness.configure({ managed: false });
    const asker = { reason: 'x' };
    const command = {
      rotate: commands.rotate(asker),
      rollback: commands.rollback(undefined, asker),
      emergency: commands.emergency(asker),
      force: commands.forceRevoke(first, asker),
    }[which];
    const result = await harness.reconcile({ command });
    expect(result).toMatchObject({
      outcome: 'rejected',
      faults: [expect.stringMatching(/no longer in the configuration/)],
    });
    await harness.until(later(START, 300 * DAY));
    expect(harness.active).toHaveLength(2);
  });
});
