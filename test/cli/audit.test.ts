import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { csvField } from '../../cli/trail-formats.ts';
import { installation, ME } from './world.ts';

async function withHistory() {
  const world = await installation();
  const first = world.harness.current?.id ?? '';
  await world.command('rotate pricing-page --reason first');
  await world.command('rotate pricing-page --reason second');
  return { ...world, first };
}
const idsOf = (jsonl: string) =>
  jsonl
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).id);

describe('paddlewheel audit', () => {
  test('of an integration holds its own records and those of all its tokens, in order, all pages', async () => {
    const { command, harness } = await withHistory();
    const { exit, out } = await command('audit pricing-page --format jsonl');
    expect(exit).toBe(0);
    expect(idsOf(out).sort()).toEqual(harness.ledger.records.map(({ id }) => id).sort());
    const times = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).sk);
    expect(times).toEqual(times.toSorted());
    expect(times.length).toBeGreaterThan(6);
  });

  test("of a token is that token's life", async () => {
    const { command, harness, first } = await withHistory();
    const { out } = await command(`audit --token ${first} --format jsonl`);
    expect(idsOf(out)).toEqual(harness.ledger.records.filter(({ tokenId }) => tokenId === first).map(({ id }) => id));
  });

  test('of a day, of an actor, of an account, of a span', async () => {
    const { command, harness } = await withHistory();
    const { records } = harness.ledger;
    const day = '2026-03-01';
    expect(idsOf((await command(`audit --day ${day} --format jsonl`)).out)).toHaveLength(records.length);
    const mine = idsOf((await command(`audit --day ${day} --actor ${ME} --format jsonl`)).out);
    expect(mine.sort()).toEqual(
      records
        .filter(({ requestedBy }) => requestedBy === ME)
        .map(({ id }) => id)
        .sort(),
    );
    expect((await command(`audit --day ${day} --account other`)).err).toContain('No record matches');
    expect((await command('audit --since 2026-03-02 --until 2026-03-04')).out).toBe('');
    expect((await command('audit --since 2026-02-27 --until 2026-03-02')).out).not.toBe('');
  });

  test('writes a file that is there in whole or not at all', async () => {
    const { command, aws } = await withHistory();
    const folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
    const out = path.join(folder, 'trail.csv');
    expect(await command(`audit --day 2026-03-01 --format csv --out ${out}`)).toMatchObject({ exit: 0, out: '' });
    const lines = (await readFile(out, 'utf8')).split('\r\n');
    expect(lines[0]).toMatch(/^at,kind,type,account,/);
    expect(lines.length).toBeGreaterThan(6);
    const trail = aws.trail();
    aws.trail = () => ({ ...trail, byDay: () => Promise.reject(new Error('throttled')) });
    expect(await command(`audit --day 2026-03-01 --out ${path.join(folder, 'no.txt')}`)).toMatchObject({ exit: 1 });
    expect(await readdir(folder)).toEqual(['trail.csv']);
  });

  test('as text cannot be made to write on the terminal, and holds no token', async () => {
    const { command, more, harness } = await withHistory();
    more.push({
      pk: 'TOKEN#ctkn_x',
      sk: '2026-03-01T00:00:00.000000Z#evt_x',
      day: '2026-03-01',
      kind: 'webhook',
      at: '2026-03-01T00:00:00.000Z',
      type: 'client_token.created',
      message: `\u001b[2J ${harness.current?.value}\nforged line`,
    });
    const { out } = await command('audit --token ctkn_x');
    expect(out.split('\n')).toHaveLength(2);
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain(harness.current?.value);
  });

  test.each([
    ['a day and a span', 'audit --day 2026-03-01 --since 2026-03-01'],
    ['what is no day', 'audit --day yesterday'],
    ['a span that is upside down', 'audit --since 2026-03-02 --until 2026-03-01'],
    ['a format that is none', 'audit --format xml'],
  ])('refuses %s with exit code 2', async (_, line) => {
    const { command } = await installation();
    expect(await command(line)).toMatchObject({ exit: 2 });
  });
});

describe('a CSV field', () => {
  test.each([
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['  =cmd', `"'  =cmd"`],
    ['\t=cmd', `"'\t=cmd"`],
    ['＝1', `"'＝1"`],
    ['say "hi"', '"say ""hi"""'],
    ['a,b\r\nc', '"a,b\r\nc"'],
    [undefined, ''],
  ])('%j is written %s', (value, field) => expect(csvField(value)).toBe(field));

  test('never lets a spreadsheet calculate, whatever stands in it, and loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const inner = csvField(text).slice(1, -1).replaceAll('""', '"');
        expect(inner).not.toMatch(/^[\s\p{Cc}]*[=+\-@]/u);
        expect(inner === text || inner === `'${text}`).toBe(true);
      }),
    );
  });
});
