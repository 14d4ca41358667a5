/** Evidence in the time that a run has: what it scans, what it leaves to the next, and what is kept of it. */
import type { IntegrationConfig, Token } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { gatherEvidence } from '../../lambdas/evidence/gate.ts';
import { LONGEST_SCAN_MS } from '../../lambdas/evidence/scan-round.ts';
import type { SiteFinding } from '../../lambdas/evidence/sites/finding.ts';
import { anAccount, anIntegration, START } from '../builders/integration.ts';
import { aState, aToken, NOW, superseded } from '../builders/state.ts';

const page = (n: number) => `https://shop.example/${n}`;
const pages = (count: number) => ({
  sites: Array.from({ length: count }, (_, n) => ({ url: page(n), extraOrigins: [] })),
  scans: { count: 1, overMs: 0 },
});

interface World {
  readonly config?: Partial<IntegrationConfig>;
  readonly token?: Partial<Token>;
  readonly now?: string;
  /** Of the page with that number; the others are clean. */
  readonly found?: Readonly<Record<number, Partial<SiteFinding>>>;
  /** Milliseconds that are left, at each time of asking; the last one stays. */
  readonly left?: readonly number[];
  readonly holds?: string;
  readonly hasPlace?: boolean;
}

async function gathered({
  config,
  token,
  now = NOW,
  found = {},
  left,
  holds = 'test_current',
  hasPlace = true,
}: World) {
  const scanned: string[] = [];
  let asked = 0;
  const timeLeft = () => {
    asked += 1;
    return left?.[Math.min(asked, left.length) - 1] ?? 0;
  };
  const clean = (url: string): SiteFinding => ({ url, verdict: 'current', reasons: [], message: `${url} is clean` });
  const subject = { now, account: anAccount(), config: anIntegration(config), token: superseded(token) };
  const state = aState({ tokens: [subject.token, aToken()] });
  const answer = await gatherEvidence(
    { ...subject, state },
    {
      paddle: {
        get: async (id) => ({ id, token: 'test_current', name: 'x', status: 'active', createdAt: START }),
      },
      targets: { read: async () => holds },
      ledger: { usage: async () => [], seen: async () => [] },
      scanner: {
        scan: async ({ url }: { url: string }) => {
          scanned.push(url);
          return { ...clean(url), ...found[Number(url.split('/').at(-1))] };
        },
      } as unknown as Parameters<typeof gatherEvidence>[1]['scanner'],
      cap: { reserve: async () => hasPlace },
      ...(left ? { timeLeft } : {}),
    },
  );
  const { items } = answer.evidence;
  const sites = items.find(({ kind }) => kind === 'sites');
  return { ...answer, items, sites, scanned, reasons: items.map(({ kind, reason }) => `${kind}: ${reason}`) };
}

describe('what is found is told by its kind', () => {
  test('when everything is proved', async () => {
    const { reasons, evidence } = await gathered({ config: pages(1) });
    expect(reasons).toEqual([
      'current: current_active',
      'targets: targets_current',
      'sites: sites_clean',
      'cap: within_cap',
    ]);
    expect(evidence.satisfied).toBe(true);
  });

  test('when the cap is reached, and when a target differs', async () => {
    expect((await gathered({ hasPlace: false })).reasons.at(-1)).toBe('cap: cap_reached');
    const { items, reasons } = await gathered({ holds: 'something else' });
    expect(reasons).toEqual(['current: current_active', 'targets: target_differs']);
    expect(items[1]?.details).toEqual({ targets: anIntegration().targets.map(({ kind, name }) => `${kind}:${name}`) });
  });
});

describe('a run that has not time enough', () => {
  const late = 'evidence_took_too_long';

  test('scans no page that it could not finish', async () => {
    const short = await gathered({ config: pages(1), left: [LONGEST_SCAN_MS - 1] });
    expect([short.scanned, short.sites?.reason, short.cleanScan]).toEqual([[], late, undefined]);
    const enough = await gathered({ config: pages(1), left: [LONGEST_SCAN_MS] });
    expect([enough.scanned, enough.evidence.satisfied, enough.cleanScan]).toEqual([[page(0)], true, true]);
  });

  test('needs none for pages that are not there', async () => {
    expect((await gathered({ left: [1] })).evidence.satisfied).toBe(true);
  });

  test('gathers nothing once it is over', async () => {
    expect((await gathered({ left: [-1] })).reasons).toEqual([`sites: ${late}`]);
    const orphan = { status: 'orphan' } as const;
    expect((await gathered({ left: [-1], token: orphan })).reasons).toEqual([`current: ${late}`, `targets: ${late}`]);
  });

  test('that a scan used up leaves nothing proved', async () => {
    const { evidence, reasons } = await gathered({ config: pages(1), left: [LONGEST_SCAN_MS, 1, -1] });
    expect([evidence.satisfied, reasons]).toEqual([
      false,
      [`current: ${late}`, `targets: ${late}`, `usage: ${late}`, 'sites: sites_clean'],
    ]);
  });

  test('does not allow what it could not do any more', async () => {
    const { evidence, reasons } = await gathered({ left: [9, 9, 9, 9, 0] });
    expect([evidence.satisfied, reasons.at(-1)]).toEqual([false, `cap: ${late}`]);
    expect((await gathered({ left: [9, 9, 9, 9, 0], hasPlace: false })).reasons.at(-1)).toBe('cap: cap_reached');
  });
});

describe('many sites', () => {
  const enough = LONGEST_SCAN_MS;
  const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => page(from + n));

  test.each([6, 7, 13])('are all scanned, six side by side, while there is time (%i)', async (count) => {
    const { scanned, evidence, scanRound } = await gathered({ config: pages(count) });
    expect([scanned, evidence.satisfied, scanRound]).toEqual([upTo(0, count), true, undefined]);
  });

  test('go on in the next run: nothing speaks for or against until then', async () => {
    const first = await gathered({ config: pages(8), left: [enough, enough - 1] });
    expect(first.scanned).toEqual(upTo(0, 6));
    expect(first.scanRound).toMatchObject({
      scanned: 6,
      since: NOW,
      at: NOW,
      of: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect([first.sites?.reason, first.cleanScan, first.evidence.satisfied]).toEqual([
      'scan_unfinished',
      undefined,
      false,
    ]);
    expect(first.sites).not.toHaveProperty('round');
    const goesOn = { config: pages(8), token: { scanRound: first.scanRound }, now: later(NOW, MINUTE) };
    const second = await gathered(goesOn);
    expect([second.scanned, second.evidence.satisfied]).toEqual([upTo(6, 8), true]);
    expect(second.sites?.details).toMatchObject({ cleanInEarlierRuns: 6 });
    const all = await gathered({ config: pages(8) });
    expect(all.sites?.details).not.toHaveProperty('cleanInEarlierRuns');
  });

  test('make progress in each run, and remember since when', async () => {
    const left = [enough, 0];
    const first = await gathered({ config: pages(14), left });
    const second = await gathered({
      config: pages(14),
      left,
      token: { scanRound: first.scanRound },
      now: later(NOW, MINUTE),
    });
    expect(second.scanned).toEqual(upTo(6, 12));
    expect(second.scanRound).toMatchObject({ scanned: 12, since: NOW, at: later(NOW, MINUTE) });
    const third = await gathered({
      config: pages(14),
      left,
      token: { scanRound: second.scanRound },
      now: later(NOW, 2 * MINUTE),
    });
    // All are scanned, but no time is left for what the evidence would allow.
    expect(third.scanRound).toMatchObject({ scanned: 14 });
  });

  test('begin anew after two hours, or for other tokens or pages', async () => {
    const { scanRound } = await gathered({ config: pages(8), left: [enough, 0] });
    const scanned = async (world: World) =>
      (await gathered({ config: pages(8), token: { scanRound }, ...world })).scanned.length;
    expect(await scanned({ now: later(NOW, 2 * HOUR - 1) })).toBe(2);
    expect(await scanned({ now: later(NOW, 2 * HOUR) })).toBe(8);
    expect(await scanned({ token: { scanRound, id: 'ctkn_another' } })).toBe(8);
    expect(await scanned({ config: pages(9) })).toBe(9);
  });

  test('stop at the first batch with one that is not clean', async () => {
    const { scanned, sites, cleanScan } = await gathered({
      config: pages(13),
      found: { 7: { verdict: 'unreadable' } },
    });
    expect(scanned).toEqual(upTo(0, 12));
    expect([sites?.reason, cleanScan]).toEqual(['site_unreadable', false]);
  });

  test('are kept by caches for as long as the longest, those of earlier runs too', async () => {
    const cache = (seconds?: number) => ({ cache: { url: page(0), by: 'http' as const, header: 'x', seconds } });
    const until = async (world: World) => (await gathered({ config: pages(8), ...world })).sites?.details?.cacheUntil;
    expect(await until({ found: { 0: cache(60), 7: cache(3_600) } })).toBe(later(NOW, HOUR));
    expect(await until({ found: { 0: cache(3_600), 7: cache(60) } })).toBe(later(NOW, HOUR));
    expect(await until({ found: { 0: cache(60), 7: cache() } })).toBe('never');
    const first = await gathered({
      config: pages(8),
      found: { 1: cache(DAY / 1000) },
      left: [enough, 0],
    });
    const token = { scanRound: first.scanRound };
    expect(await until({ token, found: { 7: cache(60) } })).toBe(later(NOW, DAY));
    expect(await until({ token })).toBe(later(NOW, DAY));
  });
});

describe('a page that speaks against', () => {
  const seen = (code: string) => ({ code, message: 'x' });
  test.each<[string, Partial<SiteFinding>, string]>([
    ['serves the superseded token', { verdict: 'superseded' }, 'site_serves_superseded'],
    ['is misconfigured', { verdict: 'misconfigured' }, 'site_misconfigured'],
    ['cannot be read', { verdict: 'unreadable' }, 'site_unreadable'],
    ['has neither token', { verdict: 'incomplete', reasons: [seen('current_not_seen')] }, 'site_without_token'],
    ['was not read to the end', { verdict: 'incomplete', reasons: [seen('status')] }, 'site_incomplete'],
    [
      'has neither token, and was not read to the end',
      { verdict: 'incomplete', reasons: [seen('current_not_seen'), seen('status')] },
      'site_incomplete',
    ],
  ])('is named: it %s', async (_, finding, reason) => {
    const { sites } = await gathered({ config: pages(2), found: { 1: { ...finding, message: 'so it is.' } } });
    expect(sites).toMatchObject({ reason, message: `so it is. Seen at ${NOW}.` });
  });

  test('counts before one that only could not be read', async () => {
    const found = { 0: { verdict: 'unreadable' as const }, 1: { verdict: 'superseded' as const } };
    expect((await gathered({ config: pages(2), found })).sites?.reason).toBe('site_serves_superseded');
  });
});

test('the findings fit into one record: verdicts and reasons stay, what was seen of every URL goes first', async () => {
  const reasons = Array.from({ length: 5 }, (_, n) => ({ code: `c${n}`, message: 'x' }));
  const large = { reasons, details: { text: 'x'.repeat(80_000) }, waived: [{ url: 'u', reason: 'r' }] };
  const { sites } = await gathered({ config: pages(3), found: { 0: large, 1: large, 2: {} } });
  const findings = sites?.details?.findings as SiteFinding[];
  expect(findings.map(({ details }) => Object.keys(details ?? {})[0])).toEqual(['text', 'omitted', 'omitted']);
  expect(findings[1]).toMatchObject({
    url: page(1),
    verdict: 'current',
    reasons: reasons.slice(0, 3),
    waived: large.waived,
  });
  expect(findings[2]).not.toHaveProperty('waived');
});
