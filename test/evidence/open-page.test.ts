/** The function that opens pages: what it refuses, what it answers without a browser, and that Chromium is unpacked once. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOpenPage } from '../../lambdas/browser/open-page.ts';
import { unpackedOnce } from '../../lambdas/browser/unpack.ts';
import { NEW, OLD } from './pages/page-case.ts';

const chromePath = process.env.CHROME_PATH;
afterEach(() => {
  if (chromePath === undefined) delete process.env.CHROME_PATH;
  else process.env.CHROME_PATH = chromePath;
});

const request = { url: 'https://shop.example/', tokens: { superseded: OLD, current: NEW } };

describe('an invocation', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'https://shop.example/'],
    ['no page', { tokens: request.tokens }],
    ['no URL', { ...request, url: 'shop' }],
    ['no tokens', { url: request.url }],
    ['something else than a token to search for', { ...request, tokens: { superseded: 'password', current: NEW } }],
    ['something else among those that should be gone', { ...request, tokens: { superseded: OLD, alsoGone: ['x'] } }],
    ['something else as the current token', { ...request, tokens: { superseded: OLD, current: 'x' } }],
    ['nothing to search for', { ...request, tokens: { superseded: '' } }],
    ['clicks without end', { ...request, clicks: Array.from({ length: 51 }, () => '#buy') }],
    ['headers that are no texts', { ...request, headers: { authorization: { secret: 'x' } } }],
    ['headers that are none', { ...request, headers: null }],
  ])('with %s is rejected before any browser is looked for', async (_, event) => {
    process.env.CHROME_PATH = '/nowhere/chrome';
    const { failure, sightings, source } = await createOpenPage({})(event);
    expect([source, failure?.code, sightings]).toEqual(['browser', 'rejected', []]);
    expect(JSON.stringify(failure)).not.toContain('password');
  });

  test.each<[string, object]>([
    ['two tokens', request.tokens],
    ['several that should be gone', { superseded: OLD, alsoGone: [OLD], current: NEW }],
    ['only those that should be gone', { superseded: OLD }],
    ['only the current one', { superseded: '', current: NEW }],
  ])('for %s says that there is no Chromium, where there is none', async (_, tokens) => {
    process.env.CHROME_PATH = '/nowhere/chrome';
    expect((await createOpenPage({})({ ...request, tokens })).failure?.code).toBe('unavailable');
  });

  test('reaches the exported handler, and is answered there', async () => {
    const { handler } = await import('../../lambdas/browser.ts');
    const answer = (await handler({ url: 'x' }, {} as never)) as { source: string; failure: { code: string } };
    expect([answer.source, answer.failure.code]).toEqual(['browser', 'rejected']);
  });
});

describe('unpacking Chromium', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'unpack-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Writes half of it, waits until somebody else has had a turn, and writes the rest. */
  const unpacking = () => {
    const file = path.join(folder, 'chromium');
    const unpack = async () => {
      unpack.times += 1;
      if (existsSync(file)) return file;
      await writeFile(file, 'half');
      await new Promise(setImmediate);
      await writeFile(file, 'whole');
      return file;
    };
    unpack.times = 0;
    return unpack;
  };
  const content = () => readFile(path.join(folder, 'chromium'), 'utf8');

  test('is done once, however many ask at the same time', async () => {
    const unpack = unpacking();
    const paths = await Promise.all([1, 2, 3].map(() => unpackedOnce(unpack, folder)));
    expect(new Set(paths)).toEqual(new Set([path.join(folder, 'chromium')]));
    expect([unpack.times, await content()]).toEqual([1, 'whole']);
    expect(existsSync(path.join(folder, 'chromium.lock'))).toBe(false);
  });

  test('begins anew where somebody was ended half-way', async () => {
    await writeFile(path.join(folder, 'chromium'), 'half');
    await unpackedOnce(unpacking(), folder);
    expect(await content()).toBe('whole');
  });

  test('does not wait for ever for somebody who has ended without a word', async () => {
    const lock = path.join(folder, 'chromium.lock');
    await mkdir(lock);
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(lock, longAgo, longAgo);
    await unpackedOnce(unpacking(), folder);
    expect(await content()).toBe('whole');
  });

  test('that fails leaves the way free for the next one', async () => {
    await expect(unpackedOnce(() => Promise.reject(new Error('the disk is full')), folder)).rejects.toThrow('full');
    await unpackedOnce(unpacking(), folder);
    expect(await content()).toBe('whole');
  });
});
