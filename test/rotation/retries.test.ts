/** When things go wrong: what is remembered, how long is waited, and what is found again. */

import {
  AlertError,
  AmbiguousError,
  RefusedError,
  ThrottledError,
  TransientError,
} from '../../lambdas/domain/errors.ts';
import { DAY, HOUR, later, MINUTE, SECOND } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Command } from '../../lambdas/rotation/reconcile.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { quietViolations } from './invariants.ts';

async function withToken(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const harness = new Harness(options);
  await harness.until(later(START, MINUTE));
  const now = () => harness.clock.iso();
  const rotate = () => harness.reconcile({ command: commands.rotate({}) });
  const again = async () => {
    harness.clock.set(harness.dueAt ?? '');
    await harness.reconcile();
  };
  const count = (method: string) => harness.paddle.calls.filter((call) => call.method === method).length;
  const types = (type: string) => harness.ledger.records.filter((record) => record.type === type);
  return { harness, now, rotate, again, count, types };
}

describe('a mint that fails', () => {
  test.each<[string, Error, string]>([
    ['certainly did not happen', new TransientError('unavailable', 'down'), 'unavailable'],
    ['was refused', new RefusedError('forbidden', 'no permission'), 'forbidden'],
    ['had a dead key', new AlertError('invalid_token', 'the key is dead'), 'invalid_token'],
  ])('and %s is tried again without a list, after 1, 2, 4 … minutes, at most an hour', async (_, error, code) => {
    const { harness, now, rotate, again, count, types } = await withToken();
    for (let failure = 0; failure < 9; failure += 1) harness.paddle.failNext('create', 'before', { error });
    await rotate();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      expect(harness.state.retry).toMatchObject({ step: 'mint', code, attempts: attempt + 1 });
      waits.push(Date.parse(harness.dueAt ?? '') - Date.parse(now()));
      await again();
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((minutes) => minutes * MINUTE));
    await again();
    expect(harness.state.rotation).toBeUndefined();
    expect(count('list')).toBe(0);
    expect(count('create')).toBe(11);
    // Said once, not at each attempt.
    expect(types('rotation.delayed')).toHaveLength(1);
    expect(harness.state.sweeps).toEqual([]);
  });

  test('because Paddle locked the account out waits as long as Paddle says', async () => {
    const { harness, now, rotate, again } = await withToken();
    const retryAt = Date.parse(now()) + 17 * MINUTE;
    harness.paddle.failNext('create', 'before', { error: new ThrottledError(retryAt, 'too many requests') });
    await rotate();
    expect(harness.dueAt).toBe(new Date(retryAt).toISOString());
    await rotate();
    expect(harness.dueAt).toBe(new Date(retryAt).toISOString());
    await again();
    expect(harness.state.rotation).toBeUndefined();
  });

  test('with a lock-out that is over already still waits a little', async () => {
    const { harness, now, rotate } = await withToken();
    harness.paddle.failNext('create', 'before', { error: new ThrottledError(Date.parse(now()) - 1, 'too many') });
    await rotate();
    expect(harness.dueAt).toBe(later(now(), MINUTE));
  });

  test('another code, or another step, is said again', async () => {
    const { harness, rotate, again, types } = await withToken();
    harness.paddle.failNext('create', 'before', { error: new TransientError('a', 'x') });
    harness.paddle.failNext('create', 'before', { error: new TransientError('b', 'x') });
    await rotate();
    await again();
    expect(types('rotation.delayed').map((record) => record.reason)).toEqual(['a', 'b']);
  });
});

describe('a mint in doubt', () => {
  test('that was applied is adopted at the first list that shows it, and Paddle is swept twice afterwards', async () => {
    const { harness, now, rotate, again, count } = await withToken();
    harness.paddle.failNext('create', 'after');
    await rotate();
    expect(harness.state.retry).toMatchObject({ step: 'mint', code: 'timeout' });
    expect(harness.dueAt).toBe(later(now(), 15 * SECOND));
    await again();
    expect(harness.state.rotation).toBeUndefined();
    expect(count('create')).toBe(2);
    expect(harness.state.sweeps.map((sweep) => sweep.at)).toEqual([later(now(), 10 * MINUTE), later(now(), DAY)]);
  });

  test('that was not applied is posted again only after three empty lists, spaced', async () => {
    const { harness, rotate, again, count, now } = await withToken();
    harness.paddle.failNext('create', 'before', { error: new AmbiguousError('timeout', 'lost') });
    await rotate();
    const waits: number[] = [];
    for (let list = 1; list <= 3; list += 1) {
      waits.push(Date.parse(harness.dueAt ?? '') - Date.parse(now()));
      expect(count('create')).toBe(2);
      await again();
      expect(count('list')).toBe(list);
    }
    expect(waits).toEqual([15 * SECOND, 15 * SECOND, 30 * SECOND]);
    expect(count('create')).toBe(3);
    expect(harness.state.rotation).toBeUndefined();
  });

  test('whose twin comes late: the twin is an orphan, never published, revoked after its quarantine', async () => {
    const { harness, rotate, types } = await withToken();
    harness.paddle.failNext('create', 'late', { lateMs: 5 * MINUTE });
    await rotate();
    await harness.until(later(harness.clock.iso(), 4 * MINUTE));
    expect(harness.active).toHaveLength(2);
    await harness.until(later(harness.clock.iso(), 20 * MINUTE));
    const [orphaned] = types('token.orphaned');
    const orphan = harness.token(orphaned?.tokenId ?? '');
    expect(orphan.status).toBe('orphan');
    expect(types('token.published').map((record) => record.tokenId)).not.toContain(orphan.id);
    await harness.until(later(harness.clock.iso(), 2 * HOUR));
    expect(harness.token(orphan.id).status).toBe('revoked');
    await harness.until(later(harness.clock.iso(), 3 * DAY));
    expect(harness.active).toHaveLength(1);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('of several active twins the oldest is taken and the others are orphans; revoked ones do not count', async () => {
    const { harness, rotate, again, types } = await withToken();
    harness.paddle.failNext('create', 'before', { error: new AmbiguousError('timeout', 'lost') });
    await rotate();
    const name = harness.state.rotation?.tokenName ?? '';
    const dead = harness.paddle.make(name);
    harness.paddle.revokeOutside(dead.id);
    const oldest = harness.paddle.make(name);
    const younger = harness.paddle.make(name);
    await again();
    expect(harness.current?.id).toBe(oldest.id);
    expect(types('token.orphaned').map((record) => record.tokenId)).toEqual([younger.id]);
    expect(harness.token(younger.id).revokeAfter).toBe(later(harness.clock.iso(), HOUR));
  });

  test('whose token somebody revoked meanwhile is minted anew under another name', async () => {
    const { harness, rotate, again, types } = await withToken();
    harness.paddle.failNext('create', 'after');
    await rotate();
    const first = harness.state.rotation;
    harness.paddle.revokeOutside(harness.active[0]?.id ?? '');
    await again();
    expect(harness.state.rotation).toBeUndefined();
    expect(harness.current?.rotationId).not.toBe(first?.rotationId);
    expect(types('rotation.abandoned')).toHaveLength(1);
    expect(harness.state.sweeps.map((sweep) => sweep.rotationId)).toContain(first?.rotationId);
  });
});

describe('publishing that fails at one target', () => {
  test('goes on where it stopped, asks Paddle first, and writes nothing twice', async () => {
    const { harness, rotate, again, count } = await withToken();
    const [first, second] = harness.config.targets;
    if (!first || !second) throw new Error('two targets are needed');
    harness.targets.failNext('write', second, 'before');
    const prior = harness.current?.id;
    await rotate();
    expect(harness.current?.id).toBe(prior);
    expect(harness.state.retry).toMatchObject({ step: 'publish' });
    const gets = count('get');
    await again();
    expect(harness.current?.id).not.toBe(prior);
    expect(count('get')).toBe(gets + 1);
    expect(harness.targets.versions.get(`ssm:${first.name}`)).toHaveLength(2);
    expect(harness.targets.versions.get(`secret:${second.name}`)).toHaveLength(2);
  });

  test('and that was abandoned half-way puts the current token back everywhere', async () => {
    const { harness, again, types } = await withToken();
    const [first, second] = harness.config.targets;
    if (!first || !second) throw new Error('two targets are needed');
    const made = harness.paddle.make('made in the dashboard');
    harness.targets.failNext('write', second, 'before');
    await harness.reconcile({ command: commands.adopt({ tokenId: made.id, answer: made }, {}) });
    expect(harness.targets.current(first)).toBe(made.token);
    harness.paddle.revokeOutside(made.id);
    await again();
    expect(harness.targets.current(first)).toBe(harness.current?.value);
    expect(types('token.restored')).toHaveLength(1);
    expect(harness.state.repair).toBeUndefined();
  });

  test('a repair that fails is tried again, later each time, and said once', async () => {
    const { harness, again, types, now } = await withToken();
    const [first, second] = harness.config.targets;
    if (!first || !second) throw new Error('two targets are needed');
    const made = harness.paddle.make('made in the dashboard');
    harness.targets.failNext('write', second, 'before');
    await harness.reconcile({ command: commands.adopt({ tokenId: made.id, answer: made }, {}) });
    harness.paddle.revokeOutside(made.id);
    for (let failure = 0; failure < 3; failure += 1) harness.targets.failNext('read', first, 'before');
    const waits: number[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await again();
      waits.push(Date.parse(harness.dueAt ?? '') - Date.parse(now()));
    }
    expect(waits).toEqual([MINUTE, 2 * MINUTE, 4 * MINUTE]);
    await again();
    expect(harness.targets.current(first)).toBe(harness.current?.value);
    expect(types('rotation.delayed').filter((record) => record.details?.step === 'restore')).toHaveLength(1);
  });
});

describe('a revocation', () => {
  const due = async (options: ConstructorParameters<typeof Harness>[0] = {}) => {
    const world = await withToken(options);
    const first = world.harness.current?.id ?? '';
    await world.rotate();
    world.harness.clock.set(world.harness.token(first).revokeAfter ?? '');
    return { ...world, first };
  };

  test('whose answer was lost is asked about, and recorded as ours', async () => {
    const { harness, first, again, types, now } = await due();
    harness.paddle.failNext('revoke', 'after');
    await harness.reconcile();
    expect(harness.token(first)).toMatchObject({ status: 'revoking', failures: 1 });
    expect(harness.dueAt).toBe(later(now(), MINUTE));
    await again();
    expect(harness.token(first)).toMatchObject({ status: 'revoked', revokedBy: 'paddlewheel' });
    expect(types('token.revoked')).toHaveLength(1);
  });

  test('that failed is proved anew before it is tried again', async () => {
    const { harness, first, again, types } = await due();
    harness.paddle.failNext('revoke', 'before');
    await harness.reconcile();
    await again();
    expect(harness.token(first).status).toBe('revoked');
    expect(types('token.revocation-interrupted')).toHaveLength(1);
    expect(types('token.revoking')).toHaveLength(2);
  });

  test('is stuck after five failures, neither sooner nor said twice', async () => {
    const { harness, first, again, types } = await due();
    for (let failure = 0; failure < 8; failure += 1) harness.paddle.failNext('revoke', 'before');
    await harness.reconcile();
    for (let failure = 1; failure < 5; failure += 1) {
      expect(harness.token(first).stuckSince).toBeUndefined();
      await again();
    }
    expect(harness.token(first).stuckSince).toBe(harness.clock.iso());
    await again();
    await again();
    expect(types('token.stuck')).toHaveLength(1);
  });

  test('that somebody else had done before is recorded as theirs', async () => {
    const { harness, first, types } = await withToken().then(async (world) => {
      const first = world.harness.current?.id ?? '';
      await world.rotate();
      return { ...world, first };
    });
    harness.paddle.revokeOutside(first);
    harness.clock.set(harness.token(first).revokeAfter ?? '');
    await harness.reconcile();
    expect(harness.token(first)).toMatchObject({ status: 'revoked', revokedBy: 'external' });
    expect(types('token.revoked')).toHaveLength(0);
    expect(types('token.lost')).toHaveLength(1);
  });

  test('found to be needless because the current token is lost heals instead', async () => {
    const { harness, first } = await due();
    const current = harness.current?.id ?? '';
    harness.paddle.revokeOutside(current);
    await harness.reconcile();
    expect(harness.token(current)).toMatchObject({ status: 'revoked', revokedBy: 'external' });
    expect(harness.current?.id).not.toBe(current);
    expect(harness.token(first).status).toBe('superseded');
    expect(harness.state.rotation).toBeUndefined();
  });

  test('held for want of evidence is reconciled again after 5, 10, 20, 40, 60 minutes, and said once per reason', async () => {
    const { harness, again, types, now } = await due({ config: { consumers: ['shop'] } });
    await harness.reconcile();
    const waits: number[] = [];
    for (let hold = 0; hold < 5; hold += 1) {
      waits.push(Date.parse(harness.dueAt ?? '') - Date.parse(now()));
      await again();
    }
    expect(waits).toEqual([5, 10, 20, 40, 60].map((minutes) => minutes * MINUTE));
    expect(types('token.held')).toHaveLength(1);
  });

  test('with scans spread over time waits for the next scan, and a finding starts the count anew', async () => {
    const url = 'https://example.com/pricing';
    const sites = [{ url, extraOrigins: [] }];
    const { harness, first, again, now } = await due({ config: { sites, scans: { count: 3, overMs: 30 * MINUTE } } });
    const old = harness.token(first).value;
    const fresh = harness.current?.value ?? '';
    harness.sites.deploy(url, fresh);
    await harness.reconcile();
    expect(harness.dueAt).toBe(later(now(), 15 * MINUTE));
    await again();
    expect(harness.token(first).cleanScans).toHaveLength(2);
    harness.sites.deploy(url, fresh, old);
    await again();
    expect(harness.token(first)).toMatchObject({ cleanScans: [], hold: { reason: 'site_serves_superseded' } });
    harness.sites.deploy(url, fresh);
    await again();
    await again();
    expect(harness.token(first).status).toBe('superseded');
    await again();
    expect(harness.token(first).status).toBe('revoked');
  });
});

describe('grace that starts at the deployment', () => {
  test('does not start by itself, says so every hour, and counts from the report', async () => {
    const { harness, rotate, again, now, types } = await withToken({
      config: { graceFrom: 'deployed', consumers: ['shop'] },
    });
    const first = harness.current?.id ?? '';
    await rotate();
    expect(harness.token(first)).toMatchObject({ hold: { reason: 'awaiting_deployment' } });
    expect(harness.token(first).revokeAfter).toBeUndefined();
    expect(harness.dueAt).toBe(later(now(), HOUR));
    for (let hour = 0; hour < 200; hour += 1) await again();
    expect(harness.token(first).status).toBe('superseded');
    const deployedAt = now();
    const report = { tokenId: harness.current?.id ?? '', at: deployedAt };
    harness.ledger.usages.set('pricing-page', [{ consumer: 'shop', phase: 'deploy', ...report, deployed: report }]);
    await harness.reconcile({ newEvidence: true });
    expect(harness.token(first).revokeAfter).toBe(later(deployedAt, 2 * DAY));
    expect(types('token.deployed')).toHaveLength(1);
    await harness.until(later(deployedAt, 2 * DAY));
    expect(harness.token(first).status).toBe('revoked');
  });

  test('starts when a scan first sees the new token on every page', async () => {
    const pages = ['https://example.com/a', 'https://example.com/b'];
    const sites = pages.map((url) => ({ url, extraOrigins: [] }));
    const { harness, rotate, now } = await withToken({ config: { graceFrom: 'deployed', sites } });
    const first = harness.current;
    await rotate();
    const fresh = harness.current?.value ?? '';
    harness.sites.deploy(pages[0] ?? '', fresh);
    harness.sites.deploy(pages[1] ?? '', first?.value ?? '');
    await harness.reconcile({ newEvidence: true });
    expect(harness.token(first?.id ?? '').revokeAfter).toBeUndefined();
    harness.sites.deploy(pages[1] ?? '', fresh);
    await harness.reconcile({ newEvidence: true });
    expect(harness.token(first?.id ?? '').revokeAfter).toBe(later(now(), 2 * DAY));
  });
});

describe('a site that never redeploys', () => {
  test('stops the minting at fifty superseded tokens, says so, and it goes on once some are revoked', async () => {
    const { harness, rotate, count, now } = await withToken({
      config: { schedule: { every: DAY }, graceMs: 100 * DAY },
      account: { maxRevocationsPerRun: 100 },
    });
    await harness.until(later(now(), 60 * DAY));
    expect(count('create')).toBe(51);
    expect(await rotate()).toMatchObject({ outcome: 'rejected', faults: [expect.stringMatching(/50 earlier tokens/)] });
    expect(await harness.reconcile()).toMatchObject({ outcome: 'settled', decision: { reason: 'crowded' } });
    expect(harness.dueAt?.localeCompare(now())).toBe(1);
    await harness.reconcile({ command: commands.emergency({ reason: 'leaked' }) });
    expect(count('create')).toBe(52);
    await harness.until(later(now(), 50 * DAY));
    expect(count('create')).toBeGreaterThan(52);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('does not make the list of clean scans grow for ever', async () => {
    const url = 'https://example.com/pricing';
    const sites = [{ url, extraOrigins: [] }];
    const { harness, rotate, now } = await withToken({ config: { sites, consumers: ['shop'] } });
    const old = harness.current?.id ?? '';
    await rotate();
    harness.sites.deploy(url, harness.current?.value ?? '');
    await harness.until(later(now(), 5 * DAY));
    expect(harness.token(old).hold?.reason).toBe('usage_silent');
    expect(harness.token(old).cleanScans).toHaveLength(4);
  });
});

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
