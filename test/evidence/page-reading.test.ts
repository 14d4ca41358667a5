/** The reading of a watched page, by the real reader over HTTP: what it says, and when the browser is asked as well. */
import type { PageObservation, Sighting } from '../../lambdas/evidence/sites/observation.ts';
import { createSiteScanner } from '../../lambdas/evidence/sites/scanner.ts';
import type { PageSource } from '../../lambdas/evidence/sites/source.ts';
import { files, sitesOfTests } from '../fakes/site-server.ts';
import { tokenFor } from '../sites/site-builds.ts';

const [GONE, ALSO, NEW] = ['gone', 'also gone', 'current'].map(tokenFor) as [string, string, string];
const start = sitesOfTests();

const sighting = (which: Sighting['which'], how: Sighting['how'] = 'bytes'): Sighting => ({
  ...{ which, how, place: 'response', url: 'https://shop.example/tag.js' },
});

/** What a browser would say; `asked` counts how often it was asked. */
function browserSaying(observation: Partial<PageObservation>) {
  const browser: PageSource & { asked: number; gone: unknown } = {
    source: 'browser',
    longestMs: 60_000,
    asked: 0,
    gone: undefined,
    async observe({ tokens }) {
      browser.asked += 1;
      browser.gone = [tokens.superseded, ...(tokens.alsoGone ?? [])];
      return {
        ...{ source: 'browser', ownOrigins: [], sightings: [], initialised: [], misconfigurations: [] },
        ...{ unread: [], doubts: [], read: [], missing: [], caching: [], ...observation },
      };
    },
  };
  return browser;
}

async function readingOfPage(
  content: Parameters<typeof files>[0],
  gone: readonly string[],
  browser = browserSaying({}),
) {
  const site = await start(files(content));
  const scanner = createSiteScanner({ allowPrivateHosts: [site.host], browser });
  const found = await scanner.watch({ url: `${site.origin}/`, extraOrigins: [] }, { gone, current: NEW });
  return { ...found, path: found.foundIn ? new URL(found.foundIn).pathname : undefined, asked: browser.asked, browser };
}
const page = (token: string) => ({ '/': '<script src="app.js"></script>', '/app.js': `const t="${token}"` });

test.each<[string, string, object]>([
  ['the current token', NEW, { servesGone: false, showsCurrent: true, isRead: true, asked: 0 }],
  ['one that should be gone', GONE, { servesGone: true, isRead: true, path: '/app.js', asked: 0 }],
  ['the second of those that should be gone', ALSO, { servesGone: true, isRead: true, path: '/app.js', asked: 0 }],
  ['one in escapes', ALSO.replace('_', String.raw`\x5f`), { servesGone: true, asked: 0 }],
])('a page with %s leaves the reader no doubt', async (_, token, expected) => {
  expect(await readingOfPage(page(token), [GONE, ALSO])).toMatchObject(expected);
});

test('a page on which the reader sees neither goes to the browser, with all that should be gone', async () => {
  const browser = browserSaying({ sightings: [sighting('superseded')] });
  const found = await readingOfPage(page('nothing'), [GONE, ALSO], browser);
  expect(found).toMatchObject({ servesGone: true, foundIn: 'https://shop.example/tag.js', asked: 1 });
  expect(browser.gone).toEqual([GONE, ALSO]);
});

test('a fragment alone is no alarm: the browser decides', async () => {
  const fragment = page(`${NEW}";const piece="${GONE.slice(8, 24)}`);
  expect(await readingOfPage(fragment, [GONE])).toMatchObject({ servesGone: false, showsCurrent: true, asked: 1 });
  const sure = browserSaying({ sightings: [sighting('superseded', 'decoded')] });
  expect(await readingOfPage(fragment, [GONE], sure)).toMatchObject({ servesGone: true });
});

test('a page that nobody can read says nothing, and one that only the browser can read says what it saw', async () => {
  const blind = browserSaying({ failure: { code: 'unavailable', message: 'none' } });
  expect(await readingOfPage({}, [GONE], blind)).toMatchObject({ servesGone: false, isRead: false, asked: 1 });
  const seeing = browserSaying({ sightings: [sighting('current')] });
  expect(await readingOfPage({}, [GONE], seeing)).toMatchObject({ isRead: true, showsCurrent: true });
});

test('without anything that should be gone, only the current token is searched for', async () => {
  expect(await readingOfPage(page(NEW), [])).toMatchObject({ servesGone: false, showsCurrent: true, asked: 0 });
  expect(await readingOfPage(page(GONE), [])).toMatchObject({ servesGone: false, showsCurrent: false });
});

test('how long caches keep the page comes along, and no token value does', async () => {
  const kept = { body: `<script>const t="${NEW}"</script>`, headers: { 'cache-control': 's-maxage=86400' } };
  const found = await readingOfPage({ '/': kept }, [GONE]);
  expect(found.cache).toMatchObject({ seconds: 86_400, header: 'cache-control: s-maxage=86400' });
  const named = await readingOfPage({ '/': `<script src="/${GONE}.js"></script>`, [`/${GONE}.js`]: `"${GONE}"` }, [
    GONE,
  ]);
  expect(JSON.stringify(named.foundIn)).not.toContain(GONE);
});

test('a source that never answers is a finding of its own, within its time', async () => {
  const silent: PageSource = { source: 'browser', longestMs: 50, observe: () => new Promise(() => {}) };
  const scanner = createSiteScanner({ reader: false, browser: silent });
  const site = { url: 'https://shop.example/', extraOrigins: [] };
  const finding = await scanner.inspect(site, { superseded: GONE, current: NEW });
  expect(finding).toMatchObject({ verdict: 'unreadable', reasons: [{ code: 'timeout' }] });
});
