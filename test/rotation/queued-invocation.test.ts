/** What the function does with the messages of the queue. */
import type { SQSBatchResponse } from 'aws-lambda';
import { DAY, later, MINUTE } from '../../lambdas/domain/time.ts';
import { NAME, running } from './invocation-world.ts';

describe('the queue', () => {
  test('a reconcile that another run prevents comes back within seconds; an unknown integration does not', async () => {
    const { harness, deliver, deliveries, counted } = await running();
    expect(await deliver({ integration: 'nobody', cause: 'due' })).toEqual({ batchItemFailures: [] });
    const lease = { runId: 'other', until: later(harness.clock.iso(), MINUTE) };
    harness.ledger.states.set(NAME, { ...harness.state, lease });
    counted.length = 0;
    for (const cause of ['due', 'usage', 'webhook']) {
      deliveries.delays.length = 0;
      expect(await deliver({ integration: NAME, cause })).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
      expect(deliveries.delays).toEqual(['h0 30', 'h0 5']);
    }
    // To meet another run is no failure.
    expect(counted).toEqual([]);
    harness.clock.set(lease.until);
    expect(await deliver({ integration: NAME, cause: 'webhook' })).toEqual({ batchItemFailures: [] });
  });

  test('a webhook that is ahead of what Paddle answers comes back within seconds, for half a minute', async () => {
    const { harness, deliver, deliveries } = await running();
    const tokenId = harness.current?.id ?? '';
    const at = harness.clock.iso();
    await harness.ledger.report([{ integration: NAME, tokenId, source: 'webhook', at, says: 'revoked' }]);
    for (let times = 1; times <= 7; times += 1) {
      deliveries.delays.length = 0;
      const { batchItemFailures } = (await deliver({ integration: NAME, cause: 'webhook' })) as SQSBatchResponse;
      expect([times, batchItemFailures.length, deliveries.delays.includes('h0 5')]).toEqual(
        times <= 6 ? [times, 1, true] : [times, 0, false],
      );
      harness.clock.advance(5_000);
    }
    expect(harness.reported).toEqual([tokenId]);
    expect(Date.parse(harness.dueAt ?? '')).toBeGreaterThan(harness.clock.now());
  });

  test('and after that it is asked about every half minute, as long as Paddle may lag', async () => {
    const { harness, deliver } = await running();
    const first = harness.current?.id ?? '';
    const at = harness.clock.iso();
    await harness.ledger.report([{ integration: NAME, tokenId: first, source: 'webhook', at, says: 'revoked' }]);
    for (let times = 1; times <= 7; times += 1) {
      await deliver({ integration: NAME, cause: 'webhook' });
      harness.clock.advance(5_000);
    }
    await harness.until(later(at, 2 * MINUTE));
    expect(harness.current?.id).toBe(first);
    harness.paddle.revokeOutside(first);
    await harness.until(later(at, 3 * MINUTE));
    expect(harness.token(first).status).toBe('revoked');
    expect(harness.reported).toEqual([]);
  });

  test('a defect comes back after a minute, unless the heartbeat asks again by itself', async () => {
    const { harness, deliver, deliveries, counted } = await running();
    harness.ledger.accounts.clear();
    expect((await deliver({ integration: NAME, cause: 'due' })).batchItemFailures).toHaveLength(0);
    expect((await deliver({ integration: NAME, cause: 'webhook' })).batchItemFailures).toHaveLength(1);
    expect(deliveries.delays).toEqual(['h0 30', 'h0 30', 'h0 60']);
    expect(counted).toEqual(['RotationFailure', 'RotationFailure']);
  });

  test('a message that is none is a defect, and keeps no other from its turn', async () => {
    const { harness, deliver, deliveries, counted } = await running();
    const first = harness.current?.id ?? '';
    harness.paddle.revokeOutside(first);
    await harness.report(first);
    expect(await deliver(null, { integration: NAME, cause: 'webhook' })).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
    expect(deliveries.delays).toContain('h0 60');
    expect(counted.filter((name) => name === 'RotationFailure')).toHaveLength(1);
    expect(harness.current?.id).not.toBe(first);
  });

  test('when the queue does not take the new time, the reconcile is done all the same', async () => {
    const { harness, deliver, deliveries } = await running();
    deliveries.failure = new Error('the queue is away');
    const first = harness.current?.id ?? '';
    harness.paddle.revokeOutside(first);
    await harness.report(first);
    expect(await deliver({ integration: NAME, cause: 'webhook' })).toEqual({ batchItemFailures: [] });
    expect(harness.current?.id).not.toBe(first);
  });

  test('the new evidence of a deployment ends a hold at once', async () => {
    const { harness, ask, deliver } = await running({ config: { consumers: ['shop'] } });
    const first = harness.current?.id ?? '';
    await ask({});
    await harness.until(later(harness.clock.iso(), 3 * DAY));
    expect(harness.token(first).hold).toMatchObject({ reason: 'usage_silent' });
    const at = harness.clock.iso();
    harness.ledger.usages.set(NAME, [{ consumer: 'shop', tokenId: harness.current?.id ?? '', phase: 'deploy', at }]);
    await deliver({ integration: NAME, cause: 'usage' });
    expect(harness.token(first).status).toBe('revoked');
  });

  test('token values are never logged', async () => {
    const { harness, ask, deliver, lines } = await running();
    await ask({});
    await deliver({ integration: NAME, cause: 'due' });
    for (const { token } of harness.paddle.tokens) expect(lines.join('\n')).not.toContain(token);
    expect(lines.length).toBeGreaterThan(3);
  });
});

describe('a reconcile that begins at once, beside the queue', () => {
  const message = { integration: NAME, cause: 'webhook' };

  test('replaces the token that was lost, and its message finds nothing left to do', async () => {
    const { harness, handle, deliver } = await running();
    const first = harness.current?.id ?? '';
    harness.paddle.revokeOutside(first);
    await harness.report(first);
    expect(await handle(message, 'i')).toEqual({ batchItemFailures: [] });
    const second = harness.current?.id;
    expect(second).not.toBe(first);
    expect(await deliver(message)).toEqual({ batchItemFailures: [] });
    expect(harness.current?.id).toBe(second);
  });

  test('leaves what it cannot do to the message, and counts no failure of its own', async () => {
    const { harness, handle, counted } = await running();
    counted.length = 0;
    const lease = { runId: 'other', until: later(harness.clock.iso(), MINUTE) };
    harness.ledger.states.set(NAME, { ...harness.state, lease });
    expect(await handle(message, 'i')).toEqual({ batchItemFailures: [] });
    harness.ledger.accounts.clear();
    harness.clock.set(lease.until);
    expect(await handle(message, 'i')).toEqual({ batchItemFailures: [] });
    expect(counted).toEqual([]);
  });

  test.each([
    { cause: 'webhook' },
    { ...message, integration: 5 },
    { ...message, action: 'rotate' },
    { ...message, dryRun: true },
    { ...message, emergency: true, reason: 'it leaked' },
    { integration: NAME, cause: 'check' },
  ])('is not what %j asks for', async (payload) => {
    const { handle } = await running();
    expect(await handle(payload, 'i')).toMatchObject({ outcome: 'rejected' });
  });
});
