/**
 * Does a service worker answer the page, or scripts under a name that stays, from a cache without asking the network?
 * Tried, not guessed: the worker's own `fetch` is given an answer of ours, and what the visitor then gets tells.
 */
import type { BrowserContext, Page } from 'playwright-core';
import type { CacheLifetime } from '../evidence/sites/observation.ts';
import { answerEverything, workerInstalled } from './in-page.ts';
import { within } from './within.ts';

const PROBE = 'paddlewheel-probe';
const STEP_MS = 3_000;

/** Waits until the page's service worker, if it has one, has installed itself. @returns whether there is one */
export async function installed(page: Page, ms: number): Promise<boolean> {
  const state = page.evaluate<boolean>(workerInstalled(ms));
  return (await within(ms + STEP_MS, state)) ?? false;
}

/**
 * @param scripts that the service worker answered
 * @returns what it answers from its cache whatever the network says
 */
export async function keptByWorker(
  context: BrowserContext,
  open: () => Promise<Page>,
  url: string,
  scripts: readonly string[],
): Promise<CacheLifetime[]> {
  for (const worker of context.serviceWorkers())
    await within(STEP_MS, worker.evaluate(answerEverything(PROBE, scripts)));
  const page = await open();
  const bodies = new Map<string, Promise<string | undefined>>();
  page.on('response', (response) => {
    if (response.fromServiceWorker()) bodies.set(response.url(), within(STEP_MS, response.text()));
  });
  await within(STEP_MS * 2, page.goto(url, { waitUntil: 'load' }));
  const kept = (address: string, header: string): CacheLifetime => ({ url: address, by: 'service-worker', header });
  const isKept = async (address: string) => bodies.has(address) && !(await bodies.get(address))?.includes(PROBE);
  if (await isKept(page.url()))
    return [kept(url, 'its service worker answers from its cache, without asking the network first')];
  const lasting: CacheLifetime[] = [];
  for (const script of scripts) {
    if (await isKept(script)) lasting.push(kept(script, 'a service worker answers this script from its cache'));
  }
  return lasting;
}
