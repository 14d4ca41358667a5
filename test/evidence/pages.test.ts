/** The pages whose verdict is easy to get wrong, read: all but those that only a browser can tell. */

import { withinGrace } from '../../lambdas/evidence/sites/judge.ts';
import { createSiteScanner } from '../../lambdas/evidence/sites/scanner.ts';
import { PAGES } from './pages/index.ts';
import { isWanted, NEEDS_A_BROWSER, NEW, OLD, type PageCase, servePage } from './pages/page-case.ts';

/** Seconds. */
const GRACE = 48 * 3600;

async function verdictOf(subject: PageCase): Promise<string> {
  const served = await servePage(subject);
  try {
    const scanner = createSiteScanner({ allowPrivateHosts: served.hosts });
    let verdict = '';
    for (let scan = 0; scan < (subject.scans ?? 1) && !(scan > 0 && isWanted(subject, verdict)); scan += 1) {
      const finding = await scanner.inspect({ url: served.url, extraOrigins: [] }, { superseded: OLD, current: NEW });
      verdict = withinGrace(finding, GRACE).verdict;
    }
    return verdict;
  } finally {
    await served.close();
  }
}

describe.each(Object.entries(PAGES))('%s', (_group, pages) => {
  test.each(pages.filter(({ name }) => !NEEDS_A_BROWSER.has(name)).map((each) => [each.name, each] as const))(
    '%s',
    async (_name, subject) => {
      const verdict = await verdictOf(subject);
      expect([subject.wants, verdict, isWanted(subject, verdict)]).toEqual([subject.wants, verdict, true]);
    },
  );
});
