/** The browser on this machine, for the command line; none where there is no Chromium. */
import { writeFile } from 'node:fs/promises';
import type { PageSource } from '../evidence/sites/source.ts';
import { createBrowserSource } from './browser-source.ts';
import { findChromium } from './chromium.ts';

export interface LocalBrowserOptions {
  readonly allowPrivateHosts: readonly string[];
  readonly totalMs?: number;
  /** File for a picture of the page. */
  readonly screenshot?: string;
}

export async function createLocalBrowser(options: LocalBrowserOptions): Promise<PageSource | undefined> {
  const executablePath = await findChromium();
  if (!executablePath) return undefined;
  const { allowPrivateHosts, totalMs, screenshot } = options;
  return createBrowserSource(executablePath, {
    allowPrivateHosts,
    ...(totalMs === undefined ? {} : { limits: { totalMs } }),
    ...(screenshot === undefined ? {} : { onScreenshot: (picture: Buffer) => writeFile(screenshot, picture) }),
  });
}
