/** What is at stake, in a real browser: a page with an active token sells, and a page with a revoked one does not. */
import type { Browser } from 'playwright-core';
import { type DemoSite, startDemoSite } from '../../local/demo-site.ts';
import { type PaddleSimulator, startPaddleSimulator } from '../../local/paddle/simulator.ts';
import { openBrowser } from './chromium.ts';

let browser: Browser;
let paddle: PaddleSimulator;
let site: DemoSite;

beforeAll(async () => {
  paddle = await startPaddleSimulator();
  site = await startDemoSite(`${paddle.url}/paddle/v2/paddle.js`);
  browser = await openBrowser();
}, 180_000);
afterAll(async () => {
  await Promise.allSettled([browser?.close(), site?.stop(), paddle?.stop()]);
});

/** Opens the page in a fresh browser context and clicks Buy. @returns what Paddle.js says then */
async function buy(): Promise<string> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(site.url);
    await page.click('#buy');
    await page.waitForFunction('document.body.dataset.checkout');
    return String(await page.evaluate('document.body.dataset.checkout'));
  } finally {
    await context.close();
  }
}

test('a page sells with an active token, through a rotation, and not with a revoked one', async () => {
  const first = paddle.control.dashboard.create({ name: 'first' });
  site.deploy(first.token, '1');
  expect(await buy()).toBe('checkout.loaded');

  const second = paddle.control.dashboard.create({ name: 'second' });
  expect(await buy()).toBe('checkout.loaded');
  site.deploy(second.token, '2');
  paddle.control.dashboard.revoke(first.id);
  expect(await buy()).toBe('checkout.loaded');

  site.deploy(first.token, '1 again');
  expect(await buy()).toBe('checkout.error');
}, 180_000);
