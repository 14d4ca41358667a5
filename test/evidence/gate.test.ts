/** The evidence gate, kind by kind: what satisfies it, what does not, and that doubt never does. */

import { TransientError } from '../../lambdas/domain/errors.ts';
import type { IntegrationConfig, Token, Usage } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import type { Case } from '../../lambdas/evidence/check.ts';
import { gatherEvidence } from '../../lambdas/evidence/gate.ts';
import { pagesOf } from '../../lambdas/evidence/scan-round.ts';
import { freshState } from '../../lambdas/rotation/snapshot.ts';
import { anAccount, anIntegration, START } from '../builders/integration.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeLedger } from '../fakes/fake-ledger.ts';
import { FakePaddle } from '../fakes/fake-paddle.ts';
import { FakeRevocationCap } from '../fakes/fake-revocation-cap.ts';
import { FakeSites } from '../fakes/fake-sites.ts';
import { FakeTargets } from '../fakes/fake-targets.ts';

const NOW = later(START, 10 * DAY);
const PAGE = 'https://example.com/pricing';
const OTHER = 'https://example.com/checkout';

/** A case in which everything that is configured speaks for revoking. */
function proved(changes: { config?: Partial<IntegrationConfig>; token?: Partial<Token>; max?: number } = {}) {
  const clock = new FakeClock(NOW);
  const paddle = new FakePaddle(clock);
  const targets = new FakeTargets();
  const ledger = new FakeLedger();
  const sites = new FakeSites();
  const cap = new FakeRevocationCap(clock);
  const old = paddle.make('old');
  const fresh = paddle.make('fresh');
  const config = anIntegration({ scans: { count: 1, overMs: 0 }, ...changes.config });
  const base = { origin: 'minted', rotationId: 'r', createdAt: START } as const;
  const token: Token = {
    ...base,
    id: old.id,
    value: old.token,
    name: old.name,
    status: 'superseded',
    revokeAfter: NOW,
    cleanScansOf: pagesOf(config),
    ...changes.token,
  };
  const current: Token = { ...base, id: fresh.id, value: fresh.token, name: fresh.name, status: 'current' };
  for (const target of config.targets) targets.put(target, current.value);
  for (const { url } of config.sites) sites.deploy(url, current.value);
  const report = (consumer: string, more: Partial<Usage> = {}): Usage => ({
    consumer,
    tokenId: current.id,
    phase: 'deploy',
    at: later(NOW, -HOUR),
    ...(more.phase === 'build' ? {} : { deployed: { tokenId: more.tokenId ?? current.id, at: later(NOW, -HOUR) } }),
    ...more,
  });
  const usage = (...reports: Usage[]) => ledger.usages.set(config.name, reports);
  usage(...config.consumers.map((consumer) => report(String(consumer))));
  const subject: Omit<Case, 'current'> = {
    now: NOW,
    account: anAccount({ maxRevocationsPerRun: changes.max ?? 5 }),
    config,
    state: { ...freshState(config.name), tokens: [token, current] },
    token,
  };
  const gather = (more: Partial<Omit<Case, 'current'>> = {}) =>
    gatherEvidence({ ...subject, ...more }, { paddle, targets, ledger, scanner: sites, cap });
  const verdict = async (more: Partial<Omit<Case, 'current'>> = {}) => {
    const { evidence } = await gather(more);
    return [evidence.satisfied, ...evidence.items.filter((item) => !item.satisfied).map((item) => item.reason)];
  };
  return { paddle, targets, sites, token, current, config, subject, report, usage, gather, verdict };
}

const all = {
  sites: [
    { url: PAGE, extraOrigins: [] },
    { url: OTHER, extraOrigins: [] },
  ],
  consumers: ['shop'],
};

describe('what changes while the pages are scanned', () => {
  const during = async (act: (world: ReturnType<typeof proved>) => void) => {
    const world = proved({ config: all });
    const scan = world.sites.scan.bind(world.sites);
    world.sites.scan = async (...args) => {
      act(world);
      return scan(...args);
    };
    return world.verdict();
  };

  test.each<[string, (world: ReturnType<typeof proved>) => void, string]>([
    [
      'a target that is given the token',
      ({ targets, config, token }) => targets.put(config.targets.at(-1) as never, token.value),
      'target_differs',
    ],
    [
      'the current token, which is revoked',
      ({ paddle, current }) => paddle.revokeOutside(current.id),
      'current_revoked',
    ],
    [
      'a consumer that deploys the token again',
      ({ usage, report, token }) => usage(report('shop', { tokenId: token.id, at: NOW })),
      'usage_outdated',
    ],
  ])('%s, stands against it', async (_, act, reason) => {
    expect(await during(act)).toEqual([false, reason]);
  });
});

test('with everything proved, every kind of evidence is in the record, in order', async () => {
  const { evidence, cleanScan, currentLost } = await proved({ config: all }).gather();
  expect(evidence.items.map((item) => item.kind)).toEqual(['current', 'targets', 'usage', 'sites', 'cap']);
  expect(evidence).toMatchObject({ satisfied: true, gatheredAt: NOW });
  expect([cleanScan, currentLost]).toEqual([true, undefined]);
});

test('what is not configured and was never seen does not apply', async () => {
  const { evidence, cleanScan } = await proved().gather();
  expect(evidence.items.map((item) => item.kind)).toEqual(['current', 'targets', 'cap']);
  expect(cleanScan).toBeUndefined();
});

describe('the current token', () => {
  test('revoked at Paddle holds, and says that it is lost', async () => {
    const { paddle, current, gather, verdict } = proved();
    paddle.revokeOutside(current.id);
    expect(await verdict()).toEqual([false, 'current_revoked']);
    expect((await gather()).currentLost).toBe(true);
  });

  test('unknown to Paddle holds, and is not taken for lost', async () => {
    const { subject, current, gather, verdict, token } = proved();
    const elsewhere = { ...current, id: 'ctkn_elsewhere' };
    const state = { ...subject.state, tokens: [token, elsewhere] };
    expect(await verdict({ state })).toEqual([false, 'current_unknown']);
    expect((await gather({ state })).currentLost).toBeUndefined();
  });

  test.each(['before', 'after'] as const)('that Paddle gives no word about (%s) holds', async (when) => {
    const { paddle, verdict } = proved();
    paddle.failNext('get', when);
    expect((await verdict())[0]).toBe(false);
  });

  test('that is not there, or is the very token to be revoked, holds', async () => {
    const { subject, token, verdict } = proved();
    expect(await verdict({ state: { ...subject.state, tokens: [token] } })).toEqual([false, 'no_current']);
    const itself = { ...token, status: 'current' } as const;
    expect(await verdict({ token: itself, state: { ...subject.state, tokens: [itself] } })).toEqual([
      false,
      'no_current',
    ]);
  });
});

describe('the targets', () => {
  test.each([0, 1])('number %d that holds the old token holds', async (index) => {
    const { targets, config, token, verdict, gather } = proved();
    const target = config.targets[index] ?? { kind: 'ssm', name: '' };
    targets.put(target, token.value);
    expect(await verdict()).toEqual([false, 'target_differs']);
    expect(JSON.stringify(await gather())).toContain(target.name);
  });

  test('that is empty, or cannot be read, holds', async () => {
    const { targets, config, verdict } = proved();
    const [target] = config.targets;
    if (!target) throw new Error('no target');
    targets.failNext('read', target, 'before', new TransientError('ThrottlingException', 'slow down'));
    expect(await verdict()).toEqual([false, 'ThrottlingException']);
    targets.remove(target);
    expect(await verdict()).toEqual([false, 'target_differs']);
  });
});

describe('usage', () => {
  const config = { consumers: ['shop'] };
  const deployedAt = (days: number): Partial<Usage> => {
    const at = later(NOW, -days * DAY);
    return { at, deployed: { tokenId: 'current', at } };
  };

  test.each<[string, Partial<Usage>, unknown[]]>([
    ['the current token, deployed', {}, [true]],
    ['the current token, built and no more', { phase: 'build' }, [false, 'usage_undeployed']],
    ['the old token, built', { phase: 'build', tokenId: 'old' }, [false, 'usage_outdated']],
    [
      'the current token built, but the old one still deployed',
      { phase: 'build', deployed: { tokenId: 'old', at: START } },
      [false, 'usage_outdated'],
    ],
    [
      'an old build after the current token was deployed',
      { phase: 'build', tokenId: 'old', deployed: { tokenId: 'current', at: later(NOW, -DAY) } },
      [true],
    ],
    ['nothing for longer than the look-back', deployedAt(31), [false, 'usage_silent']],
    ['at the edge of the look-back', deployedAt(30), [true]],
    [
      'a deployment within the look-back, a build before it',
      { phase: 'build', at: later(NOW, -31 * DAY), deployed: { tokenId: 'current', at: later(NOW, -DAY) } },
      [true],
    ],
  ])('a configured consumer that reported %s', async (_, more, expected) => {
    const { report, usage, verdict, token, current } = proved({ config });
    const named = (id: string | undefined) => (id === 'old' ? token.id : current.id);
    const deployed = more.deployed && { ...more.deployed, tokenId: named(more.deployed.tokenId) };
    usage(report('shop', { ...more, tokenId: named(more.tokenId), deployed }));
    expect(await verdict()).toEqual(expected);
  });

  test('a configured consumer that never reported holds', async () => {
    const { usage, verdict } = proved({ config });
    usage();
    expect(await verdict()).toEqual([false, 'usage_silent']);
  });

  test('a consumer that nobody configured holds all the same while it is behind', async () => {
    const { report, usage, verdict, token, gather } = proved();
    usage(report('forgotten', { phase: 'build', tokenId: token.id, build: '41' }));
    expect(await verdict()).toEqual([false, 'usage_outdated']);
    expect((await gather()).evidence.items[2]?.message).toMatch(/forgotten last reported .*build 41/);
    const before = later(NOW, -31 * DAY);
    usage(report('forgotten', { phase: 'build', tokenId: 'ctkn_older', at: before }));
    expect(await verdict()).toEqual([true]);
  });

  test('a consumer whose last word is the very token counts for ever, whatever the look-back', async () => {
    const { report, usage, verdict, token } = proved();
    const long = later(NOW, -400 * DAY);
    usage(report('blog', { phase: 'build', tokenId: token.id, at: long }));
    expect(await verdict()).toEqual([false, 'usage_outdated']);
    usage(report('blog', { phase: 'deploy', at: long, tokenId: token.id, deployed: { tokenId: token.id, at: long } }));
    expect(await verdict()).toEqual([false, 'usage_outdated']);
    usage(report('cloudtrail:blog', { phase: 'build', tokenId: token.id, at: long }));
    expect(await verdict()).toEqual([true]);
  });

  test('one consumer behind among several holds', async () => {
    const { report, usage, verdict, token } = proved({ config: { consumers: ['shop', 'blog'] } });
    usage(report('shop'), report('blog', { tokenId: token.id }));
    expect(await verdict()).toEqual([false, 'usage_outdated']);
  });
});

describe('the sites', () => {
  test.each<[string, (site: FakeSites, old: string, current: string) => void, string]>([
    ['one page serves the old token', (sites, old) => sites.deploy(OTHER, old), 'site_serves_superseded'],
    ['one page serves both', (sites, old, current) => sites.deploy(PAGE, old, current), 'site_serves_superseded'],
    ['one page serves neither', (sites) => sites.deploy(OTHER, 'something else'), 'site_without_token'],
    ['one page is down', (sites) => sites.down.add(PAGE), 'site_unreadable'],
    [
      'one page is down and the other serves the old one',
      (sites, old) => {
        sites.down.add(PAGE);
        sites.deploy(OTHER, old);
      },
      'site_serves_superseded',
    ],
  ])('hold when %s, and the count of clean scans starts anew', async (_, change, reason) => {
    const { sites, token, current, verdict, gather } = proved({ config: all });
    change(sites, token.value, current.value);
    expect(await verdict()).toEqual([false, reason]);
    expect((await gather()).cleanScan).toBe(false);
  });

  test.each<[string, string[], boolean]>([
    ['the first of three', [], false],
    ['the second', [later(NOW, -20 * MINUTE)], false],
    ['the third, too soon', [later(NOW, -20 * MINUTE), later(NOW, -10 * MINUTE)], false],
    ['the third, just long enough after the first', [later(NOW, -30 * MINUTE), later(NOW, -10 * MINUTE)], true],
    ['the second, long after the first', [later(NOW, -5 * HOUR)], false],
    ['the third, but nobody has looked for a day', [later(NOW, -26 * HOUR), later(NOW, -25 * HOUR)], false],
  ])('%s clean scan', async (_, cleanScans, satisfied) => {
    const scans = { count: 3, overMs: 30 * MINUTE };
    const { verdict, gather } = proved({ config: { ...all, scans }, token: { cleanScans } });
    expect(await verdict()).toEqual(satisfied ? [true] : [false, 'scans_in_progress']);
    expect((await gather()).cleanScan).toBe(true);
  });
});

describe('caches', () => {
  const kept = { url: PAGE, by: 'http', header: 'cache-control: max-age=86400' } as const;

  test.each<[string, { seconds?: number; cleanScans?: string[] }, unknown[]]>([
    ['for a day, and this is the first clean scan', { seconds: 86_400 }, [false, 'cache_outlives_grace']],
    [
      'for a day, and it was clean an hour less ago',
      { seconds: 86_400, cleanScans: [later(NOW, -23 * HOUR), later(NOW, -HOUR)] },
      [false, 'cache_outlives_grace'],
    ],
    [
      'for a day, and it was clean a day ago',
      { seconds: 86_400, cleanScans: [later(NOW, -DAY), later(NOW, -HOUR)] },
      [true],
    ],
    ['without end', { cleanScans: [later(NOW, -300 * DAY), later(NOW, -HOUR)] }, [false, 'cache_outlives_grace']],
  ])('that may keep an older page %s', async (_, { seconds, cleanScans }, expected) => {
    const { sites, verdict, gather } = proved({ config: all, ...(cleanScans ? { token: { cleanScans } } : {}) });
    sites.caches.set(PAGE, { ...kept, ...(seconds === undefined ? {} : { seconds }) });
    expect(await verdict()).toEqual(expected);
    const { evidence, cleanScan } = await gather();
    expect(cleanScan).toBe(true);
    const item = evidence.items.find(({ kind }) => kind === 'sites');
    if (expected[0] === false) expect(item?.message).toMatch(/max-age=86400.*acknowledgeCaching/);
  });

  test('say until when, counted from the first clean scan', async () => {
    const { sites, gather } = proved({ config: all, token: { cleanScans: [later(NOW, -HOUR)] } });
    sites.caches.set(PAGE, { ...kept, seconds: 7_200 });
    const item = (await gather()).evidence.items.find(({ kind }) => kind === 'sites');
    expect(item?.details).toMatchObject({ cacheUntil: later(NOW, HOUR) });
  });
});

describe('the cap', () => {
  test('refuses what comes after the last place, and a place once taken stays taken', async () => {
    const { verdict, subject, token } = proved({ max: 1 });
    expect(await verdict()).toEqual([true]);
    expect(await verdict()).toEqual([true]);
    expect(await verdict({ token: { ...token, id: 'ctkn_another' } })).toEqual([false, 'cap_reached']);
    const none = { ...subject.account, maxRevocationsPerRun: 0 };
    expect(await verdict({ account: none, token: { ...token, id: 'ctkn_third' } })).toEqual([false, 'cap_reached']);
  });

  test('is not counted while anything else stands in the way', async () => {
    const { verdict, subject, token, usage, report } = proved({ max: 1, config: { consumers: ['shop'] } });
    usage(report('shop', { tokenId: token.id }));
    expect((await verdict())[0]).toBe(false);
    usage(report('shop'));
    const other = { ...token, id: 'ctkn_another' };
    expect(await verdict({ token: other, state: { ...subject.state } })).toEqual([true]);
  });
});

describe('special cases', () => {
  test('an orphan was never published: pages and builds do not matter, health and targets do', async () => {
    const { sites, token, targets, config, verdict, gather } = proved({ config: all, token: { status: 'orphan' } });
    sites.deploy(PAGE, token.value);
    expect(await verdict()).toEqual([true]);
    expect((await gather()).evidence.items.map((item) => item.kind)).toEqual(['current', 'targets', 'cap']);
    if (config.targets[0]) targets.put(config.targets[0], token.value);
    expect(await verdict()).toEqual([false, 'target_differs']);
  });

  test('an emergency asks nobody', async () => {
    const emergency = { reason: 'leaked', requestedBy: 'ana' };
    const { paddle, gather } = proved({ config: all, token: { emergency } });
    const { evidence } = await gather();
    expect(evidence).toMatchObject({ satisfied: true, items: [{ kind: 'emergency', reason: 'emergency' }] });
    expect(evidence.items[0]?.message).toContain('leaked');
    expect(paddle.calls).toEqual([]);
  });

  test('a defect is not taken for missing evidence', async () => {
    const { gather, paddle } = proved();
    paddle.failNext('get', 'before', { error: new RangeError('a defect') });
    await expect(gather()).rejects.toThrow(RangeError);
  });

  test('no token value is ever part of the evidence', async () => {
    const { gather, token, current } = proved({ config: all });
    const text = JSON.stringify(await gather());
    expect(text).not.toContain(token.value);
    expect(text).not.toContain(current.value);
  });
});
