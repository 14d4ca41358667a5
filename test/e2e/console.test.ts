/** The console as it is deployed: what it shows of the real tables, and what its buttons do when they are pressed. */
import type { Browser } from 'playwright-core';
import { NAMES } from '../../lambdas/contract.ts';
import { keepRunning } from '../../local/keep.ts';
import { openBrowser } from '../browser/chromium.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await connectStack();
  await stack.firstToken('console');
}, START_MS);

const widget = (typed: object = {}) => ({ widgetContext: { theme: 'light', params: {}, forms: { all: typed } } });
const show = (parameters: object) => stack.invoke<string>(NAMES.console, { ...parameters, ...widget() });

/** What CloudWatch does when a button is pressed: calls the function that stands beside it, with what stands there. */
async function press(markup: string, label: string): Promise<string> {
  const [, endpoint = '', payload = ''] =
    new RegExp(`<button[^>]*>${label}</button><cwdb-action[^>]* endpoint="([^"]+)"[^>]*>([^<]+)`).exec(markup) ?? [];
  return stack.invoke<string>(endpoint, { ...JSON.parse(payload.replaceAll('&quot;', '"')), ...widget() });
}

test('pressed on the page, Rotate brings a fresh token, and the page shows it', async () => {
  const before = await stack.current('console');
  const page = await show({ integration: 'console' });
  expect(page).toContain('No checkout is at stake for console.');
  expect(page).toContain(before.id);
  expect(await press(page, 'Rotate now')).toContain('<strong>rotated</strong>');
  const fresh = await stack.current('console');
  expect(fresh.id).not.toBe(before.id);
  expect(await stack.read({ kind: 'ssm', name: '/e2e/console/client-token' })).toBe(fresh.value);

  const after = await show({ integration: 'console' });
  expect(after).toContain(fresh.id);
  expect(after).toContain(`ctkn_…${before.id.slice(-6)} is in grace`);
  // The button of a page is one request, however often it is pressed; the page that is read afterwards has another.
  await press(page, 'Rotate now');
  expect((await stack.current('console')).id).toBe(fresh.id);

  expect(await press(after, 'Roll back')).toContain('<strong>rolled-back</strong>');
  expect((await stack.current('console')).id).toBe(before.id);
}, 180_000);

test('pressed on the page, Pause has an end, and Resume ends it', async () => {
  await press(await show({ integration: 'console' }), 'Pause 1 hour');
  const paused = await show({ integration: 'console' });
  expect(paused).toContain('Paused by the CloudWatch console');
  expect((await stack.state('console')).state.pause?.until).toMatch(/Z$/);
  await press(paused, 'Resume');
  expect((await stack.state('console')).state.pause).toBeUndefined();
});

test('what rotate refuses is told to whoever pressed', async () => {
  const refused = await stack.invoke<string>(NAMES.rotate, { integration: '<script>', ...widget() });
  expect(refused).toMatch(/^<div.*<strong>rejected<\/strong>: nothing was changed\./);
  expect(refused).not.toContain('<script>');
});

test('all integrations are listed, and found by name', async () => {
  expect(await show({})).toMatch(/Page 1 of \d+/);
  expect(await show({ search: 'console' })).toContain('<h2>console</h2>');
});

describe('the local console, in a browser', () => {
  let browser: Browser;
  const said: string[] = [];
  const interrupt = new AbortController();
  const interrupted = new Promise<never>((_, reject) => {
    interrupt.signal.addEventListener('abort', () => reject(new Error('stopped by SIGINT')), { once: true });
  });
  let url = '';
  let kept: Promise<void>;
  // As `npm start -- --keep` has it.
  beforeAll(async () => {
    browser = await openBrowser();
    const stage = {
      installation: stack,
      redeploy: async () => 'nothing is deployed here',
      revoke: async () => {
        const { id } = await stack.current('console');
        await stack.paddle().revokeInDashboard(id);
        return `${id} is revoked`;
      },
    };
    await new Promise<void>((resolve, reject) => {
      const say = (line: string) => {
        said.push(line);
        if (line.includes('until Ctrl-C')) resolve();
      };
      kept = keepRunning({ stage, addresses: ['demo site      nowhere'] }, say, interrupted);
      kept.catch(reject);
    });
    url = /^console +(http:\/\/\S+)$/.exec(said[0] ?? '')?.[1] ?? '';
  }, 60_000);
  afterAll(async () => {
    interrupt.abort();
    await Promise.allSettled([browser?.close(), kept]);
  });

  test('rotates when it is asked to and sure, and shows live how a revocation outside is healed', async () => {
    const patience = { timeout: 60_000 };
    const page = await browser.newPage();
    await page.goto(url);
    await page.locator('input[name=search]').fill('console', patience);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('button', { name: 'Details of console' }).click(patience);

    const before = await stack.current('console');
    await page.locator('.pw-facts', { hasText: before.id }).waitFor(patience);
    await page.getByRole('button', { name: 'Rotate now' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect((await stack.current('console')).id).toBe(before.id);
    await page.getByRole('button', { name: 'Rotate now' }).click();
    await page.getByRole('button', { name: 'Yes, do it' }).click();
    await page.locator('#told', { hasText: 'rotated' }).waitFor(patience);
    const rotated = await stack.current('console');
    expect(rotated.id).not.toBe(before.id);
    await page.locator('.pw-facts', { hasText: rotated.id }).waitFor(patience);

    // Nothing is loaded again by hand from here on.
    await page.getByRole('button', { name: 'Revoke in Paddle' }).click();
    const healed = await stack.until('the fresh token', async () => {
      const { state } = await stack.state('console');
      return state.tokens.find(({ id, status }) => status === 'current' && id !== rotated.id);
    });
    await page.locator('.pw-facts', { hasText: healed.id }).waitFor(patience);
    expect(await page.locator('.pw-lost').count()).toBeGreaterThan(0);
    expect(await page.locator('.pw-verdict').textContent()).toContain('No checkout is at stake');
  }, 240_000);

  test('says where it is, and ends when it is interrupted', async () => {
    expect(said).toEqual([`console        ${url}`, 'demo site      nowhere', '\nIt runs until Ctrl-C.']);
    expect((await fetch(url)).status).toBe(200);
    interrupt.abort();
    await kept;
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});
