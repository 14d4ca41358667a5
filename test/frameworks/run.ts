/** `npm run test:frameworks`: see HELP. */
import { createBrowserSource } from '../../lambdas/browser/browser-source.ts';
import { findChromium } from '../../lambdas/browser/chromium.ts';
import { createReader } from '../../lambdas/evidence/sites/reader.ts';
import { createSiteScanner } from '../../lambdas/evidence/sites/scanner.ts';
import { askedOf, misused } from '../../local/asked.ts';
import { openBrowser } from '../browser/chromium.ts';
import { MODELS } from '../evidence/models/index.ts';
import { tokenFor } from '../sites/site-builds.ts';
import { FRAMEWORKS, type Framework } from './recipes.ts';
import { openShop, type Shop } from './shop.ts';

const NAMES = FRAMEWORKS.map(({ name }) => name);
const HELP = `npm run test:frameworks [-- name …] [options]

Installs real frameworks, builds a shop with each, with a token of its own in every place, and asks for each place whether
Chromium requests it, and whether a scan finds it: with the reader alone, and with both sources. Exits 1 when a place that
Chromium requests was missed, a page without the token was held, or a model of test/evidence/models has a file that is like
none that is served.

  name           ${NAMES.join(', ')}; without: all of them
  --built        take what was built before
  --no-browser   leave the scans with both sources out
  --help         this text
`;

const { values, positionals } = askedOf(HELP, {
  allowPositionals: true,
  options: { 'no-browser': { type: 'boolean' }, built: { type: 'boolean' } },
});
const unknown = positionals.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) misused(HELP, `No framework here is called ${unknown.join(', ')}`);
const NOWHERE = tokenFor('nobody serves this one');
type Total = Record<'requested' | 'missed' | 'held' | 'untrue', number>;
const PATIENT = { navigationMs: 30_000, totalMs: 150_000 };

/** What Chromium asks for by itself, and what it is answered: a service worker that answers hides what it was answered. */
async function requested(url: string): Promise<Map<string, string>> {
  return new Map([...(await visited(url, 'allow')), ...(await visited(url, 'block'))]);
}

async function visited(url: string, serviceWorkers: 'allow' | 'block'): Promise<[string, string][]> {
  const browser = await openBrowser();
  try {
    const context = await browser.newContext({ serviceWorkers });
    const answers: Promise<[string, string]>[] = [];
    context.on('response', (response) => {
      answers.push(
        response.text().then(
          (text) => [response.url(), text] as [string, string],
          () => [response.url(), ''] as [string, string],
        ),
      );
    });
    const page = await context.newPage();
    await page.goto(url, { waitUntil: 'networkidle' });
    await page.mouse.wheel(0, 4000);
    await page.waitForTimeout(1500);
    return (await Promise.all(answers)).filter(([, text]) => text !== '');
  } finally {
    await browser.close();
  }
}

/** What the scan of the real page reads. */
async function filesRead(url: string, { host }: Shop): Promise<readonly string[]> {
  const reader = createReader({ allowPrivateHosts: [host] });
  const tokens = { superseded: NOWHERE, current: NOWHERE };
  return (await reader.observe({ url, extraOrigins: [], tokens })).read;
}

/** Files of the model that no file of the real output looks like, whatever their hashes. */
function strangeFiles({ name }: Framework, real: readonly string[]): readonly string[] {
  const shape = (url: string) =>
    new URL(url, 'http://shop').pathname
      .replace(/(?<=[-./])[\w-]{8,}(?=\.(?:js|json)$)/g, '*')
      .replace(/\/\d+\.\*/g, '/*');
  const shapes = new Set(real.map(shape));
  const model = MODELS.find(({ framework }) => framework === name);
  return Object.keys(model?.files(() => '') ?? {}).filter((path) => !shapes.has(shape(path)));
}

async function check(framework: Framework, shop: Shop): Promise<Total> {
  const url = shop.origin + (framework.page ?? '/');
  const answers = await requested(url);
  const allowPrivateHosts = [shop.host];
  const reader = createSiteScanner({ allowPrivateHosts });
  const chromium = values['no-browser'] ? undefined : await findChromium();
  const browser = chromium ? createBrowserSource(chromium, { allowPrivateHosts, limits: PATIENT }) : undefined;
  const both = browser && createSiteScanner({ allowPrivateHosts, browser });
  const site = { url, extraOrigins: [] };
  const count = { requested: 0, missed: 0, held: 0, untrue: 0 };
  for (const file of strangeFiles(framework, [...answers.keys(), ...(await filesRead(url, shop))])) {
    count.untrue += 1;
    console.log(`| ${framework.name} | (model) | – | **${file}** of the model is nothing that is served |`);
  }
  for (const [place, token] of Object.entries(shop.tokens)) {
    const where = [...answers].filter(([, text]) => text.includes(token)).map(([at]) => new URL(at).pathname);
    const found = [await reader.inspect(site, { superseded: token, current: NOWHERE })];
    if (both) found.push(await both.inspect(site, { superseded: token, current: NOWHERE }));
    const isMissed = where.length > 0 && found.some(({ verdict }) => verdict !== 'superseded');
    if (where.length > 0) count.requested += 1;
    if (isMissed) count.missed += 1;
    const verdicts = found.map(({ verdict, foundIn }) => `${verdict}${foundIn ? ` ${new URL(foundIn).pathname}` : ''}`);
    console.log(
      `| ${framework.name} | ${place} | ${where[0] ?? '–'} | ${verdicts.join(' | ')} |${isMissed ? ' **MISSED**' : ''}`,
    );
  }
  const [control = ''] = Object.values(shop.tokens);
  for (const scanner of [reader, ...(both ? [both] : [])]) {
    const clean = await scanner.inspect(site, { superseded: NOWHERE, current: control });
    if (clean.verdict === 'current') continue;
    count.held += 1;
    console.log(`| ${framework.name} | (nowhere) | – | **${clean.verdict}** | ${clean.message} |`);
  }
  return count;
}

console.log(
  '| framework | place | Chromium requests it in | the reader alone | both |\n| --- | --- | --- | --- | --- |',
);
const total: Total = { requested: 0, missed: 0, held: 0, untrue: 0 };
for (const framework of FRAMEWORKS) {
  if (positionals.length > 0 && !positionals.includes(framework.name)) continue;
  const shop = await openShop(framework, values.built);
  try {
    const found = await check(framework, shop);
    for (const key of ['requested', 'missed', 'held', 'untrue'] as const) total[key] += found[key];
  } finally {
    await shop.close();
  }
}
const { requested: places, missed, held, untrue } = total;
console.log(`\n${places} places that Chromium requests: ${missed} missed; ${held} clean pages held`);
if (untrue > 0) console.log(`${untrue} files of models that nothing serves`);
process.exit(missed + held + untrue > 0 ? 1 : 0);
