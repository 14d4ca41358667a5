/** What a page with a token meets: the price preview, and the stand-in of Paddle.js. */
import { createContext, runInContext } from 'node:vm';
import type { PaddleSimulator } from '../../local/paddle/simulator.ts';
import { ask, type Json, mint, revoke, simulator, standingClock, stopAll } from './helpers.ts';

afterEach(stopAll);

const preview = (paddle: PaddleSimulator, token: string | undefined, body: unknown = ITEMS) =>
  ask(paddle, 'POST', '/pricing-preview', {
    body,
    headers: { 'Content-Type': 'application/json', ...(token === undefined ? {} : { 'Paddle-Clienttoken': token }) },
  });
const ITEMS = { items: [{ price_id: 'pri_01ghbkd0frb9k95cnhwd1bxpvk', quantity: 1 }] };

describe('the price preview', () => {
  test('takes an active token, and refuses it once it is revoked', async () => {
    const paddle = await simulator();
    const { id, token } = await mint(paddle, 'page');
    expect((await preview(paddle, token)).status).toBe(200);
    await revoke(paddle, id);
    const { status, json } = await preview(paddle, token);
    expect([status, json.error.code]).toEqual([403, 'invalid_client_token']);
  });

  test.each([
    ['no token', undefined],
    ['an empty one', ''],
    ['an unknown one', `test_${'0'.repeat(27)}`],
  ])('refuses %s', async (_, token) => {
    const paddle = await simulator();
    await mint(paddle, 'page');
    expect((await preview(paddle, token)).json.error.code).toBe('invalid_client_token');
  });

  test('wants items', async () => {
    const paddle = await simulator();
    const { token } = await mint(paddle, 'page');
    expect((await preview(paddle, token, { items: [] })).json.error.code).toBe('invalid_field');
  });

  test('can lag behind creation and revocation', async () => {
    const clock = standingClock();
    const quirks = { checkoutActivationLagMs: 1000, checkoutRevocationLagMs: 2000 };
    const paddle = await simulator({ clock, quirks });
    const { id, token } = await mint(paddle, 'page');
    const status = async () => (await preview(paddle, token)).status;
    expect(await status()).toBe(403);
    clock.ms += 1000;
    expect(await status()).toBe(200);
    await revoke(paddle, id);
    clock.ms += 1999;
    expect(await status()).toBe(200);
    clock.ms += 1;
    expect(await status()).toBe(403);
  });

  test('is open to pages of every origin', async () => {
    const paddle = await simulator();
    const preflight = await ask(paddle, 'OPTIONS', '/pricing-preview', { headers: {} });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Paddle-Clienttoken');
    for (const { headers } of [preflight, await preview(paddle, undefined)]) {
      expect(headers.get('access-control-allow-origin')).toBe('*');
    }
    expect((await ask(paddle, 'GET', '/client-tokens')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('Paddle.js', () => {
  /** A page that loads the script from the simulator, as far as the script can tell. */
  async function page(paddle: PaddleSimulator) {
    const { text, headers } = await ask(paddle, 'GET', '/paddle/v2/paddle.js', { headers: {} });
    expect(headers.get('content-type')).toMatch(/^text\/javascript/);
    const window: { Paddle?: Json } = {};
    const src = `${paddle.url}/paddle/v2/paddle.js`;
    runInContext(text, createContext({ window, URL, fetch, document: { currentScript: { src } } }));
    return window.Paddle;
  }

  async function opened(paddle: PaddleSimulator, token: string, environment?: string): Promise<Json> {
    const script = await page(paddle);
    if (environment) script.Environment.set(environment);
    return new Promise((resolve) => {
      script.Initialize({ token, eventCallback: resolve });
      script.Checkout.open({ items: [{ priceId: 'pri_01ghbkd0frb9k95cnhwd1bxpvk', quantity: 2 }] });
    });
  }

  test('opens a checkout with an active token', async () => {
    const paddle = await simulator();
    const { token } = await mint(paddle, 'page');
    expect(await opened(paddle, token, 'sandbox')).toMatchObject({
      name: 'checkout.loaded',
      data: { details: { line_items: [{ quantity: 2 }] } },
    });
  });

  test('tells an error when the token is revoked', async () => {
    const paddle = await simulator();
    const { id, token } = await mint(paddle, 'page');
    await revoke(paddle, id);
    expect(await opened(paddle, token, 'sandbox')).toMatchObject({
      name: 'checkout.error',
      type: 'api_error',
      code: 'invalid_client_token',
      detail: expect.any(String),
      documentation_url: expect.stringContaining('invalid_client_token'),
    });
  });

  test('does not infer the environment from the token', async () => {
    const paddle = await simulator();
    const { token } = await mint(paddle, 'page');
    expect(await opened(paddle, token)).toMatchObject({ name: 'checkout.error' });
    const live = paddle.control.dashboard.create({ name: 'live', environment: 'live' });
    expect(await opened(paddle, live.token)).toMatchObject({ name: 'checkout.loaded' });
  });

  test('is initialized once per page; the token cannot be exchanged', async () => {
    const script = await page(await simulator());
    script.Initialize({ token: 'test_1' });
    expect(() => script.Initialize({ token: 'test_2' })).toThrow('only once');
  });
});
