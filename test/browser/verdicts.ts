/** Pages as a scan sees them, with both sources as in service. */
import { createBrowserSource } from '../../lambdas/browser/browser-source.ts';
import { findChromium } from '../../lambdas/browser/chromium.ts';
import { withinGrace } from '../../lambdas/evidence/sites/judge.ts';
import { createSiteScanner } from '../../lambdas/evidence/sites/scanner.ts';
import { isWanted, NEW, OLD, type PageCase, servePage } from '../evidence/pages/page-case.ts';

const GRACE = 48 * 3600;
/** For pages with a verdict of their own: as in service, and longer, since a busy machine is no fault. */
const PATIENT = { navigationMs: 60_000, settleMs: 30_000, totalMs: 200_000 };
const PATIENT_READER = { requestTimeoutMs: 60_000, scanTimeoutMs: 200_000 };
/** For pages that end in doubt: whatever comes of them within it. */
const SHORT = { quietMs: 200, settleMs: 4_000, navigationMs: 6_000, totalMs: 30_000, clickMs: 1_500, maxRequests: 300 };

async function verdictOf(subject: PageCase, chromium: string): Promise<string> {
  const served = await servePage(subject);
  const isPlain = subject.wants === 'current' || subject.wants === 'superseded';
  try {
    const options = { allowPrivateHosts: served.hosts, limits: isPlain ? PATIENT : SHORT };
    const browser = createBrowserSource(chromium, options);
    const limits = isPlain ? PATIENT_READER : {};
    const scanner = createSiteScanner({ allowPrivateHosts: served.hosts, browser, limits });
    const site = { url: served.url, extraOrigins: [], clicks: subject.clicks ?? [] };
    return withinGrace(await scanner.inspect(site, { superseded: OLD, current: NEW }), GRACE).verdict;
  } finally {
    await served.close();
  }
}

/** A test for each page. */
export function testVerdicts(pages: readonly PageCase[]): void {
  let chromium = '';
  beforeAll(async () => {
    chromium = (await findChromium()) ?? '';
    expect(chromium).not.toBe('');
  }, 180_000);

  test.each(pages.map((each) => [each.name, each] as const))(
    '%s',
    async (_name, subject) => {
      const verdict = await verdictOf(subject, chromium);
      expect([subject.wants, verdict, isWanted(subject, verdict)]).toEqual([subject.wants, verdict, true]);
    },
    240_000,
  );
}
