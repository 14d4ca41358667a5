import type { ConsumerSpec, SiteCheck } from '../../lambdas/contract.ts';
import type { Usage } from '../../lambdas/domain/model.ts';
import { DAY, later } from '../../lambdas/domain/time.ts';
import { checkUsage } from '../../lambdas/evidence/usage.ts';
import { anAccount, anIntegration, START } from '../builders/integration.ts';

const token = (id: string, status: 'current' | 'superseded') => ({
  id,
  value: `test_${id}`,
  name: id,
  origin: 'minted' as const,
  rotationId: 'r',
  status,
  createdAt: START,
});
const now = later(START, 60 * DAY);
const read = (consumer: string, tokenId: string, daysAgo: number): Usage => ({
  consumer,
  tokenId,
  phase: 'build',
  at: later(now, -daysAgo * DAY),
});

async function evidence(
  usage: readonly Usage[],
  consumers: readonly (string | ConsumerSpec)[] = [],
  sites: readonly SiteCheck[] = [],
) {
  const [current, old] = [token('new', 'current'), token('old', 'superseded')];
  const state = { integration: 'pricing-page', version: 1, tokens: [old, current], sweeps: [], requests: [] };
  const subject = {
    now,
    account: anAccount(),
    config: anIntegration({ consumers, sites }),
    state,
    token: old,
    current,
  };
  const sources = { ledger: { usage: async () => usage } } as unknown as Parameters<typeof checkUsage>[1];
  return checkUsage(subject, sources);
}

describe('a reader that CloudTrail saw', () => {
  test('with the current token proves nothing: as if nobody had been seen', async () => {
    expect(await evidence([read('cloudtrail:shop', 'new', 1)])).toBeUndefined();
  });
  test('with the old token stands against revoking it', async () => {
    expect(await evidence([read('cloudtrail:shop', 'old', 1)])).toMatchObject({
      satisfied: false,
      reason: 'usage_outdated',
    });
  });
  test('with the old token no longer counts once the look-back has ended', async () => {
    expect(await evidence([read('cloudtrail:shop', 'old', 31)])).toBeUndefined();
  });
  test('does not stand in for a configured consumer that is silent', async () => {
    expect(await evidence([read('cloudtrail:shop', 'new', 1)], ['shop'])).toMatchObject({
      satisfied: false,
      reason: 'usage_silent',
    });
  });
  test('with the old token outweighs a configured consumer that is up to date', async () => {
    const shop = { ...read('shop', 'new', 1), deployed: { tokenId: 'new', at: later(now, -DAY) } };
    const reports = [shop, read('cloudtrail:other', 'old', 2)];
    expect(await evidence(reports, ['shop'])).toMatchObject({ satisfied: false, reason: 'usage_outdated' });
    expect(await evidence(reports.slice(0, 1), ['shop'])).toMatchObject({ satisfied: true });
  });
});

const reported = (consumer: string, more: Partial<Usage> = {}): Usage => ({
  consumer,
  tokenId: 'new',
  phase: 'build',
  at: later(now, -DAY),
  ...more,
});
const deployed = (consumer: string, more: Partial<Usage> = {}): Usage => {
  const report = reported(consumer, { phase: 'deploy', ...more });
  const { tokenId, build, branch, stage, at } = report;
  return { ...report, deployed: { tokenId, build, branch, stage, at } };
};
const SITE = { url: 'https://example.com/', extraOrigins: [] };

describe('a build', () => {
  test('alone never proves that anybody serves its token, and says what would', async () => {
    const item = await evidence([reported('shop', { build: '41' })], ['shop']);
    expect(item).toMatchObject({ satisfied: false, reason: 'usage_undeployed' });
    expect(item?.message).toMatch(/shop has built new \(build 41\).*paddlewheel deployed.*everyBuildDeploys/);
  });
  test('of a consumer that nobody configured proves nothing either, and holds', async () => {
    expect(await evidence([reported('ci')])).toMatchObject({ reason: 'usage_undeployed' });
  });
  test('counts as a deployment for whoever has said so', async () => {
    const shop = { name: 'shop', everyBuildDeploys: true };
    expect(await evidence([reported('shop')], [shop])).toMatchObject({ satisfied: true });
    const rebuilt = deployed('shop', { at: later(now, -2 * DAY) });
    expect(
      await evidence([{ ...rebuilt, tokenId: 'old', phase: 'build', at: later(now, -DAY) }], [shop]),
    ).toMatchObject({ reason: 'usage_outdated' });
  });
  test('of the only consumer is proved by the sites, of one of several it is not: whose pages are they?', async () => {
    expect(await evidence([reported('shop')], ['shop'], [SITE])).toMatchObject({
      satisfied: true,
      reason: 'usage_by_sites',
    });
    const two = [reported('shop'), deployed('blog')];
    expect(await evidence(two, ['shop'], [SITE])).toMatchObject({ reason: 'usage_undeployed' });
    expect(await evidence([reported('shop')], ['shop', 'blog'], [SITE])).toMatchObject({ satisfied: false });
  });
});

describe('what is no deployment in production', () => {
  test.each<[string, Partial<Usage>, string]>([
    ['a preview', { stage: 'preview' }, 'usage_silent'],
    ['a pull request', { stage: 'pr-12', branch: 'main' }, 'usage_silent'],
    ['the branch of a pull request', { branch: 'refs/pull/12/merge' }, 'usage_silent'],
    ['a branch that may be anything', { branch: 'spring-sale' }, 'usage_unclear'],
    ['a stage that may be anything', { stage: 'eu' }, 'usage_unclear'],
  ])('%s with the current token proves nothing', async (_, where, reason) => {
    expect(await evidence([deployed('shop', where)], ['shop'])).toMatchObject({ satisfied: false, reason });
  });
  test('a preview with the old token is nobody’s checkout, and never holds', async () => {
    const preview = deployed('shop', { tokenId: 'old', stage: 'preview' });
    expect(await evidence([deployed('shop'), preview], ['shop'])).toMatchObject({ satisfied: true });
  });
  test('a place that may be anything holds with the old token, for ever, though production is up to date', async () => {
    const unclear = deployed('shop', { tokenId: 'old', stage: 'eu', at: later(now, -400 * DAY) });
    const item = await evidence([deployed('shop'), unclear], ['shop']);
    expect(item).toMatchObject({ reason: 'usage_outdated', details: { behind: [{ consumer: 'shop', stage: 'eu' }] } });
    expect(item?.message).toContain('(stage eu)');
  });
  test.each<[string, ConsumerSpec, Partial<Usage>, boolean | string]>([
    ['its stage is listed', { name: 'shop', stages: ['eu'] }, { stage: 'eu' }, true],
    ['another stage is listed', { name: 'shop', stages: ['eu'] }, { stage: 'production' }, 'usage_silent'],
    ['stages are listed and it names none', { name: 'shop', stages: ['eu'] }, {}, 'usage_unclear'],
    ['its branch is listed', { name: 'shop', branches: ['spring'] }, { branch: 'refs/heads/spring' }, true],
    ['its branch is not', { name: 'shop', branches: ['spring'] }, { branch: 'main' }, 'usage_silent'],
    [
      'its stage is production, and its branch is not listed',
      { name: 'shop', branches: ['spring'] },
      { branch: 'hotfix', stage: 'production' },
      'usage_unclear',
    ],
    ['nobody has listed anything, and it says production', { name: 'shop' }, { branch: 'x', stage: 'prod' }, true],
  ])('%s', async (_, rules, where, expected) => {
    const item = await evidence([deployed('shop', where)], [rules]);
    expect(item?.satisfied || item?.reason).toBe(expected);
  });
});

describe('what is listed', () => {
  const details = async (count: number) => {
    const old = (at: number) => reported(`shop-${at}`, { tokenId: 'old', build: `${at}`, branch: 'main' });
    const item = await evidence(Array.from({ length: count }, (_, at) => old(at)));
    return item?.details as { behind: readonly object[]; of?: object } | undefined;
  };
  test('is fifty of a kind at most, with how many there are; each with what names it', async () => {
    const [fifty, more] = [await details(50), await details(51)];
    expect([fifty?.behind.length, more?.behind.length]).toEqual([50, 50]);
    expect(more?.behind[0]).toMatchObject({ consumer: 'shop-0', tokenId: 'old', build: '0', branch: 'main' });
    expect([fifty?.of, more?.of]).toEqual([undefined, { behind: 51 }]);
  });
});
