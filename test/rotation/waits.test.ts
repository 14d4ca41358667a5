/** Every wait grows, ends, and is told: once when it begins, once when it is over. */

import { AmbiguousError, RefusedError, ThrottledError, TransientError } from '../../lambdas/domain/errors.ts';
import { DAY, HOUR, later, MINUTE, SECOND } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { FakeDeliveries, RecordingLog, RecordingMetrics } from '../fakes/runtime.ts';
import { functionsOf } from './functions.ts';
import { Harness } from './harness.ts';
import { quietViolations } from './invariants.ts';

async function withToken(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const harness = new Harness(options);
  await harness.until(later(START, MINUTE));
  const rotate = () => harness.reconcile({ command: commands.rotate({}) });
  const count = (method: string) => harness.paddle.calls.filter((call) => call.method === method).length;
  const types = (type: string) => harness.ledger.records.filter((record) => record.type === type);
  const invocation = functionsOf({
    world: harness.world,
    deliveries: new FakeDeliveries(),
    log: new RecordingLog(),
    metrics: new RecordingMetrics(),
  }).ask;
  const ask = (payload: object) =>
    invocation({ integration: 'pricing-page', ...payload }, 'a-call') as Promise<Record<string, unknown>>;
  return { harness, rotate, count, types, ask, first: harness.current?.id ?? '' };
}

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

describe('evidence that takes longer than a run', () => {
  const page = (n: number) => `https://example.com/${n}`;
  const slow = async (
    sites: number,
    ms: number,
    more: { count?: number; graceFrom?: 'deployed' | 'published' } = {},
  ) => {
    const { count = 1 } = more;
    const graceFrom = more.graceFrom ?? ('published' as const);
    const urls = Array.from({ length: sites }, (_, n) => page(n));
    const config = { sites: urls.map((url) => ({ url, extraOrigins: [] })), scans: { count, overMs: 0 }, graceFrom };
    const world = await withToken({ config });
    const { harness, rotate, first } = world;
    await rotate();
    for (const url of urls) harness.sites.deploy(url, harness.current?.value ?? '');
    const scanned: string[] = [];
    const scan = harness.sites.scan.bind(harness.sites);
    harness.sites.scan = async (site, tokens) => {
      harness.clock.advance(ms);
      scanned.push(site.url);
      return scan(site, tokens);
    };
    harness.clock.set(later(harness.clock.iso(), 2 * DAY));
    const runs = async (most: number) => {
      for (let run = 0; run < most && harness.token(first).status !== 'revoked'; run += 1) {
        await harness.reconcile();
        harness.clock.set(harness.dueAt ?? '');
      }
    };
    return { ...world, runs, scanned };
  };

  test.each([
    [1, 121 * SECOND, 1],
    [2, 121 * SECOND, 1],
    [7, 30 * SECOND, 1],
    [7, 121 * SECOND, 2],
    [50, 10 * SECOND, 3],
  ])('of %i sites, %i ms each, %i scans, goes on from run to run', async (sites, ms, count) => {
    const { harness, runs, scanned, types, first } = await slow(sites, ms, { count });
    await runs(20 * count);
    expect(harness.token(first).status).toBe('revoked');
    expect(scanned).toHaveLength(sites * count);
    expect(types('token.revoking')).toHaveLength(1);
    expect(types('token.revocation-interrupted')).toEqual([]);
    expect(types('token.held').length).toBeLessThanOrEqual(1);
  });

  test('begins anew when a page turns out to serve the superseded token', async () => {
    const { harness, runs, scanned, first } = await slow(13, 60 * SECOND);
    await harness.reconcile();
    expect(harness.token(first).scanRound).toMatchObject({ scanned: 6 });
    harness.sites.deploy(page(7), harness.token(first).value);
    harness.clock.set(harness.token(first).hold?.nextCheckAt ?? '');
    await harness.reconcile();
    expect(harness.token(first)).toMatchObject({ hold: { reason: 'site_serves_superseded' }, cleanScans: [] });
    expect(harness.token(first).scanRound).toBeUndefined();
    harness.sites.deploy(page(7), harness.current?.value ?? '');
    scanned.length = 0;
    await runs(20);
    expect(harness.token(first).status).toBe('revoked');
    expect(new Set(scanned).size).toBe(13);
  });

  test('does not forget what a cache may keep of a page that an earlier run found clean', async () => {
    const { harness, runs, types, first } = await slow(7, 30 * SECOND);
    const cache = { url: page(0), by: 'http', header: 'max-age=864000', seconds: 864_000 } as const;
    harness.sites.caches.set(page(0), cache);
    await runs(40);
    expect(types('token.held').map(({ reason }) => reason)).toEqual(['scans_in_progress', 'cache_outlives_grace']);
    expect(harness.token(first)).toMatchObject({ status: 'superseded', hold: { reason: 'cache_outlives_grace' } });
  });

  test('begins anew when another token has become current', async () => {
    const { harness, rotate, first } = await slow(13, 60 * SECOND);
    await harness.reconcile();
    await rotate();
    harness.clock.set(later(harness.clock.iso(), 10 * MINUTE));
    await harness.reconcile();
    expect(harness.token(first)).toMatchObject({ status: 'superseded', hold: { reason: 'site_without_token' } });
    expect(harness.token(first).scanRound).toBeUndefined();
  });

  test('of another kind than sites is held with that reason, and an alarm when it lasts', async () => {
    const { harness, rotate, first, types } = await withToken();
    await rotate();
    const reserve = harness.cap.reserve.bind(harness.cap);
    harness.cap.reserve = async (...asked) => {
      harness.clock.advance(4 * MINUTE);
      return reserve(...asked);
    };
    await harness.until(later(START, 4 * DAY));
    expect(harness.token(first)).toMatchObject({ status: 'superseded', hold: { reason: 'evidence_took_too_long' } });
    expect(types('token.revoking')).toEqual([]);
    expect(types('token.held')).toHaveLength(1);
  });

  test('for a deployment is scanned side by side, and goes on from run to run', async () => {
    const { harness, types, first } = await slow(20, 30 * SECOND, { graceFrom: 'deployed' });
    for (let run = 0; run < 12 && types('token.deployed').length === 0; run += 1) {
      await harness.reconcile();
      harness.clock.set(harness.dueAt ?? '');
    }
    expect(types('token.deployed')).toHaveLength(1);
    expect(harness.token(first).revokeAfter).toBeDefined();
  });

  test('scans for a deployment side by side: as many at once as for a revocation', async () => {
    const { harness } = await slow(6, 0, { graceFrom: 'deployed' });
    let open = 0;
    let most = 0;
    const scan = harness.sites.scan.bind(harness.sites);
    harness.sites.scan = async (site, tokens) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      return scan(site, tokens);
    };
    await harness.reconcile({ newEvidence: true });
    expect(most).toBe(6);
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

describe('a token that bears our name and cannot be claimed', () => {
  const withUnclaimed = async (rotationId = '01KZZZZZZZZZZZZZZZZZZZZZZZ') => {
    const world = await withToken();
    const made = world.harness.paddle.make(`pricing-page · ${rotationId}`);
    const report = () => world.harness.reconcile({ recheck: [made.id] });
    await report();
    return { ...world, made, report };
  };

  test('is told once, listed in status, and asked about once a day', async () => {
    const { harness, ask, types, made, report, count } = await withUnclaimed();
    await report();
    expect(types('token.unclaimed')).toMatchObject([{ reason: 'none', details: { tokenId: made.id } }]);
    const { unclaimed } = await ask({ action: 'status' });
    expect(unclaimed).toMatchObject([{ id: made.id, provenance: 'none', message: expect.stringMatching(/dashboard/) }]);
    expect(JSON.stringify(unclaimed)).not.toContain(made.token);
    const before = count('get');
    await harness.until(later(harness.clock.iso(), 5 * DAY));
    expect(count('get') - before).toBe(5);
    expect(types('token.unclaimed')).toHaveLength(1);
    expect(harness.active.map(({ id }) => id)).toContain(made.id);
  });

  test('leaves the list when it is revoked in the dashboard, or adopted', async () => {
    const gone = await withUnclaimed();
    gone.harness.paddle.revokeOutside(gone.made.id);
    await gone.harness.until(later(gone.harness.clock.iso(), 2 * DAY));
    expect(gone.harness.state.unclaimed).toEqual([]);
    const { harness, made } = await withUnclaimed();
    await harness.reconcile({ command: commands.adopt({ tokenId: made.id, answer: made }, {}) });
    expect(harness.current?.id).toBe(made.id);
    expect(harness.state.unclaimed).toEqual([]);
  });

  test('is revoked by name only if it was ours once', async () => {
    const { harness, ask, made } = await withUnclaimed();
    const refused = await ask({ action: 'revoke', tokenId: made.id, reason: 'x' });
    expect(refused).toMatchObject({ outcome: 'rejected', faults: [expect.stringMatching(/dashboard/)] });
    expect(harness.active.map(({ id }) => id)).toContain(made.id);
  });

  test('is revoked by name when the ledger had forgotten it', async () => {
    const { harness, ask, first } = await withToken();
    harness.ledger.states.delete('pricing-page');
    harness.ledger.owners.clear();
    await harness.reconcile();
    await harness.reconcile({ recheck: [first] });
    expect(harness.state.unclaimed).toMatchObject([{ id: first, provenance: 'known' }]);
    await ask({ action: 'revoke', tokenId: first, reason: 'nobody uses it' });
    expect(harness.active.map(({ id }) => id)).toEqual([harness.current?.id]);
  });

  test('is asked about again an hour later when Paddle gives no answer, and the run comes to its end', async () => {
    const { harness, count } = await withUnclaimed();
    const before = count('get');
    for (let outage = 0; outage < 3; outage += 1)
      harness.paddle.failNext('get', 'before', { error: new ThrottledError(0, 'wait') });
    await harness.until(later(harness.clock.iso(), DAY + 3 * HOUR + MINUTE));
    expect(count('get') - before).toBe(4);
  });
});

describe('an adopted token whose adoption was overtaken', () => {
  const overtaken = async () => {
    const world = await withToken();
    const { harness } = world;
    const [target] = harness.config.targets;
    if (!target) throw new Error('a target is needed');
    const made = harness.paddle.make('made in the dashboard');
    harness.targets.failNext('write', target, 'before');
    const adopt = () => harness.reconcile({ command: commands.adopt({ tokenId: made.id, answer: made }, {}) });
    await adopt();
    expect(harness.token(made.id).status).toBe('minted');
    await harness.reconcile({ command: commands.emergency({ reason: 'leaked' }) });
    return { ...world, made, adopt };
  };

  test('is told once, listed in status, and never revoked by itself', async () => {
    const { harness, ask, types, made } = await overtaken();
    expect(types('token.adoption-abandoned')).toMatchObject([{ tokenId: made.id }]);
    const status = await ask({ action: 'status' });
    expect(status.superseded).toContainEqual(
      expect.objectContaining({ id: made.id, held: expect.stringMatching(/Adopt it again, or revoke it by name/) }),
    );
    await harness.until(later(harness.clock.iso(), 100 * DAY));
    expect(harness.active.map(({ id }) => id)).toContain(made.id);
  });

  test('can be adopted again', async () => {
    const { harness, made, adopt } = await overtaken();
    await adopt();
    expect(harness.current?.id).toBe(made.id);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('can be revoked by name', async () => {
    const { harness, ask, made } = await overtaken();
    await ask({ action: 'revoke', tokenId: made.id, reason: 'not needed' });
    expect(harness.token(made.id).status).toBe('revoked');
    expect(quietViolations(harness)).toEqual([]);
  });
});
