import { checkUrl, guardedLookup, isPublicAddress, type Lookup } from '../../lambdas/evidence/sites/addresses.ts';
import { createFetcher } from '../../lambdas/evidence/sites/fetch.ts';
import type { FetchProblem } from '../../lambdas/evidence/sites/problem.ts';
import { createSiteScanner } from '../../lambdas/evidence/sites/scanner.ts';
import { files, type SiteServer, serve } from '../fakes/site-server.ts';
import { tokenFor } from '../sites/site-builds.ts';

const tokens = { superseded: tokenFor('superseded'), current: tokenFor('current') };
const NOBODY = { allowPrivateHosts: [] };

const notPublic: Record<string, readonly string[]> = {
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1', 'fc00::1', 'fec0::1'],
  'link-local': ['169.254.0.1', 'fe80::1', 'fe80::1%eth0'],
  'cloud metadata': [
    '169.254.169.254',
    '169.254.170.2',
    'fd00:ec2::254',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
  ],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  'broadcast and reserved': ['255.255.255.255', '240.0.0.1', '192.0.0.1', '198.18.0.1', '4000::1', '5f00::1'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  'an IPv4 address inside': ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '::7f00:1', '::ffff:0:7f00:1'],
  '6to4': ['2002:7f00:1::', '2002:a00:1::1'],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b:1::a00:1'],
  Teredo: ['2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ISATAP: ['2606:4700::5efe:10.0.0.1', '2606:4700:0:0:200:5efe:a00:1'],
  'the discard prefix': ['100::1'],
  'no address at all': ['', 'localhost', '127.1x', '1.2.3.4.5'],
};

describe('an address is not public when it is', () => {
  test.each(Object.entries(notPublic))('%s', (_name, addresses) => {
    for (const address of addresses) expect([address, isPublicAddress(address)]).toEqual([address, false]);
  });
});

test('ordinary addresses of the internet are public', () => {
  for (const address of ['1.1.1.1', '93.184.215.14', '2606:4700::1111', '2a00:1450:4001:82a::200e']) {
    expect([address, isPublicAddress(address)]).toEqual([address, true]);
  }
});

/** Every way to write "this machine, port %" (or something as bad) that we know. */
const refusedUrls: Record<string, string> = {
  'dotted IPv4': 'http://127.0.0.1:%/',
  'decimal host': 'http://2130706433:%/',
  'octal host': 'http://0177.0.0.1:%/',
  'hex host': 'http://0x7f000001:%/',
  'mixed and short host': 'http://0x7f.1:%/',
  'short host': 'http://127.1:%/',
  'full-width digits': 'http://１２７.0.0.1:%/',
  'percent-encoded host': 'http://%31%32%37.0.0.1:%/',
  'dotted IPv4 with a trailing dot': 'http://127.0.0.1.:%/',
  zero: 'http://0:%/',
  'IPv6 loopback': 'http://[::1]:%/',
  'IPv4-mapped IPv6': 'http://[::ffff:127.0.0.1]:%/',
  'IPv4-compatible IPv6': 'http://[::127.0.0.1]:%/',
  NAT64: 'http://[64:ff9b::127.0.0.1]:%/',
  '6to4': 'http://[2002:7f00:1::]:%/',
  localhost: 'http://localhost:%/',
  'localhost with a trailing dot': 'http://localhost.:%/',
  'a name below localhost': 'http://app.localhost:%/',
  'a name below internal': 'http://metadata.google.internal:%/',
  'a single label': 'http://intranet:%/',
  'a trailing dot': 'http://example.com.:%/',
  credentials: 'http://user:secret@example.com:%/',
  'an empty user with a password': 'http://:secret@example.com:%/',
  'a mail port': 'http://example.com:25/',
  'an SSH port': 'http://example.com:22/',
  'metadata service': 'http://169.254.169.254/latest/meta-data/',
  'file scheme': 'file:///etc/passwd',
  'FTP scheme': 'ftp://example.com/',
  'data scheme': 'data:text/html,hello',
};

describe('no request is made to', () => {
  let trap: SiteServer;
  let site: SiteServer;
  const port = () => trap.host.split(':')[1] as string;
  const written = (form: string) => form.replace(/:%\//, `:${port()}/`);
  let target = '';

  beforeAll(async () => {
    trap = await serve(files({ '/': 'reached' }));
    site = await serve((_request, response) => {
      // Headers are ASCII: the full-width digits go over percent-encoded, which a host name may be too.
      response.writeHead(302, { location: target.replace(/[^ -~]/g, encodeURIComponent) }).end();
    });
  });
  afterAll(async () => {
    await trap.close();
    await site.close();
  });

  test.each(Object.entries(refusedUrls))('%s, as the page', async (_name, form) => {
    const finding = await createSiteScanner().scan({ url: written(form), extraOrigins: [] }, tokens);
    expect(finding).toMatchObject({ verdict: 'unreadable', message: expect.stringMatching(/: The reader: refuses /) });
    expect(trap.requests).toEqual([]);
  });

  test.each(Object.entries(refusedUrls))('%s, as an extra origin', async (_name, form) => {
    const sites = { url: `${site.origin}/`, extraOrigins: [written(form)] };
    const finding = await createSiteScanner({ allowPrivateHosts: [site.host] }).scan(sites, tokens);
    expect(finding).toMatchObject({ verdict: 'unreadable', message: expect.stringMatching(/: The reader: refuses /) });
    expect(trap.requests).toEqual([]);
  });

  test.each(Object.entries(refusedUrls))('%s, by a redirect, even of a listed origin', async (_name, form) => {
    target = written(form);
    const fetcher = fetcherFor({ allowPrivateHosts: [site.host] });
    const origins = new Set([site.origin, new URL(target).origin]);
    const problem = await problemOf(fetcher.fetch(request(`${site.origin}/`, origins)));
    expect(['refused-url', 'refused-address']).toContain(problem.code);
    expect(trap.requests).toEqual([]);
  });

  test('an origin that is not listed, by a redirect', async () => {
    target = 'https://elsewhere.example/';
    const finding = await createSiteScanner({ allowPrivateHosts: [site.host] }).scan(
      { url: `${site.origin}/`, extraOrigins: [] },
      tokens,
    );
    expect(finding.verdict).toBe('unreadable');
    expect(finding.message).toContain(
      'redirects to https://elsewhere.example, which is not an origin of this site check',
    );
  });

  test.each(
    Object.entries(notPublic).flatMap(([name, all]) => all.slice(0, 1).map((address) => [name, address] as const)),
  )('a name that resolves to: %s', async (_name, address) => {
    const lookup = async () => [
      { address: '93.184.215.14', family: 4 },
      { address, family: address.includes(':') ? 6 : 4 },
    ];
    const url = `http://public.example:${port()}/`;
    const problem = await problemOf(fetcherFor(NOBODY, lookup).fetch(request(url)));
    expect(problem.code).toBe('refused-address');
    expect(trap.requests).toEqual([]);
  });

  test('a name that resolves to nothing, or not at all', async () => {
    const url = 'http://public.example/';
    const nothing = fetcherFor(NOBODY, async () => []).fetch(request(url));
    const failed = fetcherFor(NOBODY, () => Promise.reject(new Error('SERVFAIL'))).fetch(request(url));
    expect([(await problemOf(nothing)).code, (await problemOf(failed)).code]).toEqual(['dns', 'dns']);
  });

  test('a name that the resolver never answers for', async () => {
    const fetcher = fetcherFor(NOBODY, () => new Promise(() => {}), 50);
    expect((await problemOf(fetcher.fetch(request('http://public.example/')))).code).toBe('timeout');
  });

  test('the second address of a name whose answer changes between two connections', async () => {
    const home = await serve(files({ '/': 'first answer' }));
    const [address = '', homePort = ''] = home.host.split(':');
    const answers = [address, '10.0.0.1'];
    const asked: string[] = [];
    const lookup = async (hostname: string) => {
      asked.push(hostname);
      return [{ address: answers[asked.length - 1] ?? '10.0.0.1', family: 4 }];
    };
    const fetcher = fetcherFor({ allowPrivateHosts: [home.host] }, lookup);
    const url = `http://rebinding.example:${homePort}/`;
    expect((await fetcher.fetch(request(url))).status).toBe(200);
    expect((await problemOf(fetcher.fetch(request(url)))).message).toBe('10.0.0.1 is not a public address');
    expect(asked).toEqual(['rebinding.example', 'rebinding.example']);
    expect(home.requests).toEqual(['GET /']);
    await home.close();
  });

  test('an address that the second hop of a redirect resolves to', async () => {
    target = `http://second.example:${site.host.split(':')[1]}/`;
    const lookup = async (hostname: string) => [
      { address: hostname === 'second.example' ? '192.168.0.1' : '127.0.0.1', family: 4 },
    ];
    const first = `http://first.example:${site.host.split(':')[1]}`;
    const fetcher = fetcherFor({ allowPrivateHosts: [site.host] }, lookup);
    const problem = await problemOf(fetcher.fetch(request(`${first}/`, new Set([first, new URL(target).origin]))));
    expect(problem.message).toBe('192.168.0.1 is not a public address');
  });
});

test('a host that is allowed by name and port is allowed on no other port', () => {
  const policy = { allowPrivateHosts: ['127.0.0.1:8080', 'demo:8080'] };
  for (const url of ['http://127.0.0.1:8080/', 'http://demo:8080/']) checkUrl(new URL(url), policy);
  for (const url of ['http://127.0.0.1:8081/', 'http://demo/', 'http://127.0.0.2:8080/']) {
    expect(() => checkUrl(new URL(url), policy)).toThrow(expect.objectContaining({ name: 'FetchProblem' }));
  }
});

test('the socket is handed exactly the addresses that were checked', async () => {
  const answers = [
    { address: '93.184.215.14', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ];
  const lookup = guardedLookup(new URL('https://public.example/'), async () => answers, NOBODY);
  const all = await new Promise((resolve) =>
    lookup('public.example', { all: true }, (_error, found) => resolve(found)),
  );
  const one = await new Promise((resolve) => lookup('public.example', {}, (_error, ...found) => resolve(found)));
  expect({ all, one }).toEqual({ all: answers, one: ['93.184.215.14', 4] });
});

function fetcherFor(
  policy: { allowPrivateHosts: readonly string[] },
  lookup: Lookup = async () => [{ address: '127.0.0.1', family: 4 }],
  requestTimeoutMs = 5_000,
) {
  return createFetcher({
    ...{ ...policy, lookup, requestTimeoutMs, maxRedirects: 3, concurrency: 2, userAgent: 'test' },
  });
}

const request = (url: string, origins: ReadonlySet<string> = new Set([new URL(url).origin])) => ({
  ...{ url, origins, pastCaches: false, freshConnection: true },
  signal: new AbortController().signal,
  onData: () => {},
});

async function problemOf(outcome: Promise<unknown>): Promise<FetchProblem> {
  return outcome.then(
    () => {
      throw new Error('the request was made');
    },
    (error: FetchProblem) => error,
  );
}
