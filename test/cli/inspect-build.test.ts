import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readArtifact } from '../../cli/artifact.ts';
import { listFolder } from '../../cli/files-of.ts';
import { installation } from './world.ts';

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-inspect-'));
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
  return folder;
}
const STRANGER = 'live_0123456789abcdef0123456789a';

/** An integration that has rotated, and a build with both tokens and one of nobody. */
async function mixed() {
  const world = await installation();
  const old = world.harness.current;
  await world.command('rotate pricing-page');
  const current = world.harness.current;
  const folder = folderOf({
    'a.js': `t="${old?.value}"`,
    'b.js': `t="${current?.value}",u="${STRANGER}"`,
    'c.js': `t="${current?.value}\\n"`,
    'd.zip': '',
  });
  return { ...world, old, current, folder };
}

test('every token is named, where it is, whose, and whether it is current; nothing is recorded', async () => {
  const { command, folder, old, current, reports } = await mixed();
  const { exit, out, err } = await command(`inspect build ${folder}`);
  expect([exit, err]).toEqual([1, '']);
  expect(out).toMatch(/: 4 files, 3 client-side tokens, and something that was not read \(sha256:[0-9a-f]{64}\)\n/);
  expect(out).toMatch(new RegExp(`sandbox +superseded +pricing-page ${old?.id} +a\\.js\n`));
  expect(out).toMatch(new RegExp(`sandbox +current +pricing-page ${current?.id} +b\\.js, c\\.js\n`));
  expect(out).toMatch(/live_0123…89a +live +unknown +of no integration that is known here +b\.js\n/);
  expect(out).toMatch(/A line break or blank belongs to test_\w+…\w+ in c\.js/);
  expect(out).toContain('d.zip was not read: an archive');
  for (const value of [old?.value, current?.value, STRANGER]) expect(out).not.toContain(value);
  expect(reports).toEqual([]);
});

test('as JSON', async () => {
  const { command, folder, current } = await mixed();
  const { out } = await command(`inspect build ${folder} --integration pricing-page --json`);
  const { tokens, unread } = JSON.parse(out);
  expect(tokens).toContainEqual(
    expect.objectContaining({ status: 'current', tokenId: current?.id, environment: 'sandbox', blankIn: ['c.js'] }),
  );
  expect(unread).toMatchObject([{ file: 'd.zip' }]);
  for (const value of [current?.value, STRANGER]) expect(out).not.toContain(value);
});

test('what is in it is told although AWS cannot be asked', async () => {
  const { command, folder, aws } = await mixed();
  aws.invoke = () => Promise.reject(new Error('Region is missing'));
  const { exit, out, err } = await command(`inspect build ${folder}`);
  expect([exit, err]).toEqual([1, 'Whose they are is not known: Region is missing\n']);
  expect(out.match(/unknown/g)).toHaveLength(3);
});

test('a build without tokens asks nobody, and what is no folder is refused', async () => {
  const { command, payloads } = await installation();
  payloads.length = 0;
  expect((await command(`inspect build ${folderOf({ 'a.js': '1' })}`)).out).toMatch(/1 files, 0 client-side tokens/);
  expect(payloads).toEqual([]);
  expect((await command('inspect build /nowhere')).exit).toBe(2);
  expect((await command(`inspect build ${folderOf({ 'a.js': STRANGER })} --integration pricing`)).exit).toBe(2);
});

describe('a token is found however a file is written', () => {
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
  const swapped = (text: string) => utf16(text).swap16();
  test.each<[string, Buffer]>([
    ['UTF-16', utf16(`t="${STRANGER}"`)],
    ['UTF-16, the other way round', swapped(`t="${STRANGER}"`)],
    ['UTF-16 without a mark, beyond ASCII', utf16(`ü€=1,t="${STRANGER}"`).subarray(2)],
    ['the same, the other way round', swapped(`ü€=1,t="${STRANGER}"`).subarray(2)],
    ['UTF-16, escaped', utf16(`t="${STRANGER.replace('_', '\\u005f')}"`)],
    [
      'a binary file',
      Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(STRANGER), Buffer.from([0]), Buffer.from('x')]),
    ],
  ])('%s', async (_, bytes) => {
    const { command } = await installation();
    const folder = folderOf({});
    writeFileSync(path.join(folder, 'a.js'), bytes);
    const { tokens } = JSON.parse((await command(`inspect build ${folder} --json`)).out);
    expect(tokens).toMatchObject([{ masked: 'live_0123…89a', environment: 'live', files: ['a.js'] }]);
  });
});

test('a file of many megabytes in UTF-16 is read, and the token in its middle found', async () => {
  const { command } = await installation();
  const folder = folderOf({});
  const half = 'a'.repeat(12_000_000);
  writeFileSync(path.join(folder, 'a.js'), Buffer.from(`${half} "${STRANGER}" ${half}`, 'utf16le'));
  const { tokens, unread } = JSON.parse((await command(`inspect build ${folder} --json`)).out);
  expect([tokens, unread]).toMatchObject([[{ masked: 'live_0123…89a' }], []]);
});

test('a name of two lines is one line', async () => {
  const { command } = await installation();
  const folder = folderOf({ 'a\n  forged.zip': '', 'b\n  forged.js': `t="${STRANGER}\n"` });
  for (const line of [`inspect build ${folder}`, `verify-build ${folder} --integration pricing-page --consumer site`]) {
    const { out, err } = await command(line);
    expect(out + err).toContain('forged');
    expect(out + err).not.toMatch(/^ *forged/m);
  }
});

test('links out of the folder are not followed, and a name that holds a token is masked', async () => {
  const { command } = await installation();
  const folder = folderOf({ [`${STRANGER}.js`]: STRANGER });
  symlinkSync(folderOf({ 'b.js': 'test_0123456789abcdef0123456789b' }), path.join(folder, 'out'));
  for (const line of [`inspect build ${folder}`, `inspect build ${folder} --json`]) {
    const { exit, out, err } = await command(line);
    expect(exit).toBe(1);
    expect(out).toContain('live_0123…89a.js');
    expect(out).toMatch(/out\b.*link/s);
    for (const hidden of [STRANGER, 'b.js']) expect(out + err).not.toContain(hidden);
  }
  const { out, err } = await command(`verify-build ${folder} --integration pricing-page --consumer site`);
  expect(out + err).not.toContain(STRANGER);
});

describe('what cannot be read is named, the others are read, and no verdict is clean', () => {
  /** Ways that fail for whoever may read everything, too. */
  const WAYS: readonly (readonly [what: string, spoil: (folder: string) => void, says: RegExp])[] = [
    [
      'a link to nowhere',
      (folder) => symlinkSync('nowhere', path.join(folder, 'z.js')),
      /z\.js was not read: .*ENOENT/,
    ],
    ['a link to itself', (folder) => symlinkSync('z.js', path.join(folder, 'z.js')), /z\.js was not read: .*ELOOP/],
    [
      'a link out of the folder',
      (folder) => symlinkSync(path.join(folderOf({ 'b.js': '1' }), 'b.js'), path.join(folder, 'z.js')),
      /z\.js was not read: a link out of the folder/,
    ],
    [
      'a pipe',
      (folder) => execFileSync('mkfifo', [path.join(folder, 'z.js')]),
      /z\.js was not read: neither a file nor a folder/,
    ],
    [
      'a file whose name is no text',
      (folder) =>
        writeFileSync(Buffer.concat([Buffer.from(`${folder}/z`), Buffer.from([0xff]), Buffer.from('.js')]), '1'),
      /z\ufffd\.js was not read: it cannot be read \(ENOENT\)/,
    ],
  ];

  // Elsewhere such a name cannot be given.
  const possible = WAYS.filter(([what]) => process.platform === 'linux' || !what.endsWith('is no text'));
  test.each(possible)('%s', async (_, spoil, says) => {
    const { command, harness, reports } = await installation();
    const current = harness.current?.value;
    const folder = folderOf({ 'a.js': `t="${STRANGER}"` });
    spoil(folder);
    const { exit, out } = await command(`inspect build ${folder}`);
    expect(exit).toBe(1);
    expect(out).toMatch(says);
    expect(out).toMatch(/and something that was not read/);
    expect(out).toMatch(/live_0123…89a +live/);
    writeFileSync(path.join(folder, 'a.js'), `t="${current}"`);
    const verified = await command(`verify-build ${folder} --integration pricing-page --consumer site`);
    expect([verified.exit, verified.out]).toEqual([1, '']);
    expect(verified.err).toMatch(says);
    expect(reports).toEqual([]);
  });

  test('links within the folder lead to what is read anyway', async () => {
    const { command } = await installation();
    const folder = folderOf({ 'a.js': `t="${STRANGER}"` });
    mkdirSync(path.join(folder, 'v1'));
    symlinkSync('v1', path.join(folder, 'latest'));
    symlinkSync('../a.js', path.join(folder, 'v1', 'b.js'));
    expect(await command(`inspect build ${folder}`)).toMatchObject({ exit: 0, err: '' });
  });

  test('a link that leads elsewhere makes another build of it', async () => {
    const folder = folderOf({ 'v1.js': 'a', 'v2.js': 'b' });
    const digests = [];
    for (const to of ['v1.js', 'v2.js', 'v1.js']) {
      rmSync(path.join(folder, 'app.js'), { force: true });
      symlinkSync(to, path.join(folder, 'app.js'));
      digests.push((await readArtifact(folder)).digest);
    }
    expect(digests[0]).toMatch(/^sha256:/);
    expect(digests[2]).toBe(digests[0]);
    expect(digests[1]).not.toBe(digests[0]);
  });

  test('a file that is too large to be searched is part of the digest, byte by byte', async () => {
    const read = () => Promise.resolve(300 * 1024 * 1024);
    const [one, same, other] = ['a', 'a', 'b'].map((text) => folderOf({ 'large.bin': text }));
    const digestOf = async (folder = '') => (await readArtifact(folder, { read })).digest;
    expect(await digestOf(one)).toBe(await digestOf(same));
    expect(await digestOf(one)).not.toBe(await digestOf(other));
    const { digest, unread } = await readArtifact(one ?? '', {
      read: (file) => {
        rmSync(file);
        return read();
      },
    });
    expect(digest).toBeUndefined();
    expect(unread).toMatchObject([{ why: 'larger than 256 MB' }]);
  });

  const denied = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }));
  test('a file or a folder that may not be read', async () => {
    const folder = folderOf({ 'a.js': `t="${STRANGER}"`, 'b.js': '1' });
    mkdirSync(path.join(folder, 'c'));
    const whole = await readArtifact(folder);
    const { tokens, unread, digest } = await readArtifact(folder, {
      read: (file) => (file.endsWith('b.js') ? denied() : Promise.resolve(Buffer.from(`t="${STRANGER}"`))),
    });
    expect(tokens).toMatchObject([{ files: ['a.js'] }]);
    expect(unread).toEqual([{ file: 'b.js', why: 'it cannot be read (EACCES)' }]);
    expect(whole.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(digest).toBeUndefined();
    const hidden = await readArtifact(folder, { list: (at) => (at.endsWith('c') ? denied() : listFolder(at)) });
    expect(hidden.unread).toEqual([{ file: 'c/', why: 'the folder cannot be read (EACCES)' }]);
    expect(hidden.digest).toBeUndefined();
  });

  test('is no build that could be reported by its digest', async () => {
    const { command, reports } = await installation();
    const folder = folderOf({ 'a.js': '1' });
    symlinkSync('nowhere', path.join(folder, 'z.js'));
    const { exit, err } = await command(`deployed pricing-page --consumer site --artifact ${folder}`);
    expect(exit).toBe(2);
    expect(err).toMatch(/z\.js was not read/);
    expect(reports).toEqual([]);
    expect((await command(`inspect build ${folder}`)).out).not.toContain('sha256:');
    expect(JSON.parse((await command(`inspect build ${folder} --json`)).out)).not.toHaveProperty('digest');
  });
});
