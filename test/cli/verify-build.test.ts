import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import * as commands from '../../lambdas/rotation/commands.ts';
import { installation } from './world.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function folderOf(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-artifact-'));
  folders.push(folder);
  for (const [file, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  }
  return folder;
}

const check = (folder: string, more = '') =>
  `verify-build ${folder} --integration pricing-page --consumer marketing-site ${more}`;

async function rotated() {
  const world = await installation();
  const old = world.harness.current?.value ?? '';
  await world.harness.reconcile({ command: commands.rotate({}) });
  return { ...world, old, current: world.harness.current?.value ?? '' };
}

test('an artifact with the current token alone may go live, and its digest reports it', async () => {
  const { command, current, reports, harness } = await rotated();
  const folder = await folderOf({ 'index.html': '<script src="/a.js"></script>', 'a.js': `t="${current}"` });
  const verified = await command(check(folder));
  expect([verified.exit, verified.err]).toEqual([0, '']);
  expect(verified.out).not.toContain(current);
  const [, digest = ''] = /--artifact (sha256:[0-9a-f]{64})/.exec(verified.out) ?? [];
  expect((await command(`deployed pricing-page --consumer marketing-site --artifact ${digest}`)).exit).toBe(0);
  expect(reports).toMatchObject([
    { phase: 'build', build: digest, tokenId: harness.current?.id },
    { phase: 'deploy', build: digest, tokenId: harness.current?.id },
  ]);
  // The folder itself says the same.
  expect((await command(`deployed pricing-page --consumer marketing-site --artifact ${folder}`)).exit).toBe(0);
});

test('an artifact that nobody verified is not reported as deployed', async () => {
  const { command, current, reports } = await rotated();
  const folder = await folderOf({ 'a.js': `t="${current}"` });
  const answer = await command(`deployed pricing-page --consumer marketing-site --artifact ${folder}`);
  expect(answer).toMatchObject({ exit: 1, err: expect.stringContaining('not known which token was deployed') });
  expect(reports).toEqual([]);
});

const stranger = 'test_0123456789abcdef0123456789a';

test.each<[string, (tokens: { old: string; current: string }) => Record<string, string | Buffer>, RegExp]>([
  ['no token at all', () => ({ 'a.js': '1' }), /current token ctkn_\w+ is nowhere in it/],
  [
    'a restored output of yesterday',
    ({ old }) => ({ 'a.js': `"${old}"` }),
    /ctkn_\w+, which is superseded, is in a\.js/,
  ],
  [
    'both tokens',
    ({ old, current }) => ({ 'a.js': `"${current}"`, 'b/c.js': `"${old}"` }),
    /superseded, is in b\/c\.js/,
  ],
  [
    'a token that is not ours',
    ({ current }) => ({ 'a.js': `"${current}"${stranger}` }),
    /Another token \(test_0123…89a\)/,
  ],
  [
    'a token of the other environment',
    ({ current }) => ({ 'a.js': `"${current}" live_${'a'.repeat(27)}` }),
    /other environment than sandbox/,
  ],
  ['a line break in the token', ({ current }) => ({ 'a.js': `"${current}\\n"` }), /line break or blank/],
  ['a real line break in the token', ({ current }) => ({ 'a.js': `\`${current}\n\`` }), /line break or blank/],
  ['a blank before the token', ({ current }) => ({ 'a.js': `"\\n${current}"` }), /line break or blank/],
  [
    'an old file that was compressed beforehand',
    ({ old, current }) => ({ 'a.js': `"${current}"`, 'a.js.gz': gzipSync(`"${old}"`) }),
    /is in a\.js\.gz/,
  ],
  [
    'the same with brotli',
    ({ old, current }) => ({ 'a.js': `"${current}"`, 'a.js.br': brotliCompressSync(`"${old}"`) }),
    /is in a\.js\.br/,
  ],
  [
    'an escaped old token',
    ({ old, current }) => ({ 'a.js': `"${current}" "${old.replace('test_', '\\u0074est_')}"` }),
    /which is superseded/,
  ],
  ['an archive', ({ current }) => ({ 'a.js': `"${current}"`, 'site.zip': 'PK' }), /site\.zip was not read: an archive/],
  ['a broken compressed file', ({ current }) => ({ 'a.js': `"${current}"`, 'b.gz': 'no gzip' }), /b\.gz was not read/],
])('an artifact with %s must not go live, and nothing is recorded', async (_, files, says) => {
  const { command, old, current, reports } = await rotated();
  const answer = await command(check(await folderOf(files({ old, current }))));
  expect([answer.exit, answer.out]).toEqual([1, '']);
  expect(answer.err).toMatch(says);
  expect(answer.err).not.toContain(current);
  expect(answer.err).not.toContain(old);
  expect(reports).toEqual([]);
});

test.each([
  ['a folder that is not there', 'nowhere-at-all', /cannot be read as a folder \(ENOENT\)/],
  ['an empty folder', '', /holds no file/],
])('%s is said', async (_, name, says) => {
  const { command } = await installation();
  const answer = await command(check(name || (await folderOf({}))));
  expect(answer).toMatchObject({ exit: 2, err: expect.stringMatching(says) });
});

test('the digest depends on names and bytes, and not on where the folder is', async () => {
  const { command, current } = await rotated();
  const digest = async (files: Record<string, string>) =>
    JSON.parse((await command(check(await folderOf(files), '--json'))).out).digest as string;
  const files = { 'a.js': `"${current}"`, 'b/c.css': 'p{}' };
  expect(await digest(files)).toBe(await digest(files));
  expect(await digest({ ...files, 'b/c.css': 'q{}' })).not.toBe(await digest(files));
  expect(await digest({ 'a.js': `"${current}"`, 'b/d.css': 'p{}' })).not.toBe(await digest(files));
});
