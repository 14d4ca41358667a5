/** One request of the page reader: when it ends. */
import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import { createFetcher } from '../../lambdas/evidence/sites/fetch.ts';
import { sitesOfTests } from '../fakes/site-server.ts';

const start = sitesOfTests();

test('the time that the scan itself takes is not held against the site', async () => {
  const site = await start((request, response) => {
    const send = () => response.setHeader('content-type', 'text/html').end(request.url);
    setTimeout(send, request.url === '/slow' ? 150 : 0);
  });
  const after = async (ownWork: number[]) => {
    const fetcher = createFetcher({
      ...{ allowPrivateHosts: [site.host], lookup: async () => [], requestTimeoutMs: 50, maxRedirects: 0 },
      ...{ concurrency: 1, userAgent: 'test', ownWorkMs: () => ownWork.shift() ?? 10_000 },
    });
    const request = {
      url: `${site.origin}/slow`,
      origins: new Set([site.origin]),
      pastCaches: false,
      onData: () => {},
    };
    const answer = fetcher.fetch({ ...request, freshConnection: true, signal: new AbortController().signal });
    return answer.then(({ status }) => status).catch(({ code }) => code);
  };
  expect([await after([0, 10_000]), await after([10_000])]).toEqual([200, 'timeout']);
});

test.each([
  ['a kept connection', false],
  ['a connection of its own', true],
])(
  'a scan that has its answer is not held up by a body that is half unpacked, on %s',
  async (_, freshConnection) => {
    // So large that more of it has come in than is unpacked yet, and so small that nothing more comes.
    const packed = zlib.gzipSync(randomBytes(120_000).toString('hex'));
    const site = await start((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
    });
    for (const last of [1, 2, 3, 5]) {
      const fetcher = createFetcher({
        ...{ allowPrivateHosts: [site.host], lookup: async () => [], requestTimeoutMs: 60_000, maxRedirects: 0 },
        ...{ concurrency: 1, userAgent: 'test' },
      });
      const found = new AbortController();
      let pieces = 0;
      const onData = () => {
        pieces += 1;
        if (pieces === last) found.abort(new Error('it is found'));
      };
      const request = { url: `${site.origin}/`, pastCaches: false, freshConnection, signal: found.signal, onData };
      await expect(fetcher.fetch(request)).rejects.toThrow('it is found');
      fetcher.close();
    }
  },
  30_000,
);
