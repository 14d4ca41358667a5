/** Which Chromium there is: the one that an npm package carries (Linux on x86_64), or one that is installed. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { unpackedOnce } from './unpack.ts';

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Nothing leaves but what the page asks for, and that only through the proxy: names are resolved there, and nowhere else. */
const argumentsFor = (proxyPort: number, isPackaged: boolean): string[] => [
  // Lambda forbids what starting a second process takes. The same here, so that what is tested is what runs.
  ...(isPackaged ? ['--single-process'] : []),
  `--proxy-server=http://127.0.0.1:${proxyPort}`,
  '--proxy-bypass-list=<-loopback>',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-first-run',
  '--no-pings',
  // A Lambda has neither the system calls of the sandbox nor a /dev/shm; each run is in a machine of its own.
  '--no-sandbox',
  '--no-zygote',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  // One process for all frames of a page: less memory, and one session sees every request.
  '--disable-site-isolation-trials',
  '--disable-features=IsolateOrigins,site-per-process,Translate,MediaRouter,OptimizationHints,HttpsUpgrades',
  '--disk-cache-size=33554432',
  '--js-flags=--max-old-space-size=512',
];

/** Path of an executable; `undefined`: there is none on this machine. */
export async function findChromium(): Promise<string | undefined> {
  const named = process.env.CHROME_PATH;
  if (named) return existsSync(named) ? named : undefined;
  if (process.platform === 'linux' && process.arch === 'x64') {
    const packaged = await import('@sparticuz/chromium').catch(() => undefined);
    if (packaged) {
      packaged.default.setGraphicsMode = false;
      return unpackedOnce(() => packaged.default.executablePath());
    }
  }
  return INSTALLED.find((file) => existsSync(file));
}

/** @throws Error when it does not start within the time */
export async function launchChromium(executablePath: string, proxyPort: number, timeout: number): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  const isPackaged = path.dirname(executablePath) === tmpdir();
  return chromium.launch({ executablePath, args: argumentsFor(proxyPort, isPackaged), timeout, handleSIGTERM: false });
}
