/**
 * `npm run screenshots`: the console in a real browser, every scene, wide and narrow, light and dark, in `.local/screenshots`.
 * With `-- --docs`, those of the documentation are written to `docs/pictures`.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { openBrowser } from '../browser/chromium.ts';
import { SCENES, show } from './scenes.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
export const SIZES = { desktop: 1100, phone: 390 } as const;

/** The widget as a dashboard has it: a page around it, and nothing else. */
export const pageAround = (widget: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Console</title><style>body{margin:0}</style></head><body><main><h1 style="position:absolute;left:-9999px">Console</h1>${widget}</main></body></html>`;

async function main(): Promise<void> {
  const docs = process.argv.includes('--docs');
  const folder = path.join(ROOT, docs ? 'docs/pictures' : '.local/screenshots');
  mkdirSync(folder, { recursive: true });
  const wanted = docs
    ? ([
        ['held', 'desktop', 'light', 'console'],
        ['busy', 'desktop', 'dark', 'console-list'],
      ] as const)
    : Object.keys(SCENES).flatMap((scene) =>
        (['desktop', 'phone'] as const).flatMap((size) =>
          (['light', 'dark'] as const).map(
            (theme) => [scene as keyof typeof SCENES, size, theme, `${scene}-${size}-${theme}`] as const,
          ),
        ),
      );
  const browser = await openBrowser();
  try {
    for (const [scene, size, theme, name] of wanted) {
      const page = await browser.newPage({
        viewport: { width: SIZES[size], height: 600 },
        deviceScaleFactor: docs ? 2 : 1,
      });
      await page.setContent(pageAround(await show(SCENES[scene], {}, theme)));
      await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
      await page.close();
      console.log(path.join(path.relative(ROOT, folder), `${name}.png`));
    }
  } finally {
    await browser.close();
  }
}

if (import.meta.main) await main();
