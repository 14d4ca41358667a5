/** Evidence that takes longer than a run. */
import type { Target } from '../../lambdas/domain/model.ts';
import { DAY, later, MINUTE, SECOND } from '../../lambdas/domain/time.ts';
import { START } from '../builders/integration.ts';
import { withToken } from './with-token.ts';

describe('evidence that takes longer than a run', () => {
  const page = (n: number) => `https://example.com/${n}`;
  const slow = async (
    sites: number,
    ms: number,
    more: { count?: number; graceFrom?: 'deployed' | 'published'; graceMs?: number } = {},
  ) => {
    const { count = 1, graceFrom = 'published', graceMs = 2 * DAY } = more;
    const urls = Array.from({ length: sites }, (_, n) => page(n));
    const pages = urls.map((url) => ({ url, extraOrigins: [] }));
    const config = { sites: pages, scans: { count, overMs: 0 }, graceFrom, graceMs };
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

  test('begins anew when a target was found to hold the superseded token, however short its grace is', async () => {
    const { harness, runs, scanned, first } = await slow(13, 60 * SECOND, { graceMs: MINUTE });
    await harness.reconcile();
    expect(harness.token(first).scanRound).toMatchObject({ scanned: 6 });
    const target = harness.config.targets[0] as Target;
    harness.targets.put(target, harness.token(first).value);
    await harness.reconcile({ newEvidence: true });
    expect(harness.token(first).servedAt).toBeDefined();
    scanned.length = 0;
    await runs(20);
    expect(harness.token(first).status).toBe('revoked');
    expect(new Set(scanned).size).toBe(13);
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
