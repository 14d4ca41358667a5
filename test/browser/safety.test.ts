/** What the browser must never do: reach a private address, open a checkout, give away a password, or go on without end. */
import http from 'node:http';
import zlib from 'node:zlib';
import { createBrowserSource } from '../../lambdas/browser/browser-source.ts';
import { findChromium } from '../../lambdas/browser/chromium.ts';
import { createsAtPaddle } from '../../lambdas/browser/gatekeeper.ts';
import type { BrowserOptions } from '../../lambdas/browser/options.ts';
import { startProxy } from '../../lambdas/browser/proxy.ts';
import { NEW, OLD } from '../evidence/pages/page-case.ts';
import { type Handler, type SiteServer, sitesOfTests } from '../fakes/site-server.ts';

const tokens = { superseded: OLD, current: NEW };
/** A busy machine is no fault. */
const PATIENT = { quietMs: 200, settleMs: 15_000, navigationMs: 30_000, totalMs: 120_000 };
/** For what has no end. */
const SHORT = { ...PATIENT, settleMs: 3_000, navigationMs: 5_000, totalMs: 20_000 };
const start = sitesOfTests();
let chromium = '';

beforeAll(async () => {
  chromium = (await findChromium()) ?? '';
}, 180_000);
const pageOf = (body: string) => `<!doctype html><script>window.t="${NEW}"</script>${body}`;
const serving = (body: string) =>
  start((_request, response) => void response.setHeader('content-type', 'text/html').end(pageOf(body)));

async function open(
  site: SiteServer,
  more: { headers?: Record<string, string>; hosts?: string[] } & BrowserOptions = {},
) {
  const { headers = {}, hosts = [], ...options } = more;
  const allowPrivateHosts = [site.host, ...hosts];
  const source = createBrowserSource(chromium, {
    ...options,
    allowPrivateHosts,
    limits: { ...PATIENT, ...options.limits },
  });
  return source.observe({ url: `${site.origin}/`, extraOrigins: [], headers, tokens });
}

test('a page reaches no private address: not by script, frame, picture, fetch, socket or redirect', async () => {
  const trap = await start((_request, response) => void response.end(OLD));
  const site = await start((request, response) => {
    if (request.url === '/away') return void response.writeHead(302, { location: trap.origin }).end();
    const ways = [
      `<script src="${trap.origin}/a.js"></script><iframe src="${trap.origin}"></iframe><img src="${trap.origin}/a.png" alt="">`,
      `<script>fetch("${trap.origin}/f",{mode:"no-cors"});new WebSocket("ws://${trap.host}/");navigator.sendBeacon("${trap.origin}/b");fetch("/away")</script>`,
    ];
    response.setHeader('content-type', 'text/html').end(pageOf(ways.join('')));
  });
  const { unread, sightings } = await open(site);
  expect(trap.requests).toEqual([]);
  expect(unread.map(({ url }) => new URL(url).host)).toContain(trap.host);
  expect(sightings.map(({ which }) => which)).not.toContain('superseded');
}, 180_000);

test.each([
  'file:///etc/passwd',
  'http://127.0.0.1:9/',
  'http://169.254.169.254/',
  'chrome://version',
  'data:text/html,x',
])('the address %s is not opened', async (url) => {
  const { failure } = await createBrowserSource(chromium).observe({ url, extraOrigins: [], tokens });
  expect(['refused-url', 'refused-address']).toContain(failure?.code);
});

test('a name that resolves to a private address is refused at the socket, tunnelled or not', async () => {
  const trap = await start((_request, response) => void response.end('in'));
  const lookup = async () => [{ address: '127.0.0.1', family: 4 }];
  const proxy = await startProxy({ lookup, allowPrivateHosts: [], maxBytes: 1000, connectMs: 1000 });
  const port = new URL(trap.origin).port;
  const answer = (options: http.RequestOptions) =>
    new Promise<number>((resolve) => {
      const request = http.request({ host: '127.0.0.1', port: proxy.port, ...options }, (response) =>
        resolve(response.statusCode ?? 0),
      );
      request.once('connect', (response) => resolve(response.statusCode ?? 0));
      request.once('error', () => resolve(0));
      request.end();
    });
  expect(await answer({ path: `http://rebinding.example:${port}/` })).toBe(502);
  expect(await answer({ method: 'CONNECT', path: `rebinding.example:${port}` })).not.toBe(200);
  expect(await answer({ method: 'CONNECT', path: 'checkout-service.paddle.com:443' })).toBe(502);
  expect(proxy.failureOf(`http://rebinding.example:${port}/`)?.code).toBe('refused-address');
  expect(trap.requests).toEqual([]);
  await proxy.close();
});

test.each<[string, string, Record<string, string>, boolean]>([
  ['https://checkout-service.paddle.com/transaction-checkout', 'POST', {}, true],
  ['https://api.paddle.com/transactions', 'POST', {}, true],
  ['https://api.paddle.com/customers/1', 'PATCH', {}, true],
  ['https://api.paddle.com/pricing-preview', 'POST', {}, false],
  ['https://api.paddle.com/transactions/preview', 'POST', {}, false],
  ['https://cdn.paddle.com/paddle/v2/paddle.js', 'GET', {}, false],
  ['https://proxy.shop.example/p', 'POST', { 'Paddle-Clienttoken': 'x' }, true],
  ['https://shop.example/api/config', 'POST', {}, false],
])('a call to %s by %s is stopped when it creates something', (url, method, headers, stopped) => {
  expect(createsAtPaddle(url, method, headers)).toBe(stopped);
});

test('a call that would open a checkout does not leave, and is told', async () => {
  const site = await serving('<script>fetch("/transaction-checkout",{method:"POST",body:"{}"})</script>');
  const { details } = await open(site);
  expect(site.requests.filter((line) => line.startsWith('POST'))).toEqual([]);
  expect(details?.stopped).toEqual([`${site.origin}/transaction-checkout`]);
}, 180_000);

test("the site's headers, and the word on who asks, go to the site and to nobody else", async () => {
  const heard: string[] = [];
  const hear =
    (name: string): Handler =>
    (request, response) => {
      heard.push(`${name} ${request.headers['x-preview'] ?? '-'} ${request.headers['x-paddlewheel-scan'] ?? '-'}`);
      if (request.url === '/away') response.writeHead(302, { location: `${other.origin}/landed` }).end();
      else
        response
          .setHeader('content-type', 'text/html')
          .end(pageOf(name === 'site' ? `<iframe src="/away"></iframe>` : ''));
    };
  const other: SiteServer = await start((request, response) => hear('other')(request, response));
  const site = await start(hear('site'));
  await open(site, { headers: { 'x-preview': 'secret' }, hosts: [other.host] });
  expect([...new Set(heard)].sort()).toEqual(['other - -', 'site secret browser']);
}, 180_000);

test('a request about which no decision can be carried out is stopped, and the page proves nothing', async () => {
  const site = await serving('');
  // No header can be sent so; it would hang the page, or let it through without.
  const { doubts, failure, sightings } = await open(site, { headers: { 'x-preview': 'a\r\nb' } });
  expect(site.requests).toEqual([]);
  expect(sightings).toEqual([]);
  expect([failure?.code, ...doubts.map(({ code }) => code)]).toContain('undecided');
}, 180_000);

describe('ends within its time, with the reason, for', () => {
  const cases: Record<string, [handler: Handler, limits: BrowserOptions['limits'], codes: string[]]> = {
    'a script that never ends': [
      (request, response) => {
        if (request.url === '/')
          return void response
            .setHeader('content-type', 'text/html')
            .end(pageOf('<script async src="/endless.js"></script>'));
        response.setHeader('content-type', 'text/javascript').write('/*');
      },
      {},
      ['unfinished'],
    ],
    'a page that never ends': [
      (_request, response) => void response.setHeader('content-type', 'text/html').write(pageOf('')),
      { navigationMs: 1_500 },
      ['timeout'],
    ],
    'a page that crashes the browser': [
      (_request, response) =>
        void response
          .setHeader('content-type', 'text/html')
          .end(pageOf('<script>const kept=[];for(;;)kept.push(new Array(3e7).fill(1.1))</script>')),
      { navigationMs: 60_000, totalMs: 120_000 },
      ['closed'],
    ],
    'requests without end': [
      (request, response) => {
        if (request.url !== '/') return void response.end();
        const asks = '<script>let i=0;setInterval(()=>{for(let n=0;n<50;n+=1)fetch("/x?"+i++)},1)</script>';
        response.setHeader('content-type', 'text/html').end(pageOf(asks));
      },
      { ...PATIENT, maxRequests: 100 },
      ['too-many'],
    ],
    'many megabytes': [
      (request, response) => {
        if (request.url === '/')
          return void response
            .setHeader('content-type', 'text/html')
            .end(pageOf('<script async src="/large.js"></script>'));
        const piece = Buffer.alloc(1_000_000, 32);
        const more = () =>
          response.writableEnded || response.destroyed || response.write(piece, () => setImmediate(more));
        response.setHeader('content-type', 'text/javascript');
        more();
      },
      { ...PATIENT, settleMs: 60_000, maxBytes: 20_000_000 },
      ['too-large'],
    ],
    'a bomb that is small until it is unpacked': [
      (request, response) => {
        if (request.url === '/')
          return void response
            .setHeader('content-type', 'text/html')
            .end(pageOf('<script async src="/bomb.js"></script>'));
        const headers = { 'content-type': 'text/javascript', 'content-encoding': 'gzip' };
        response.writeHead(200, headers).end(zlib.gzipSync(Buffer.alloc(60_000_000, 32)));
      },
      { ...PATIENT, settleMs: 60_000 },
      ['too-large'],
    ],
  };
  test.each(Object.entries(cases))(
    '%s',
    async (_name, [handler, more, codes]) => {
      const { failure, unread, doubts } = await open(await start(handler), { limits: { ...SHORT, ...more } });
      const told = [failure?.code, ...unread.map(({ code }) => code), ...doubts.map(({ code }) => code)];
      expect(told.filter((code) => code !== undefined)).not.toEqual([]);
      for (const code of codes) expect(told).toContain(code);
    },
    180_000,
  );
});
