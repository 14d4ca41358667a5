/** A real browser for pages: one that is installed, or the headless Chromium that an npm package carries (Linux on x64). */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const INSTALLED = [
  process.env.CHROME_PATH,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
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
  const installed = INSTALLED.find((file) => file !== undefined && existsSync(file));
  if (installed) return chromium.launch({ executablePath: installed, args: QUIET });
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('no browser found: install Chrome or Chromium, or set CHROME_PATH');
  const packaged = (await import('@sparticuz/chromium')).default;
  return chromium.launch({ executablePath: await packaged.executablePath(), args: QUIET });
}
