/** Revocations that fail or have to wait: for Paddle, for a deployment, for a site that never redeploys. */
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Harness } from './harness.ts';
import { quietViolations } from './invariants.ts';
import { withToken } from './with-token.ts';

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
