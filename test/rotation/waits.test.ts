/** Every wait grows, ends, and is told: once when it begins, once when it is over. */
import { AmbiguousError, RefusedError, TransientError } from '../../lambdas/domain/errors.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { START } from '../builders/integration.ts';
import { FakeDeliveries, RecordingLog, RecordingMetrics } from '../fakes/runtime.ts';
import { functionsOf } from './functions.ts';
import { quietViolations } from './invariants.ts';
import { withToken } from './with-token.ts';

describe('a publication that keeps failing', () => {
  test('is tried ever more rarely, and told when it begins and when it ends', async () => {
    const { harness, rotate, types } = await withToken({ config: { targets: [{ kind: 'ssm', name: '/only' }] } });
    const write = harness.targets.write.bind(harness.targets);
    let attempts = 0;
    harness.targets.write = async () => {
      attempts += 1;
      throw new RefusedError('AccessDenied', 'no');
    };
    await rotate();
    await harness.until(later(harness.clock.iso(), HOUR));
    expect(attempts).toBe(6);
    await harness.until(later(harness.clock.iso(), DAY));
    expect(attempts).toBeLessThan(32);
    expect(types('rotation.delayed')).toHaveLength(1);
    harness.targets.write = write;
    await harness.until(later(harness.clock.iso(), 2 * HOUR));
    expect(harness.state.rotation).toBeUndefined();
    expect(types('rotation.recovered')).toMatchObject([{ details: { step: 'publish' } }]);
    expect(types('rotation.delayed')).toHaveLength(1);
  });

  test('for alternating causes tells each once, and backs off all the same', async () => {
    const { harness, rotate, types } = await withToken({ config: { targets: [{ kind: 'ssm', name: '/only' }] } });
    let attempts = 0;
    harness.targets.write = async () => {
      attempts += 1;
      throw attempts % 2 ? new RefusedError('AccessDenied', 'no') : new TransientError('Throttling', 'slow');
    };
    await rotate();
    const get = harness.paddle.get.bind(harness.paddle);
    let asked = 0;
    harness.paddle.get = async (id) => {
      asked += 1;
      if (asked % 3 === 0) throw new TransientError('unavailable', 'down');
      return get(id);
    };
    await harness.until(later(harness.clock.iso(), DAY));
    expect(attempts).toBeLessThan(30);
    expect(
      types('rotation.delayed')
        .map(({ reason }) => reason)
        .sort(),
    ).toEqual(['AccessDenied', 'Throttling', 'unavailable']);
  });

  test('is tried at once when a person asks', async () => {
    const { harness, rotate } = await withToken({ config: { targets: [{ kind: 'ssm', name: '/only' }] } });
    const [target] = harness.config.targets;
    if (!target) throw new Error('a target is needed');
    for (let failure = 0; failure < 5; failure += 1) harness.targets.failNext('write', target, 'before');
    await rotate();
    await harness.until(later(harness.clock.iso(), 20 * MINUTE));
    expect(harness.state.rotation).toBeDefined();
    await rotate();
    expect(harness.state.rotation).toBeUndefined();
  });
});

describe('a mint in doubt', () => {
  test('is posted again at growing distances, never more than a few times a day', async () => {
    const { harness, rotate, count } = await withToken();
    harness.paddle.create = async ({ name }) => {
      harness.paddle.calls.push({ method: 'create', subject: name });
      throw new AmbiguousError('timeout', 'lost');
    };
    await rotate();
    await harness.until(later(harness.clock.iso(), DAY));
    expect(count('create') - 1).toBeLessThan(15);
    expect(count('list')).toBeLessThan(45);
    const before = count('create');
    await harness.until(later(harness.clock.iso(), DAY));
    expect(count('create') - before).toBeGreaterThanOrEqual(5);
    expect(count('create') - before).toBeLessThanOrEqual(9);
  });

  test('is told once, and once when it is over', async () => {
    const { harness, rotate, types } = await withToken();
    for (let post = 0; post < 3; post += 1)
      harness.paddle.failNext('create', 'before', { error: new AmbiguousError('timeout', 'lost') });
    await rotate();
    await harness.until(later(harness.clock.iso(), DAY));
    expect(harness.state.rotation).toBeUndefined();
    expect(types('rotation.delayed').map(({ reason }) => reason)).toEqual(['timeout', 'mint_unknown']);
    expect(types('rotation.recovered')).toHaveLength(1);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('is not hurried by people: the lists that prove its absence keep their distance', async () => {
    const { harness, rotate, count } = await withToken();
    harness.paddle.failNext('create', 'before', { error: new AmbiguousError('timeout', 'lost') });
    await rotate();
    for (let asked = 0; asked < 5; asked += 1) await rotate();
    expect(count('list')).toBe(0);
    expect(count('create')).toBe(2);
  });
});

describe('twins', () => {
  const withTwins = async (twins: number) => {
    const world = await withToken({ account: { maxRevocationsPerRun: 1000 } });
    const { harness, rotate } = world;
    harness.paddle.failNext('create', 'after');
    await rotate();
    const name = harness.state.rotation?.tokenName ?? '';
    for (let twin = 0; twin < twins; twin += 1) harness.paddle.make(name);
    return world;
  };

  test.each([1, 39, 40, 41, 150])('%i of them are claimed in portions, and all revoked in the end', async (twins) => {
    const { harness, types } = await withTwins(twins);
    await harness.until(later(harness.clock.iso(), 4 * DAY));
    expect(types('token.orphaned')).toHaveLength(twins);
    expect(harness.active).toHaveLength(1);
    expect(harness.state.sweeps).toEqual([]);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('of which one belongs to another integration: it is left alone, and the others are claimed', async () => {
    const { harness } = await withTwins(5);
    const [theirs, mine] = harness.active.map(({ id }) => id);
    const owner = { tokenId: theirs ?? '', integration: 'other', rotationId: 'r' };
    harness.ledger.owners.set(owner.tokenId, owner);
    await harness.until(later(harness.clock.iso(), 3 * DAY));
    expect(harness.active.map(({ id }) => id)).toEqual([theirs, harness.current?.id]);
    expect(harness.token(mine ?? '').status).toBe('revoked');
  });

  test('for which there is no room wait until there is', async () => {
    const { harness, types } = await withTwins(260);
    await harness.until(later(harness.clock.iso(), 30 * MINUTE));
    expect(types('token.orphaned')).toHaveLength(200);
    await harness.until(later(harness.clock.iso(), 4 * DAY));
    expect(harness.active).toHaveLength(1);
  });

  test('are searched for ever more rarely while Paddle does not answer', async () => {
    const { harness, count } = await withTwins(0);
    await harness.until(later(harness.clock.iso(), 5 * MINUTE));
    const before = count('list');
    harness.paddle.list = async () => {
      harness.paddle.calls.push({ method: 'list' });
      throw new TransientError('unavailable', 'down');
    };
    await harness.until(later(harness.clock.iso(), DAY - HOUR));
    expect(count('list') - before).toBeLessThan(30);
  });
});

test('a revocation that is interrupted again and again, without a word, gets stuck in sight', async () => {
  const { harness, rotate, first, types } = await withToken();
  await rotate();
  const revoke = harness.paddle.revoke.bind(harness.paddle);
  harness.paddle.revoke = async () => {
    throw Object.assign(new Error('the process died'), { name: 'Crash' });
  };
  await harness.until(later(START, 3 * DAY));
  expect(harness.token(first).stuckSince).toBeDefined();
  expect(types('token.stuck')).toHaveLength(1);
  harness.paddle.revoke = revoke;
  await harness.until(later(harness.clock.iso(), DAY));
  expect(harness.token(first).status).toBe('revoked');
});

test('a target that differs when a revocation is due is looked into at once, however young the current token is', async () => {
  const { harness, rotate, first } = await withToken({ config: { graceMs: HOUR } });
  await rotate();
  const [target] = harness.config.targets;
  if (!target) throw new Error('a target is needed');
  harness.targets.put(target, `test_${'0'.repeat(27)}`);
  harness.clock.set(harness.token(first).revokeAfter ?? '');
  await harness.reconcile();
  expect(harness.targets.current(target)).toBe(harness.current?.value);
});

describe('too many live tokens', () => {
  const crowded = async () => {
    const world = await withToken({
      config: { schedule: { every: DAY }, graceMs: 100 * DAY },
      account: { maxRevocationsPerRun: 100 },
    });
    await world.harness.until(later(START, 60 * DAY));
    return world;
  };

  test('are told once, listed in status, and alarmed', async () => {
    const { harness, types, ask } = await crowded();
    expect(types('integration.crowded')).toHaveLength(1);
    expect(await ask({ action: 'status' })).toMatchObject({
      crowded: { message: expect.stringMatching(/50 earlier/) },
    });
    const metrics = new RecordingMetrics();
    const log = new RecordingLog();
    const handle = functionsOf({ world: harness.world, deliveries: new FakeDeliveries(), log, metrics }).ask;
    await handle({ integration: 'pricing-page', action: 'reconcile' }, 'i');
    expect(JSON.stringify(log)).toMatch(/cannot begin/);
  });

  test('are got rid of by name, and the rotation begins', async () => {
    const { harness, types, ask, first } = await crowded();
    await ask({ action: 'revoke', tokenId: first, reason: 'nobody uses it' });
    await harness.until(later(harness.clock.iso(), HOUR));
    expect(harness.token(first).status).toBe('revoked');
    expect(types('rotation.intended').at(-1)?.at).toBe(harness.current?.publishedAt);
    expect((await ask({ action: 'status' })).crowded).toBeUndefined();
  });
});
