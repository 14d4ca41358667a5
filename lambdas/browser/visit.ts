/** One visit, as a person would make it: open, look around, press what was named, wait until nothing happens any more. */
import type { Page } from 'playwright-core';
import type { Unread } from '../evidence/sites/observation.ts';
import { SCROLL, STORAGE } from './in-page.ts';
import type { BrowserLimits } from './options.ts';
import type { Recorder } from './recorder.ts';
import { within } from './within.ts';

const STEP_MS = 3_000;

export interface Opened {
  /** Why there is no page. */
  readonly failure?: { readonly code: string; readonly message: string };
}

export async function openPage(
  page: Page,
  url: string,
  own: ReadonlySet<string>,
  limits: BrowserLimits,
): Promise<Opened> {
  try {
    const response = await page.goto(url, { waitUntil: 'domcontentloaded', timeout: limits.navigationMs });
    const status = response?.status() ?? 0;
    const moved = elsewhere(page.url(), own);
    if (moved) return { failure: { code: 'redirect', message: moved } };
    if (status === 401) return { failure: { code: 'login', message: 'the page asks for a login (status 401)' } };
    if (status >= 400) return { failure: { code: 'status', message: `the server answered ${status}` } };
    return {};
  } catch (error) {
    return { failure: navigationFailure((error as Error).message) };
  }
}

/** The page is at an origin that nobody listed. */
export function elsewhere(url: string, own: ReadonlySet<string>): string | undefined {
  const at = URL.parse(url);
  if (!at || !/^https?:$/.test(at.protocol) || own.has(at.origin)) return undefined;
  return `the page moves to ${at.origin}, which is not an origin of this site check`;
}

function navigationFailure(text: string): NonNullable<Opened['failure']> {
  const code = /net::(ERR_[A-Z_]+)/.exec(text)?.[1] ?? '';
  if (code === 'ERR_TOO_MANY_REDIRECTS') return { code: 'redirect', message: 'it redirects without end' };
  if (/Timeout/.test(text)) return { code: 'timeout', message: 'the page did not load within its time' };
  if (/Download is starting/.test(text)) return { code: 'download', message: 'it is a download and not a page' };
  if (/crash/i.test(text)) return { code: 'crashed', message: 'the page crashed the browser' };
  if (/closed/i.test(text)) return { code: 'closed', message: 'the browser ended before the page was there' };
  return { code: 'network', message: `the page could not be loaded (${code || 'no answer'})` };
}

/** Until the network has been silent for a while, or the time is over. @returns whether it became silent */
export async function settle(recorder: Recorder, limits: BrowserLimits, isOver: () => boolean): Promise<boolean> {
  const end = performance.now() + limits.settleMs;
  while (performance.now() < end && !isOver()) {
    const { open, silentMs } = recorder.activity();
    if (open === 0 && silentMs >= limits.quietMs) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

/** A page whose scripts never let go of the processor answers nothing. */
export const isResponsive = async (page: Page): Promise<boolean> =>
  (await within(STEP_MS, page.evaluate<boolean>('true'))) === true;

/** Scrolls from the top to the bottom and moves the mouse: what waits for a visitor, loads. */
export async function lookAround(page: Page): Promise<void> {
  const walk = async () => {
    await page.mouse.move(200, 200);
    await page.mouse.move(320, 260);
    await page.keyboard.press('Shift');
    await page.evaluate(SCROLL);
  };
  await within(STEP_MS * 2, walk());
}

/** @returns why a click was not made */
export async function press(page: Page, selector: string, limits: BrowserLimits): Promise<Unread | undefined> {
  const because = (code: string, message: string): Unread => ({ url: page.url(), code, message });
  const target = page.locator(selector).first();
  try {
    await target.waitFor({ state: 'attached', timeout: limits.clickMs });
  } catch {
    return because('click_missing', `there is nothing to press at ${selector}`);
  }
  try {
    await target.click({ timeout: limits.clickMs });
    return undefined;
  } catch {
    return because('click_failed', `what is at ${selector} could not be pressed`);
  }
}

/** What stands in the frames now, and what the page has put aside in the browser. */
export async function contents(page: Page): Promise<{ url: string; html: string; stored: string }[]> {
  const read = page
    .frames()
    .slice(0, 20)
    .map(async (frame) => {
      const html = (await within(STEP_MS, frame.content())) ?? '';
      const stored = (await within(STEP_MS, frame.evaluate<string>(STORAGE))) ?? '';
      return { url: frame.url(), html: html.slice(0, 8_000_000), stored };
    });
  return Promise.all(read);
}

export const asksPassword = async (page: Page): Promise<boolean> =>
  ((await within(STEP_MS, page.locator('input[type=password]').count())) ?? 0) > 0;
