/** A real browser for pages: the one that the product itself would take. */
import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../../lambdas/browser/chromium.ts';

/** Nothing but the page under test is to be fetched. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @throws Error saying what to install */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  if (!executablePath) throw new Error('no browser found: install Chrome or Chromium, or set CHROME_PATH');
  return chromium.launch({ executablePath, args: QUIET });
}
