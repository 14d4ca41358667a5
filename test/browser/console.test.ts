/** The console in a real browser: no accessibility rule is broken, nothing overflows, the keyboard reaches every button. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { SCENES, show } from '../console/scenes.ts';
import { pageAround, SIZES } from '../console/screenshots.ts';
import { openBrowser } from './chromium.ts';

let browser: Browser;
let page: Page;
let axe: string;
beforeAll(async () => {
  browser = await openBrowser();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  page = await browser.newPage();
}, 180_000);
afterAll(() => browser?.close());

const cases = (Object.keys(SCENES) as (keyof typeof SCENES)[]).flatMap((scene) =>
  (['light', 'dark'] as const).map((theme) => [scene, theme] as const),
);

test.each(cases)(
  '%s, %s',
  async (scene, theme) => {
    await page.setContent(pageAround(await show(SCENES[scene], {}, theme)));
    await page.evaluate(axe);
    for (const width of Object.values(SIZES)) {
      await page.setViewportSize({ width, height: 800 });
      const found = await page.evaluate('axe.run().then(({ violations }) => violations)');
      const violations = found as { id: string; nodes: { html: string; failureSummary: string }[] }[];
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html, nodes[0]?.failureSummary])).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
  },
  60_000,
);

test('the keyboard reaches every button', async () => {
  await page.setContent(pageAround(await show(SCENES.held)));
  const buttons = await page.locator('button').allTextContents();
  const reached: string[] = [];
  for (let presses = 0; presses < buttons.length + 2; presses += 1) {
    await page.keyboard.press('Tab');
    reached.push(String(await page.evaluate('document.activeElement.textContent')));
  }
  expect(reached).toEqual(expect.arrayContaining(buttons));
});
