/** What pages, deployments and open tabs serve: disproved, the revocation is held and status says why; proved, the token is revoked. */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Page } from 'playwright-core';
import { ledgerKeys } from '../../lambdas/adapters/dynamodb/keys.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { buildBeacon } from '../../packaging/beacon.ts';
import { openBrowser } from '../browser/chromium.ts';
import { counted } from '../counts.ts';
import { evidenceOf, expectHeld } from './held.ts';
import { expectSound } from './soundness.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await connectStack();
}, START_MS);

test('a page is down, holds neither token, or still the old one: held; it serves the current one: revoked', async () => {
  const { old, fresh } = await stack.rotate('proof-sites');
  await stack.putPage('proof-sites', 'out of order', 503);
  await stack.graceOver('proof-sites', old.id);
  await stack.held('proof-sites', old.id, 'site_unreadable');
  await stack.putPage('proof-sites', 'coming soon');
  await stack.held('proof-sites', old.id, 'site_without_token');
  await stack.putPage('proof-sites', old.value);
  await stack.held('proof-sites', old.id, 'site_serves_superseded');
  await expectHeld(stack, 'proof-sites', old.id, /still served in .+\/proof-sites\/app\.js/);
  await stack.putPage('proof-sites', fresh.value);
  await stack.revoked('proof-sites', old.id);
  expect(await evidenceOf(stack, 'proof-sites', old.id)).toContain('sites proved: sites_clean');
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
  await expectHeld(stack, 'proof-tags', old.id, /tag-2\.js/);
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
  await expectHeld(
    stack,
    'proof-cached',
    old.id,
    new RegExp(`until ${Number(since.slice(0, 4)) + 2}-.*s-maxage=63072000`),
  );
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
  await expectHeld(stack, 'proof-worker', old.id, /for as long as a visitor stays away/);
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
    await expectHeld(stack, 'proof-seen', old.id, /A page has used ctkn_.*it counts as silent from/);

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
    expect(await evidenceOf(stack, 'proof-seen', old.id)).toContain('seen proved: seen_silent');
    const trail = await stack.trail('proof-seen');
    const decided = trail.find(({ type, tokenId }) => type === 'token.revoking' && tokenId === old.id);
    expect(Date.parse(String(decided?.at))).toBeGreaterThanOrEqual(
      Date.parse(String(await lastSeen(old.id))) + SILENT_FOR,
    );
    await current.close();
    await expectSound(stack, 'proof-seen');
  }, 300_000);
});
