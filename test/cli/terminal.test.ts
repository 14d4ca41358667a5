/** What a person at a terminal sees, and what a pipe gets. */
import { PassThrough } from 'node:stream';
import { type CliIo, processIo } from '../../cli/io.ts';
import { withProgress } from '../../cli/progress.ts';
import { hasColour, type ProgressLine, plainText, table, wrapped } from '../../cli/terminal.ts';
import { widthOf } from '../../cli/width.ts';
import { installation } from './world.ts';

const screen = (columns: number, clear: () => void = () => {}) => ({ columns, rows: 24, clear });

/** The process's own streams, as far as the command line uses them. */
function streams(isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  for (const stream of [stdout, stderr]) Object.assign(stream, { isTTY, columns: 40, rows: 10 });
  const io = processIo(undefined, { stdin: process.stdin, stdout, stderr, env } as unknown as NodeJS.Process);
  return { io, out: () => String(stdout.read() ?? ''), err: () => String(stderr.read() ?? '') };
}

test.each<[string, boolean, Record<string, string>, boolean]>([
  ['a terminal', true, {}, true],
  ['a pipe', false, {}, false],
  ['NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['NO_COLOR that is empty', true, { NO_COLOR: '' }, true],
  ['FORCE_COLOR in a pipe', false, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
  ['FORCE_COLOR against NO_COLOR', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
])('colour: %s', (_, isTerminal, env, has) => {
  expect(hasColour(isTerminal, env)).toBe(has);
  const { io, out } = streams(isTerminal, env);
  io.out('healthy', 'good');
  expect(out()).toBe(has ? '\x1b[32mhealthy\x1b[39m' : 'healthy');
});

test('what others have written colours nothing, with a tone of ours and without', () => {
  const { io, out } = streams(true);
  io.out('a \x1b[31mred');
  io.out(' reason\x1b[0m', 'faint');
  expect(out()).toBe('a \\u001b[31mred\x1b[2m reason\\u001b[0m\x1b[22m');
});

test('a pipe has neither screen nor progress', () => {
  expect(streams(false).io).not.toHaveProperty('screen');
  expect(streams(false).io).not.toHaveProperty('progressLine');
  expect(streams(true).io).toMatchObject({ screen: { columns: 40, rows: 10 }, progressLine: {} });
  expect(streams(true, { TERM: 'dumb' }).io).not.toHaveProperty('progressLine');
});

describe('a table', () => {
  const rows = [
    [['shop'], ['healthy', 'good'], ['Nothing waits. Rotates in 2 days.']],
    [['pricing-page'], ['held', 'wary'], ['The page serves ctkn_old.']],
  ] as const;
  test('fits the terminal', () => {
    const lines = plainText(table(rows, screen(36))).split('\n');
    expect(lines).toEqual(['shop          healthy  Nothing wait…', 'pricing-page  held     The page ser…', '']);
  });
  test.each([1, 5, 14, 22, 23, 24])('and one of %i columns, too', (columns) => {
    for (const line of plainText(table(rows, screen(columns))).split('\n'))
      expect(line.length).toBeLessThanOrEqual(columns);
  });
  test('is whole elsewhere', () => {
    expect(plainText(table(rows, undefined))).toContain('shop          healthy  Nothing waits. Rotates in 2 days.\n');
  });
});

describe('what others have written', () => {
  const names = ['支払い', '🛒🛒 shop', 'cafe\u0301', 'a\x1b[2Jb', 'x\n  current ctkn_of_mine', '👩‍👩‍👧 family'];
  const rows = names.map((name) => [[name], ['healthy'], [`${name} ${name} is what waits here`]] as const);
  test.each([7, 20, 33, 80])('fits a terminal of %i columns, in lines of its own', (columns) => {
    const lines = plainText(table(rows, screen(columns))).split('\n');
    expect(lines).toHaveLength(names.length + 1);
    for (const line of lines) {
      expect(widthOf(line)).toBeLessThanOrEqual(columns);
      expect(line).toBe(line.toWellFormed());
    }
  });
  test('stands in columns', () => {
    const lines = plainText(table(rows, screen(200)))
      .trimEnd()
      .split('\n');
    const places = lines.map((line) => widthOf(line.slice(0, line.indexOf('healthy'))));
    expect(new Set(places).size).toBe(1);
  });
  test.each([
    ['shop', 4],
    ['支払い', 6],
    ['🛒', 2],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['…', 1],
    ['', 0],
  ])('%s takes %i columns', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
  test('makes no line of its own of a status', async () => {
    const { command, harness } = await installation();
    const id = harness.current?.id;
    await command('rotate pricing-page');
    await command(`hold pricing-page --token ${id} --reason 'an app\n  current         ctkn_forged'`);
    const { out } = await command('status pricing-page');
    expect(out).not.toMatch(/^ *current +ctkn_forged/m);
    expect((await command('why pricing-page')).out).not.toMatch(/^ *current +ctkn_forged/m);
  });
});

test('long texts are broken between words, and an address stays whole', () => {
  const text = 'The page https://shop.example/pricing/with/a/long/path serves it';
  expect(wrapped(text, 4, screen(30))).toBe(
    'The page\n    https://shop.example/pricing/with/a/long/path\n    serves it',
  );
  expect(wrapped(text, 4, undefined)).toBe(text);
  expect(wrapped(text, 4, screen(12))).toBe(text);
});

describe('status', () => {
  test('fits a terminal, with a symbol for those who do not tell colours apart', async () => {
    const { command } = await installation();
    const { out } = await command('status pricing-page', { io: { screen: screen(60) } });
    expect(out).toMatch(/^pricing-page: ✓ healthy \(/);
    for (const line of out.split('\n')) if (line.trim().includes(' ')) expect(line.length).toBeLessThanOrEqual(110);
    expect((await command('status pricing-page')).out).toMatch(/^pricing-page: healthy \(/);
  });

  test('of several is a table, the worst first, with a summary', async () => {
    const { command, aws, harness } = await installation();
    const ask = aws.invoke;
    const asked = () => ask(aws.names.status, { integration: 'pricing-page', action: 'status' });
    const healthy = { ...(await asked()), integration: 'shop' };
    const before = harness.current?.id;
    await command('rotate pricing-page');
    await command(`hold pricing-page --token ${before} --reason 'an old app'`);
    const held = await asked();
    aws.invoke = async (_, { integration }: { integration?: string }) =>
      integration === undefined ? { integrations: ['shop', 'pricing-page'] } : integration === 'shop' ? healthy : held;
    const { out } = await command('status');
    const lines = out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2));
    expect(lines).toEqual([
      ['INTEGRATION', 'STANDS'],
      ['pricing-page', 'held'],
      ['shop', 'healthy'],
      ['2 integrations: 1 held, 1 healthy'],
      [''],
    ]);
    const narrow = await command('status', { io: { screen: screen(50) } });
    for (const line of narrow.out.split('\n')) expect(line.length).toBeLessThanOrEqual(50);
  });
});

describe('what takes more than two seconds', () => {
  /** A line of progress whose clock is turned by hand. */
  function progressByHand() {
    const lines: string[] = [];
    let tick = () => {};
    let stopped = false;
    let now = 0;
    const progressLine: ProgressLine = {
      show: (line) => void lines.push(line),
      every: (_, each) => {
        tick = each;
        return () => {
          stopped = true;
        };
      },
    };
    const passed = (ms: number) => {
      now += ms;
      tick();
    };
    const io = { progressLine, now: () => now } as Partial<CliIo>;
    return { lines, passed, io, isStopped: () => stopped };
  }

  test('says what is waited for and how long, and takes it back', async () => {
    const { command, aws } = await installation();
    const { lines, passed, io, isStopped } = progressByHand();
    const ask = aws.invoke;
    aws.invoke = (name, payload) => {
      passed(1_999);
      expect(lines).toEqual([]);
      passed(1);
      passed(1_500);
      return ask(name, payload);
    };
    const { out, err } = await command('status pricing-page', { io });
    expect(out).toMatch(/^pricing-page: healthy/);
    expect(err).toBe('');
    expect(lines).toEqual([
      '/ paddlewheel-status is at work on pricing-page (2 s)',
      '- paddlewheel-status is at work on pricing-page (3 s)',
      '',
    ]);
    expect(isStopped()).toBe(true);
  });

  test('says nothing while nothing is waited for, and nothing where nobody looks', async () => {
    const { lines, passed, io } = progressByHand();
    const { aws } = await installation();
    const { io: watched, end } = withProgress({ ...io, out: () => {} } as unknown as CliIo, aws);
    passed(10_000);
    expect(lines).toEqual([]);
    await watched.during?.('looking', async () => {
      passed(10);
      watched.out('a line');
      passed(1_999);
    });
    expect(lines).toEqual(['/ looking (10 s)', '']);
    end();
    const plain = { out: () => {} } as unknown as CliIo;
    expect(withProgress(plain, aws)).toMatchObject({ io: plain, aws });
  });

  test('also of a long reading of the trail', async () => {
    const { command, aws } = await installation();
    const clock = progressByHand();
    const open = aws.trail;
    aws.trail = async () => ({
      ...(await open()),
      byDay: async () => {
        clock.passed(900);
        return { entries: [] };
      },
    });
    await command('audit --day 1970-01-01', { io: clock.io });
    expect(clock.lines).toEqual([]);
    await command('audit --since 1970-01-01 --until 1970-01-05', { io: clock.io });
    expect(clock.lines).toEqual(['/ reading the audit trail (2 s)', '- reading the audit trail (3 s)', '']);
  });
});
