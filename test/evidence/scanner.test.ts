import https from 'node:https';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import type { SiteFinding } from '../../lambdas/evidence/sites/finding.ts';
import type { ScanLimits, SiteScannerOptions } from '../../lambdas/evidence/sites/options.ts';
import { createSiteScanner } from '../../lambdas/evidence/sites/scanner.ts';
import type { ResourceReport } from '../../lambdas/evidence/sites/visit.ts';
import { certificateFor } from '../fakes/certificate.ts';
import { type Answer, files, type Handler, type SiteServer, sitesOfTests } from '../fakes/site-server.ts';
import { tokenFor } from '../sites/site-builds.ts';

const OLD = tokenFor('superseded');
const NEW = tokenFor('current');
const tokens = { superseded: OLD, current: NEW };

type Content = Record<string, Answer | readonly Answer[]>;
const start = sitesOfTests();

async function scan(
  content: Content | Handler,
  options: SiteScannerOptions & { extra?: readonly SiteServer[]; private?: readonly SiteServer[] } = {},
): Promise<SiteFinding & { path: string; requests: readonly string[] }> {
  const site = await start(typeof content === 'function' ? content : files(content));
  const extra = options.extra ?? [];
  const scanner = createSiteScanner({
    ...options,
    allowPrivateHosts: [site, ...extra, ...(options.private ?? [])].map(({ host }) => host),
  });
  const finding = await scanner.scan(
    { url: `${site.origin}/`, extraOrigins: extra.map(({ origin }) => origin) },
    tokens,
  );
  return { ...finding, path: finding.foundIn ? new URL(finding.foundIn).pathname : '', requests: site.requests };
}

const readerOf = (details: SiteFinding['details']) =>
  details?.reader as { answers: number; resources: ResourceReport[] };

const script = (...names: string[]) => names.map((name) => `<script src="${name}"></script>`).join('');

describe('the verdict', () => {
  const cases: Record<string, [content: Content, verdict: string, path: string]> = {
    'is current when only the current token is there': [
      { '/': script('a.js'), '/a.js': `t("${NEW}")` },
      'current',
      '/a.js',
    ],
    'is superseded when only the old token is there': [
      { '/': script('a.js'), '/a.js': `t("${OLD}")` },
      'superseded',
      '/a.js',
    ],
    'is superseded when both are there': [
      { '/': `${NEW}${script('a.js')}`, '/a.js': `t("${OLD}")` },
      'superseded',
      '/a.js',
    ],
    'is incomplete when none is there': [{ '/': script('a.js'), '/a.js': 't()' }, 'incomplete', ''],
    'is incomplete when a script is missing': [{ '/': `${NEW}${script('a.js')}` }, 'incomplete', ''],
    'is incomplete when a script is missing and no token is there': [{ '/': script('a.js') }, 'incomplete', ''],
    'is superseded although a script is missing': [{ '/': `${OLD}${script('a.js')}` }, 'superseded', '/'],
    'is unreadable when the page is missing': [{}, 'unreadable', ''],
    'is unreadable when the page fails': [{ '/': { status: 503, body: NEW } }, 'unreadable', ''],
    'is incomplete when a lazily loaded chunk fails': [
      { '/': `${NEW}<script type="module">import("./lazy.js")</script>`, '/lazy.js': { status: 500 } },
      'incomplete',
      '',
    ],
    'is incomplete when a page is answered in place of a script': [
      {
        '/': `${NEW}${script('a.js')}`,
        '/a.js': { headers: { 'content-type': 'text/html' }, body: '<!doctype html>' },
      },
      'incomplete',
      '',
    ],
    'is incomplete when a body is cut short': [
      {
        '/': `${NEW}${script('a.js')}`,
        '/a.js': { headers: { 'content-length': '100' }, body: 't(', ending: 'cut' },
      },
      'incomplete',
      '',
    ],
    'is superseded when the half of a body that arrived holds the old token': [
      { '/': script('a.js'), '/a.js': { headers: { 'content-length': '100' }, body: `t("${OLD}"`, ending: 'cut' } },
      'superseded',
      '/a.js',
    ],
    'is incomplete for an encoding that cannot be read': [
      { '/': `${NEW}${script('a.js')}`, '/a.js': { headers: { 'content-encoding': 'secret' }, body: 'x' } },
      'incomplete',
      '',
    ],
    'is current although a guessed path is absent': [
      { '/': script('a.js'), '/a.js': `t("${NEW}"); load("chunks/none.js")` },
      'current',
      '/a.js',
    ],
    'is incomplete when a guessed path fails': [
      { '/': script('a.js'), '/a.js': `t("${NEW}"); load("/none.js")`, '/none.js': { status: 502 } },
      'incomplete',
      '',
    ],
    'is superseded for a fragment of the old token': [{ '/': `<p>${NEW}<p>${OLD.slice(8)}` }, 'superseded', '/'],
    'is incomplete for a fragment of the current token': [{ '/': `<p>${NEW.slice(8)}` }, 'incomplete', ''],
  };
  test.each(Object.entries(cases))('%s', async (_name, [content, verdict, path]) => {
    expect(await scan(content)).toMatchObject({ verdict, path });
  });
});

describe('a site that is not the same for everybody', () => {
  const page = (token: string): Answer => `<script>t("${token}")</script>`;

  test('half-deployed: one machine has the new page, the other the old one', async () => {
    expect(await scan({ '/': [page(NEW), page(OLD)] })).toMatchObject({ verdict: 'superseded', path: '/' });
  });

  test('half-deployed: a script without a hash in its name', async () => {
    const content = { '/': script('app.js'), '/app.js': [`t("${NEW}")`, `t("${OLD}")`] };
    expect(await scan(content)).toMatchObject({ verdict: 'superseded', path: '/app.js' });
  });

  test('half-deployed: the old page names a chunk that is gone', async () => {
    const content = { '/': [`${NEW}${script('new.js')}`, script('old.js')], '/new.js': '' };
    expect(await scan(content)).toMatchObject({ verdict: 'incomplete', message: expect.stringContaining('/old.js') });
  });

  const cached =
    (inCache: string, atOrigin: string): Handler =>
    (request, response) => {
      const isPastCaches = request.headers['cache-control'] === 'no-cache';
      response.writeHead(200, { 'content-type': 'text/html' }).end(isPastCaches ? atOrigin : inCache);
    };
  test('a cache still holds the old page', async () => {
    expect((await scan(cached(OLD, NEW))).verdict).toBe('superseded');
  });
  test('a cache holds the new page, and the origin was rolled back', async () => {
    expect((await scan(cached(NEW, OLD))).verdict).toBe('superseded');
  });

  test('half-deployed: a script with a hash in its name, rewritten when its container started', async () => {
    const content = { '/': script('app.3fa9c1d2.js'), '/app.3fa9c1d2.js': [`t("${NEW}")`, `t("${OLD}")`] };
    expect(await scan(content)).toMatchObject({ verdict: 'superseded', path: '/app.3fa9c1d2.js' });
  });

  test('the page is fetched four times, everything else of the site twice', async () => {
    const { requests } = await scan({ '/': `${NEW}${script('app.3fa9c1d2.js')}`, '/app.3fa9c1d2.js': '' });
    const twice = Array(2).fill('GET /app.3fa9c1d2.js');
    expect([...requests].sort()).toEqual([...Array(4).fill('GET /'), ...twice]);
  });
});

describe('other origins', () => {
  test('are followed when they are listed', async () => {
    const cdn = await start(files({ '/a.js': `t("${OLD}")` }));
    const finding = await scan({ '/': script(`${cdn.origin}/a.js`) }, { extra: [cdn] });
    expect(finding).toMatchObject({ verdict: 'superseded', foundIn: `${cdn.origin}/a.js` });
  });

  test('are followed when nobody listed them', async () => {
    const other = await start(files({ '/a.js': OLD }));
    const finding = await scan({ '/': `${NEW}${script(`${other.origin}/a.js`)}` }, { private: [other] });
    expect(finding).toMatchObject({ verdict: 'superseded', foundIn: `${other.origin}/a.js` });
  });

  test('that are private are refused, and what they would have said is missing', async () => {
    const other = await start(files({ '/a.js': OLD }));
    const finding = await scan({ '/': `${NEW}${script(`${other.origin}/a.js`)}` });
    expect([finding.verdict, other.requests]).toEqual(['incomplete', []]);
    expect(finding.message).toContain('is not a public address');
  });

  test('of a redirect are followed for scripts, and for the page only when they are listed', async () => {
    const cdn = await start(files({ '/b.js': `t("${OLD}")`, '/page': NEW }));
    const to = (path: string) => ({ status: 302, headers: { location: cdn.origin + path } });
    const content = { '/': script('a.js'), '/a.js': to('/b.js') };
    expect((await scan(content, { private: [cdn] })).verdict).toBe('superseded');
    expect((await scan({ '/': to('/page') }, { extra: [cdn] })).verdict).toBe('current');
    const moved = await scan({ '/': to('/page') }, { private: [cdn] });
    expect([moved.verdict, moved.message]).toEqual(['unreadable', expect.stringContaining('is not an origin of this')]);
  });

  test('https is spoken, to a pinned address, with the host name checked against the certificate', async () => {
    const pem = certificateFor('shop.example');
    const server = https.createServer(pem, (_request, response) => response.end(`<!doctype html>${NEW}`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const verdictFor = async (host: string) => {
      const scanner = createSiteScanner({
        lookup: async () => [{ address: '127.0.0.1', family: 4 }],
        allowPrivateHosts: [`127.0.0.1:${port}`],
        ca: pem.cert,
      });
      return (await scanner.scan({ url: `https://${host}:${port}/`, extraOrigins: [] }, tokens)).verdict;
    };
    expect([await verdictFor('shop.example'), await verdictFor('other.example')]).toEqual(['current', 'unreadable']);
    server.close();
  });
});

describe('every bound ends the scan with an error that names it', () => {
  const many = Array.from({ length: 9 }, (_, i) => `/many-${i}.js`);
  const cases: Record<string, [limits: Partial<ScanLimits>, content: Content, message: RegExp]> = {
    'bytes of one resource': [
      { maxResourceBytes: 1000 },
      { '/': `${NEW}${script('a.js')}`, '/a.js': 'x;'.repeat(999) },
      /larger than 1000 bytes/,
    ],
    'bytes of one resource, however small it is compressed': [
      { maxResourceBytes: 100_000 },
      {
        '/': `${NEW}${script('a.js')}`,
        '/a.js': { headers: { 'content-encoding': 'gzip' }, body: zlib.gzipSync('x;'.repeat(9_999_999)) },
      },
      /larger than 100000 bytes/,
    ],
    'bytes of all resources': [
      { maxTotalBytes: 3000, samples: 1 },
      { '/': `${NEW}${script('a.js', 'b.js')}`, '/a.js': 'x;'.repeat(999), '/b.js': 'y;'.repeat(999) },
      /loads more than 3000 bytes/,
    ],
    'number of requests': [
      { maxRequests: 5, samples: 1 },
      { '/': `${NEW}${script(...many)}`, ...Object.fromEntries(many.map((name) => [name, ''])) },
      /more than 5 requests/,
    ],
    'number of guesses': [
      { maxGuesses: 5 },
      { '/': `${NEW}<script>load(${JSON.stringify(many)})</script>` },
      /more than 5 paths that look like scripts/,
    ],
    'number of redirects': [
      { maxRedirects: 3 },
      { '/': { status: 301, headers: { location: '/' } } },
      /more than 3 redirects/,
    ],
    'time of one request': [
      { requestTimeoutMs: 400, pageSamples: 1 },
      { '/': `${NEW}${script('a.js')}`, '/a.js': { body: 't(', ending: 'hang' } },
      /a\.js was not read: no complete answer within 400 ms/,
    ],
    'time of all requests': [
      { scanTimeoutMs: 400, pageSamples: 1 },
      { '/': `${NEW}${script('a.js')}`, '/a.js': { body: 't(', ending: 'hang' } },
      /a\.js was not read: the deadline passed/,
    ],
    'size of a page that is parsed': [
      { maxParseBytes: 100 },
      { '/': `${NEW}${'<p>'.repeat(100)}` },
      /a page larger than 100 bytes/,
    ],
    'size of a script with a chunk table': [
      { maxParseBytes: 100 },
      { '/': `${NEW}${script('a.js')}`, '/a.js': `${'x;'.repeat(100)}r.u=e=>e+".js"` },
      /a chunk table in a script larger than 100 bytes/,
    ],
  };
  test.each(Object.entries(cases))('%s', async (_name, [limits, content, message]) => {
    const { verdict, message: told } = await scan(content, { limits });
    expect([['incomplete', 'unreadable'].includes(verdict), told]).toEqual([true, expect.stringMatching(message)]);
  });

  test.each([0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY])('a limit of %s is refused', (value) => {
    expect(() => createSiteScanner({ limits: { maxRequests: value } })).toThrow(RangeError);
  });
});

test('a script too large to parse is searched, and the paths in it are followed', async () => {
  const padding = 'x();'.repeat(100_000);
  const content = { '/': script('a.js'), '/a.js': `${padding}load("./b.js");${padding}`, '/b.js': `t("${OLD}")` };
  expect(await scan(content, { limits: { maxParseBytes: 1000 } })).toMatchObject({
    verdict: 'superseded',
    path: '/b.js',
  });
});

test('an idle connection that the server has closed is replaced', async () => {
  const site = await start((request, response) => {
    const isPage = request.url === '/';
    response.setHeader('content-type', isPage ? 'text/html' : 'text/javascript');
    // The second request on one connection meets a server that is gone.
    if (request.socket.bytesWritten > 0) request.socket.resetAndDestroy();
    else response.end(isPage ? NEW + script('a.0123abcd.js', 'b.0123abcd.js') : '');
  });
  const scanner = createSiteScanner({ allowPrivateHosts: [site.host], limits: { concurrency: 1 } });
  const finding = await scanner.scan({ url: `${site.origin}/`, extraOrigins: [] }, tokens);
  expect(finding).toMatchObject({ verdict: 'current', details: { reader: { problems: [] } } });
});

test('scripts that import each other end', async () => {
  const content = {
    '/': `${NEW}<script type=module src=a.js></script>`,
    '/a.js': 'import "./b.js"',
    '/b.js': 'import "./a.js"',
  };
  expect((await scan(content)).verdict).toBe('current');
});

test('no more than the allowed number of requests are in flight', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `/part-${i}.0123abcd.js`);
  const waiting: (() => void)[] = [];
  let most = 0;
  const finding = await scan(
    (request, response) => {
      if (request.url === '/') return void response.end(`<!doctype html>${NEW}${script(...names)}`);
      waiting.push(() => response.end(''));
      most = Math.max(most, waiting.length);
      // Three at a time are let go, late enough for a fourth to be noticed.
      if (waiting.length === 3) setTimeout(() => waiting.splice(0).forEach((end) => void end()), 20);
    },
    { limits: { concurrency: 3 } },
  );
  expect([finding.verdict, most]).toEqual(['current', 3]);
});

describe('what a finding tells', () => {
  test('each answer: status, digest, size, how the token was found', async () => {
    const { details } = await scan({ '/': script('a.js'), '/a.js': `t("test_"+"${NEW.slice(5)}")` });
    const resources = readerOf(details).resources;
    expect(resources.map(({ url, ...rest }) => ({ path: new URL(url).pathname, ...rest }))).toEqual([
      {
        path: '/a.js',
        via: 'script',
        status: 200,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        bytes: 40,
        found: [{ which: 'current', how: 'joined', match: 'tolerant' }],
      },
      { path: '/', via: 'page', status: 200, sha256: expect.any(String), bytes: 28, found: [] },
    ]);
  });

  test('never a token, not even one that stands in a URL', async () => {
    const content = {
      '/': script(`a.js?token=${OLD}`, `b.js?token=${NEW}`),
      [`/a.js?token=${OLD}`]: `t("${OLD}")`,
      [`/b.js?token=${NEW}`]: { status: 500 },
    };
    const { requests, ...finding } = await scan(content, { stopWhenFound: false });
    expect(finding.verdict).toBe('superseded');
    expect(requests.join()).toContain(OLD);
    for (const token of [OLD, NEW]) expect(JSON.stringify(finding)).not.toContain(token.slice(5, 20));
  });

  test('no more answers than asked for, those with findings first', async () => {
    const names = Array.from({ length: 9 }, (_, i) => `/part-${i}.js`);
    const content = {
      '/': script(...names),
      ...Object.fromEntries(names.map((name, i) => [name, i === 8 ? NEW : ''])),
    };
    const { details } = await scan(content, { limits: { maxReported: 2 } });
    const resources = readerOf(details).resources;
    expect([readerOf(details).answers, resources.length, resources[0]?.found.length]).toEqual([10, 2, 1]);
  });

  test('the scan ends at the first trace of the superseded token', async () => {
    const { requests } = await scan({ '/': OLD + script('a.js'), '/a.js': '' });
    expect(requests).toEqual(['GET /']);
  });
});

describe('tokens that cannot be searched for prove nothing', () => {
  test.each<[string, { superseded: string; current: string }]>([
    ['an empty superseded token', { superseded: '', current: NEW }],
    ['an empty current token', { superseded: OLD, current: '' }],
    ['a short token', { superseded: 'test_1', current: NEW }],
    ['the same token twice', { superseded: NEW, current: NEW }],
  ])('%s', async (_name, pair) => {
    const site = await start(files({ '/': NEW }));
    const scanner = createSiteScanner({ allowPrivateHosts: [site.host] });
    const finding = await scanner.scan({ url: `${site.origin}/`, extraOrigins: [] }, pair);
    expect([finding.verdict, site.requests]).toEqual(['unreadable', []]);
  });
});
