/** The pages that only a browser can tell, and those that must stay clean, with both sources as in service. */
import { createBrowserSource } from '../../lambdas/browser/browser-source.ts';
import { findChromium } from '../../lambdas/browser/chromium.ts';
import { withinGrace } from '../../lambdas/evidence/sites/judge.ts';
import { createSiteScanner } from '../../lambdas/evidence/sites/scanner.ts';
import { PAGES } from '../evidence/pages/index.ts';
import { isWanted, NEEDS_A_BROWSER, NEW, OLD, type PageCase, servePage } from '../evidence/pages/page-case.ts';

const GRACE = 48 * 3600;
/** Short, for pages that are all on this machine. */
const limits = { quietMs: 200, settleMs: 4_000, navigationMs: 6_000, totalMs: 30_000, clickMs: 1_500 };

let chromium = '';
beforeAll(async () => {
  chromium = (await findChromium()) ?? '';
  expect(chromium).not.toBe('');
}, 180_000);

async function verdictOf(subject: PageCase): Promise<string> {
  const served = await servePage(subject);
  try {
    const browser = createBrowserSource(chromium, { allowPrivateHosts: served.hosts, limits });
    const scanner = createSiteScanner({ allowPrivateHosts: served.hosts, browser });
    const site = { url: served.url, extraOrigins: [], clicks: subject.clicks ?? [] };
    return withinGrace(await scanner.inspect(site, { superseded: OLD, current: NEW }), GRACE).verdict;
  } finally {
    await served.close();
  }
}

const pages = Object.values(PAGES)
  .flat()
  .filter(({ name, wants }) => NEEDS_A_BROWSER.has(name) || wants === 'current' || /service worker/.test(name));

test.each(pages.map((each) => [each.name, each] as const))(
  '%s',
  async (_name, subject) => {
    const verdict = await verdictOf(subject);
    expect([subject.wants, verdict, isWanted(subject, verdict)]).toEqual([subject.wants, verdict, true]);
  },
  60_000,
);
