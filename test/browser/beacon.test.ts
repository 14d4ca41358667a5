/** The beacon in a real browser: what it sends, to another origin, when, and what it never sends. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { createBrowserSource } from '../../lambdas/browser/browser-source.ts';
import { findChromium } from '../../lambdas/browser/chromium.ts';
import { fingerprintOf } from '../../lambdas/domain/fingerprint.ts';
import { type PaddleSimulator, startPaddleSimulator } from '../../local/paddle/simulator.ts';
import { buildBeacon } from '../../packaging/beacon.ts';
import { type SiteServer, serve } from '../fakes/site-server.ts';
import { openBrowser } from './chromium.ts';

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Another origin than the page's. */
async function startReceiver() {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url: path = '', headers } = request;
    received.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(204).end();
    server.emit('received');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  /** Waits for the next beacon, however long that takes. */
  const upTo = async (count: number) => {
    while (received.length < count) await once(server, 'received');
    return received;
  };
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/seen/shop`, received, upTo, close };
}

let browser: Browser;
let paddle: PaddleSimulator;
let token: string;
let built: Awaited<ReturnType<typeof buildBeacon>>;
beforeAll(async () => {
  [browser, paddle, built] = await Promise.all([openBrowser(), startPaddleSimulator(), buildBeacon()]);
  token = paddle.control.dashboard.create({ name: 'shop' }).token;
}, 180_000);
afterAll(async () => {
  await Promise.allSettled([browser?.close(), paddle?.stop()]);
});

let receiver: Awaited<ReturnType<typeof startReceiver>>;
let site: SiteServer;
let page: Page;
const errors: string[] = [];

/** Paddle.js, the beacon in one of its two shapes, and a button that opens a checkout. */
const pageWith = (beacon: string, callback: string) => `<!doctype html><title>Shop</title>
<script src="${paddle.url}/paddle/v2/paddle.js"></script>${beacon}
<button id="buy" onclick="Paddle.Checkout.open({ items: [{ priceId: 'pri_demo', quantity: 1 }] })">Buy</button>
<script type="module">${callback}
Paddle.Environment.set('sandbox');
Paddle.Initialize({ token: '${token}', eventCallback(event) { seen(event); document.body.dataset.checkout = event.name; } });
document.body.dataset.ready = 'yes';</script>`;
const tag = (more = '') => `<script src="/seen.js" data-url="${receiver.url}" data-token="${token}"${more}></script>`;
const asScript = (more = '') => pageWith(tag(more), 'const seen = paddlewheelSeen;');
const asModule = () =>
  pageWith(
    '',
    `import { beacon } from '/seen.mjs'; const seen = beacon({ url: '${receiver.url}', token: '${token}' });`,
  );

beforeEach(async () => {
  receiver = await startReceiver();
  page = await (await browser.newContext()).newPage();
  errors.length = 0;
  page.on('pageerror', (error) => errors.push(String(error)));
});
afterEach(async () => {
  await Promise.allSettled([page.context().close(), site?.close(), receiver.close()]);
});

async function open(html: string): Promise<void> {
  site = await serve((request, response) => {
    const files: Record<string, string> = { '/seen.js': built.script, '/seen.mjs': built.module };
    const script = files[request.url ?? ''];
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript').end(script ?? html);
  });
  await page.context().addCookies([{ name: 'visitor', value: '1234', url: receiver.url }]);
  await page.goto(`${site.origin}/`);
  await page.waitForFunction('document.body.dataset.ready');
}

/** Chrome without a window hides no tab by itself: the page is told what it would be told. */
const turn = (state: 'hidden' | 'visible') =>
  page.evaluate(
    `Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
  );
async function buy(): Promise<void> {
  await page.click('#buy');
  await page.waitForFunction("document.body.dataset.checkout === 'checkout.loaded'");
}

describe.each([
  ['a script tag', () => asScript()],
  ['a module', asModule],
])('as %s', (_, html) => {
  test('it tells on load, on return, and when a checkout opens, by the fingerprint alone', async () => {
    await open(html());
    await receiver.upTo(1);
    await turn('hidden');
    await turn('visible');
    await receiver.upTo(2);
    await buy();
    await receiver.upTo(3);
    // No fourth, no preflight: what was sent before is here before what is sent later.
    await page.evaluate(`fetch('${receiver.url}/end', { mode: 'no-cors' })`);
    const all = await receiver.upTo(4);
    expect(all.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      ...Array.from({ length: 3 }, () => `POST /seen/shop ${fingerprintOf(token)}`),
      'GET /seen/shop/end ',
    ]);
    const beacons = all.slice(0, 3);
    expect(beacons.map(({ headers }) => headers['content-type'])).toEqual(Array(3).fill('text/plain;charset=UTF-8'));
    expect(JSON.stringify(beacons)).not.toContain(token);
    expect(errors).toEqual([]);
  }, 120_000);
});

test('of a sample, loads and returns are left out, and an opened checkout never is', async () => {
  await open(asScript(' data-sample="0.000000001"'));
  await turn('visible');
  await buy();
  expect((await receiver.upTo(1)).map(({ body }) => body)).toEqual([fingerprintOf(token)]);
  await page.evaluate(`fetch('${receiver.url}/end', { mode: 'no-cors' })`);
  expect((await receiver.upTo(2)).map(({ method }) => method)).toEqual(['POST', 'GET']);
}, 120_000);

test.each(['', 'all'])(
  'a sample of "%s" is no reason to be silent',
  async (sample) => {
    await open(asScript(` data-sample="${sample}"`));
    await receiver.upTo(1);
  },
  120_000,
);

test('without a secure context there is no fingerprint, nothing is sent, and nothing breaks', async () => {
  const html = `<!doctype html><title>Shop</title>${tag()}`;
  await page.addInitScript('globalThis.sent = []; navigator.sendBeacon = (...words) => sent.push(words);');
  await page.context().route('http://shop.example/**', (route) => {
    const isScript = route.request().url().endsWith('/seen.js');
    const contentType = isScript ? 'text/javascript' : 'text/html';
    return route.fulfill({ contentType, body: isScript ? built.script : html });
  });
  await page.goto('http://shop.example/');
  expect(await page.evaluate('[isSecureContext, typeof crypto.subtle]')).toEqual([false, 'undefined']);
  await turn('visible');
  await page.evaluate("paddlewheelSeen({ name: 'checkout.loaded' })");
  expect(await page.evaluate('sent')).toEqual([]);
  expect(errors).toEqual([]);
}, 120_000);

test('a page with a beacon is clean for the scan, whose own visits say that they are', async () => {
  const html = `<!doctype html><title>Shop</title>${tag()}<script>const used = '${token}';</script>`;
  site = await serve((request, response) => {
    const isScript = request.url === '/seen.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html').end(isScript ? built.script : html);
  });
  const source = createBrowserSource((await findChromium()) ?? '', {
    allowPrivateHosts: [site.host, new URL(receiver.url).host],
    limits: { quietMs: 200, settleMs: 15_000, navigationMs: 30_000, totalMs: 120_000 },
  });
  const tokens = { superseded: `test_${'0'.repeat(27)}`, current: token };
  const seen = await source.observe({ url: `${site.origin}/`, extraOrigins: [], headers: {}, tokens });
  expect(seen).toMatchObject({ unread: [] });
  for (const { headers } of await receiver.upTo(1)) expect(headers['user-agent']).toMatch(/ Paddlewheel$/);
}, 180_000);
