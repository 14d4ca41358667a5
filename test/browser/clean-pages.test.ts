/** The pages that must stay clean, and those that a service worker answers for, with the browser beside the reader. */
import { PAGES } from '../evidence/pages/index.ts';
import { NEEDS_A_BROWSER } from '../evidence/pages/page-case.ts';
import { testVerdicts } from './verdicts.ts';

const pages = Object.values(PAGES).flat();
testVerdicts(
  pages.filter(({ name, wants }) => !NEEDS_A_BROWSER.has(name) && (wants === 'current' || /service worker/.test(name))),
);
