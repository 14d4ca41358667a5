/** For every kind of evidence: disproved, the revocation is held and status says why; proved, the token is revoked. */
import { DeleteItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Page } from 'playwright-core';
import { ledgerKeys } from '../../lambdas/adapters/dynamodb/keys.ts';
import { NAMES } from '../../lambdas/contract.ts';
import type { EvidenceItem } from '../../lambdas/domain/model.ts';
import { buildBeacon } from '../../packaging/beacon.ts';
import { openBrowser } from '../browser/chromium.ts';
import { counted } from '../counts.ts';
import { expectSound } from './soundness.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await connectStack();
}, START_MS);

/** The token is alive, and status says why it still is. */
async function expectHeld(integration: string, tokenId: string, why: RegExp): Promise<void> {
  const { config } = await stack.state(integration);
  expect(await stack.paddle(config.account).statusOf(tokenId)).toBe('active');
  const { superseded } = await stack.status(integration);
  expect(superseded.find(({ id }) => id === tokenId)).toMatchObject({ held: expect.stringMatching(why) });
}

/** The evidence that is kept with the revocation. */
async function evidenceOf(integration: string, tokenId: string): Promise<string[]> {
  const trail = await stack.trail(integration);
  const decision = trail.find((entry) => entry.type === 'token.revoking' && entry.tokenId === tokenId);
  const { evidence } = (decision?.details ?? {}) as { evidence?: { items: EvidenceItem[] } };
  return (evidence?.items ?? []).map(
    ({ kind, satisfied, reason }) => `${kind} ${satisfied ? 'proved' : 'disproved'}: ${reason}`,
  );
}

async function dueToken(integration: string) {
  const tokens = await stack.rotate(integration);
  await stack.graceOver(integration, tokens.old.id);
  return tokens;
}

const deployed = (integration: string, tokenId: string) =>
  stack.invoke(NAMES.usage, { integration, consumer: 'shop', phase: 'deploy', tokenId });

test('Paddle does not answer for the current token: held; it answers again: revoked', async () => {
  const { old, fresh } = await stack.rotate('proof-current');
  await stack.paddle().fault({ method: 'GET', path: `/client-tokens/${fresh.id}`, answer: 'html-502', times: null });
  await stack.graceOver('proof-current', old.id);
  await stack.held('proof-current', old.id, 'http_502');
  await expectHeld('proof-current', old.id, /could not be gathered/);
  await stack.paddle().clearFaults();
  await stack.revoked('proof-current', old.id);
  expect(await evidenceOf('proof-current', old.id)).toEqual([
    'current proved: current_active',
    'targets proved: targets_current',
    'cap proved: within_cap',
  ]);
  await expectSound(stack, 'proof-current');
}, 180_000);

test('the current token is dead: the superseded one stays until a fresh one is everywhere', async () => {
  const { old, fresh } = await stack.rotate('proof-lost');
  await stack.paddle('quiet').revokeInDashboard(fresh.id);
  await stack.graceOver('proof-lost', old.id);
  // No webhook comes from this account: a reconcile is enough to find out.
  await stack.revoked('proof-lost', old.id);
  const trail = await stack.actions('proof-lost');
  expect(trail.indexOf('token.lost')).toBeGreaterThan(0);
  expect(trail.lastIndexOf('token.published')).toBeGreaterThan(trail.indexOf('token.lost'));
  expect(trail.indexOf('token.revoking')).toBeGreaterThan(trail.lastIndexOf('token.published'));
  await expectSound(stack, 'proof-lost');
}, 180_000);

test('a target holds the old token again: held, with its grace anew; it holds the current one again: revoked', async () => {
  const { old, fresh } = await stack.rotate('proof-targets');
  const put = (Value: string) =>
    new SSMClient(stack.clientSettings).send(
      new PutParameterCommand({ Name: '/e2e/proof-targets/client-token', Value, Overwrite: true, Type: 'String' }),
    );
  await put(old.value);
  await stack.graceOver('proof-targets', old.id);
  await stack.held('proof-targets', old.id, 'served_again');
  await expectHeld('proof-targets', old.id, /was found at a target/);
  await put(fresh.value);
  await stack.revoked('proof-targets', old.id);
  await expectSound(stack, 'proof-targets');
}, 180_000);

test('a target is overwritten by hand: by a token, it gets the current one back; by anything else, it is left alone', async () => {
  const { fresh } = await stack.rotate('proof-drift');
  const target = { kind: 'ssm', name: '/e2e/proof-drift/client-token' } as const;
  const put = (Value: string) =>
    new SSMClient(stack.clientSettings).send(
      new PutParameterCommand({ Name: target.name, Value, Overwrite: true, Type: 'String' }),
    );
  await put(`test_${'0'.repeat(27)}`);
  await stack.ask('proof-drift', { action: 'reconcile' });
  expect(await stack.read(target)).toBe(fresh.value);
  expect(await stack.actions('proof-drift')).toEqual(expect.arrayContaining(['token.drifted', 'token.restored']));
  await put('by hand');
  await expect(stack.ask('proof-drift', { action: 'reconcile' })).rejects.toThrow(/not a client-side token/);
  expect(await stack.read(target)).toBe('by hand');
}, 180_000);

test('a consumer has not reported, then reports the old token: held; its deployment alone brings the revocation', async () => {
  const { old, fresh } = await dueToken('proof-usage');
  await stack.held('proof-usage', old.id, 'usage_silent');
  await expectHeld('proof-usage', old.id, /Consumer shop has not reported since/);
  // A pull request builds and deploys its preview with the fresh token: that proves nothing of production.
  const pull = { integration: 'proof-usage', consumer: 'shop', build: 'pr-7', stage: 'pr-7' };
  await stack.invoke(NAMES.usage, { ...pull, phase: 'build' });
  expect(await stack.invoke(NAMES.usage, { ...pull, phase: 'deploy' })).toMatchObject({ message: /preview/ });
  await stack.held('proof-usage', old.id, 'usage_silent');
  // Nor does a build of production that nobody deploys.
  await stack.invoke(NAMES.usage, { integration: 'proof-usage', consumer: 'shop', build: '8', phase: 'build' });
  await stack.held('proof-usage', old.id, 'usage_undeployed');
  await deployed('proof-usage', old.id);
  await stack.held('proof-usage', old.id, 'usage_outdated');
  await expectHeld('proof-usage', old.id, /Consumer shop last reported ctkn_/);
  await deployed('proof-usage', fresh.id);
  await stack.until('the revocation', async () =>
    (await stack.paddle().statusOf(old.id)) === 'revoked' ? true : undefined,
  );
  expect(await evidenceOf('proof-usage', old.id)).toContain('usage proved: usage_current');
}, 180_000);

test('a page is down, holds neither token, or still the old one: held; it serves the current one: revoked', async () => {
  const { old, fresh } = await stack.rotate('proof-sites');
  await stack.putPage('proof-sites', 'out of order', 503);
  await stack.graceOver('proof-sites', old.id);
  await stack.held('proof-sites', old.id, 'site_unreadable');
  await stack.putPage('proof-sites', 'coming soon');
  await stack.held('proof-sites', old.id, 'site_without_token');
  await stack.putPage('proof-sites', old.value);
  await stack.held('proof-sites', old.id, 'site_serves_superseded');
  await expectHeld('proof-sites', old.id, /still served in .+\/proof-sites\/app\.js/);
  await stack.putPage('proof-sites', fresh.value);
  await stack.revoked('proof-sites', old.id);
  expect(await evidenceOf('proof-sites', old.id)).toContain('sites proved: sites_clean');
  await expectSound(stack, 'proof-sites');

  // The site is rolled back: what was revoked is served again, and whoever deploys it says so.
  await stack.putPage('proof-sites', old.value);
  const rolledBack = performance.now();
  const report = { integration: 'proof-sites', consumer: 'shop', build: '40', phase: 'deploy', tokenId: old.id };
  expect(await stack.invoke(NAMES.usage, report)).toMatchObject({ message: /its checkouts fail/ });
  const down = await stack.until('the alarm about the rollback', async () => {
    const status = await stack.status('proof-sites');
    return /^CHECKOUT IS DOWN/.test(status.message) ? status : undefined;
  });
  counted('seconds from a rollback to its alarm', (performance.now() - rolledBack) / 1000);
  const places = (down.servedRevoked as { place: string; tokenId: string }[]).map(({ place }) => place);
  expect(places).toEqual(expect.arrayContaining(['consumer shop (build 40)', expect.stringMatching(/proof-sites/)]));
  const types = await stack.actions('proof-sites');
  expect(types.filter((type) => type === 'token.revoked-served')).toHaveLength(2);

  await stack.putPage('proof-sites', fresh.value);
  await stack.invoke(NAMES.usage, { ...report, build: '41', tokenId: fresh.id });
  await stack.until('the end of the alarm', async () =>
    /CHECKOUT/.test((await stack.status('proof-sites')).message) ? undefined : true,
  );
  expect((await stack.actions('proof-sites')).filter((type) => type === 'token.revoked-gone')).toHaveLength(2);
}, 180_000);

test('a tag manager brings the token, which only the browser sees: held, and then proved', async () => {
  const { old, fresh } = await stack.rotate('proof-tags');
  const tag = (token: string) => stack.putFile('proof-tags', 'tag-2.js', `window.paddleToken="${token}"`);
  // Where the tag is, the container works out only when it runs.
  const container = `const s=document.createElement("script");s.src=location.pathname+["t","a","g"].join("")+"-"+(Math.max(1,2))+".js";document.head.append(s)`;
  await stack.putFile('proof-tags', 'gtm.js', container);
  await stack.putFile('proof-tags', '', '<!doctype html><title>Shop</title><script src="/proof-tags/gtm.js"></script>');
  await tag(old.value);
  await stack.graceOver('proof-tags', old.id);
  await stack.held('proof-tags', old.id, 'site_serves_superseded');
  await expectHeld('proof-tags', old.id, /tag-2\.js/);
  await tag(fresh.value);
  await stack.revoked('proof-tags', old.id);
  await expectSound(stack, 'proof-tags');
}, 180_000);

test('a page that networks may keep for two years: told at once, and held with the date on which it is over', async () => {
  const { old, fresh } = await stack.rotate('proof-cached');
  const page = `<!doctype html><title>Shop</title><script>const token="${fresh.value}"</script>`;
  await stack.putFile('proof-cached', '?cache=s-maxage%3D63072000', page);
  await stack.ask('proof-cached', { action: 'reconcile' });
  for (const action of ['plan', 'status']) {
    const { cached } = await stack.ask('proof-cached', { action });
    expect(cached).toMatchObject({
      ...{ reason: 'cache_outlives_grace', header: 'cache-control: s-maxage=63072000' },
      url: expect.stringMatching(/\/proof-cached\/$/),
    });
  }
  await stack.graceOver('proof-cached', old.id);
  const { since } = await stack.held('proof-cached', old.id, 'cache_outlives_grace');
  await expectHeld('proof-cached', old.id, new RegExp(`until ${Number(since.slice(0, 4)) + 2}-.*s-maxage=63072000`));
  await expectSound(stack, 'proof-cached');
}, 180_000);

test('a service worker that answers the page from its cache: held without an end', async () => {
  const { old, fresh } = await stack.rotate('proof-worker');
  const worker =
    'addEventListener("install",(e)=>e.waitUntil(caches.open("v1").then((c)=>c.add("/proof-worker/"))));' +
    'addEventListener("activate",(e)=>e.waitUntil(clients.claim()));' +
    'addEventListener("fetch",(e)=>e.respondWith(caches.match(e.request).then((hit)=>hit||fetch(e.request))));';
  await stack.putFile('proof-worker', 'sw.js', worker);
  const register = 'navigator.serviceWorker.register("/proof-worker/sw.js")';
  const page = `<!doctype html><title>Shop</title><script>const token="${fresh.value}";${register}</script>`;
  await stack.putFile('proof-worker', '', page);
  await stack.graceOver('proof-worker', old.id);
  await stack.held('proof-worker', old.id, 'cache_outlives_grace');
  await expectHeld('proof-worker', old.id, /for as long as a visitor stays away/);
}, 180_000);

test('a deploy hook that takes the call and builds nothing: told once; the page shows the token: over', async () => {
  const hook = `https://${new URL(stack.coordinates.pages).host}/hooks/5c23`;
  await stack.putSecret('e2e/proof-hook/hook', hook);
  const { old, fresh } = await stack.rotate('proof-hook');
  await stack.putPage('proof-hook', old.value);
  type Deployed = { deployment?: { state: string; message?: string } };
  const reaches = (state: string) =>
    stack.until(`the deployment to be ${state}`, async () => {
      await stack.ask('proof-hook', { action: 'reconcile' });
      const { deployment } = (await stack.status('proof-hook')) as Deployed;
      return deployment?.state === state ? deployment : undefined;
    });
  expect((await reaches('overdue')).message).toMatch(/hooks?\/?.* took the call/);
  await stack.putPage('proof-hook', fresh.value);
  await reaches('live');
  const types = (await stack.actions('proof-hook')).filter((type) => /^(?:deployment|hook)\./.test(type));
  expect(types).toEqual(expect.arrayContaining(['hook.called', 'deployment.overdue', 'deployment.recovered']));
  expect(types.filter((type) => type === 'deployment.overdue')).toHaveLength(1);
  await expectSound(stack, 'proof-hook');
}, 180_000);

describe('a tab that was opened before the rotation', () => {
  const SILENT_FOR = 10_000;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 180_000);
  afterAll(() => browser?.close());

  /** Somebody returns to it every second. */
  async function openTab(token: string): Promise<Page> {
    const beacon = `<script src="/proof-seen/seen.js" data-url="${stack.seenUrl('proof-seen')}" data-token="${token}"></script>`;
    const returns = 'setInterval(() => document.dispatchEvent(new Event("visibilitychange")), 1000)';
    const name = token.slice(-6);
    await stack.putFile('proof-seen', name, `<!doctype html><title>Shop</title>${beacon}<script>${returns}</script>`);
    const tab = await browser.newPage();
    await tab.goto(`${stack.coordinates.pages}/proof-seen/${name}`);
    return tab;
  }

  type Seen = { readonly tokenId: string; readonly last: string };
  const lastSeen = async (tokenId: string) =>
    ((await stack.status('proof-seen')).seen as Seen[]).find((one) => one.tokenId === tokenId)?.last;
  const isSeen = (tokenId: string) => stack.until(`a beacon with ${tokenId}`, () => lastSeen(tokenId));

  /** An hour is long: from now on, it is over after ten seconds. */
  async function shortenTheHour(): Promise<void> {
    const update = new UpdateItemCommand({
      TableName: stack.ledgerTable,
      Key: marshall(ledgerKeys.config('proof-seen')),
      UpdateExpression: 'SET seen = :seen',
      ExpressionAttributeValues: marshall({ ':seen': { silentForMs: SILENT_FOR } }),
    });
    await stack.dynamo.send(update);
  }

  test('is seen, which holds the revocation until it is closed, and not longer', async () => {
    await stack.putFile('proof-seen', 'seen.js', (await buildBeacon()).script);
    const { old, fresh } = await stack.rotate('proof-seen');
    const tab = await openTab(old.value);
    await isSeen(old.id);
    await stack.graceOver('proof-seen', old.id);
    const { nextCheckAt } = await stack.held('proof-seen', old.id, 'seen_recently');
    expect(nextCheckAt > new Date().toISOString()).toBe(true);
    await expectHeld('proof-seen', old.id, /A page has used ctkn_.*it counts as silent from/);

    // Closed: what nobody listens to proves nothing, however silent it is.
    await tab.close();
    await shortenTheHour();
    await stack.held('proof-seen', old.id, 'seen_no_beacon');
    const current = await openTab(fresh.value);
    await isSeen(fresh.id);
    await stack.until('the revocation', async () => {
      // What nobody knows makes the function look into the ledger again, where the hour is shorter now.
      await fetch(stack.seenUrl('proof-seen'), { method: 'POST', body: '0'.repeat(32) });
      await stack.ask('proof-seen', { action: 'reconcile' });
      return (await stack.paddle('listening').statusOf(old.id)) === 'revoked' ? true : undefined;
    });
    expect(await evidenceOf('proof-seen', old.id)).toContain('seen proved: seen_silent');
    const trail = await stack.trail('proof-seen');
    const decided = trail.find(({ type, tokenId }) => type === 'token.revoking' && tokenId === old.id);
    expect(Date.parse(String(decided?.at))).toBeGreaterThanOrEqual(
      Date.parse(String(await lastSeen(old.id))) + SILENT_FOR,
    );
    await current.close();
    await expectSound(stack, 'proof-seen');
  }, 300_000);
});

/** Takes away what the ledger has counted against the account's cap. @returns how many tokens that were */
async function emptyCap(account: string): Promise<number> {
  const { pk, sk } = ledgerKeys.revocations(account, '');
  const { Items = [] } = await stack.dynamo.send(
    new QueryCommand({
      TableName: stack.ledgerTable,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: marshall({ ':pk': pk, ':sk': sk }),
      ConsistentRead: true,
    }),
  );
  for (const item of Items) {
    const Key = { pk: item.pk ?? { S: '' }, sk: item.sk ?? { S: '' } };
    await stack.dynamo.send(new DeleteItemCommand({ TableName: stack.ledgerTable, Key }));
  }
  return Items.flatMap(({ tokens }) => tokens?.SS ?? []).length;
}

test('the cap of the account is reached: the second token waits, alive; the hour is over: revoked', async () => {
  // One after the other: the schedule does not wait, and would take whichever comes first.
  const one = await dueToken('proof-cap-one');
  await stack.revoked('proof-cap-one', one.old.id);
  const two = await dueToken('proof-cap-two');
  await stack.held('proof-cap-two', two.old.id, 'cap_reached');
  await expectHeld('proof-cap-two', two.old.id, /The cap of 1 revocations for account capped is reached/);
  // The hour is over: what was counted in it counts no more.
  expect(await emptyCap('capped')).toBe(1);
  await stack.revoked('proof-cap-two', two.old.id);
  expect(await evidenceOf('proof-cap-two', two.old.id)).toContain('cap proved: within_cap');
  for (const integration of ['proof-cap-one', 'proof-cap-two']) await expectSound(stack, integration);
}, 180_000);
