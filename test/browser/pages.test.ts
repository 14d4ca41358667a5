/** The pages that only a browser can tell. */
import { PAGES } from '../evidence/pages/index.ts';
import { NEEDS_A_BROWSER } from '../evidence/pages/page-case.ts';
import { testVerdicts } from './verdicts.ts';

const pages = Object.values(PAGES).flat();
testVerdicts(pages.filter(({ name }) => NEEDS_A_BROWSER.has(name)));
