import { spawn } from 'node:child_process';
import path from 'node:path';
import { type ScanOptions, scanCommand } from '../../cli/scan.ts';
import { files, type SiteServer, serve } from '../fakes/site-server.ts';
import { tokenFor } from '../sites/site-builds.ts';
import { schemaFaults } from './schema-faults.ts';

const OLD = tokenFor('superseded');
const NEW = tokenFor('current');

let site: SiteServer;
beforeAll(async () => {
  site = await serve(files({ '/old': `<p>${OLD}`, '/new': `<p>${NEW}`, '/none': '<p>', '/broken': { status: 500 } }));
});
afterAll(() => site.close());

async function run(
  options: Omit<ScanOptions, 'urls'> & { paths?: string[] },
  given: { env?: object; stdin?: string } = {},
) {
  const printed = { out: '', err: '' };
  const urls = (options.paths ?? []).map((name) => site.origin + name);
  async function* stdin() {
    yield given.stdin ?? '';
  }
  const exit = await scanCommand(
    { allowPrivate: [site.host], browser: false, ...options, urls },
    {
      env: { ...given.env },
      stdin: stdin(),
      out: (text) => {
        printed.out += text;
      },
      err: (text) => {
        printed.err += text;
      },
    },
  );
  return { exit, ...printed };
}

test.each(['HOST', 'HOST/', 'http://HOST', 'http://HOST/checkout?a'])(
  '--allow-private %s is the host',
  async (said) => {
    const allowPrivate = [said.replace('HOST', site.host)];
    expect((await run({ paths: ['/new'], find: OLD, current: NEW, allowPrivate })).exit).toBe(0);
  },
);

test.each(['localhost', 'a b:1', ':80', 'localhost:port', 'localhost:99999', 'ftp://localhost', ''])(
  '--allow-private "%s" is told what it should be',
  async (said) => {
    const { exit, err } = await run({ paths: ['/new'], find: OLD, allowPrivate: [said] });
    expect([exit, err]).toEqual([2, expect.stringContaining('host:port')]);
  },
);

test('a control that is empty is none to go without', async () => {
  for (const [options, env] of [
    [{ current: '' }, {}],
    [{}, { PADDLEWHEEL_CURRENT_TOKEN: '' }],
    [{}, { PADDLEWHEEL_CURRENT_TOKEN: ' \n' }],
  ] as const) {
    const { exit, out, err } = await run({ paths: ['/none'], find: OLD, ...options }, { env });
    expect([exit, out, err]).toEqual([2, '', expect.stringMatching(/current .* is empty/i)]);
  }
});

test.each<[keyof ScanOptions, number]>([
  ['timeout', Number.POSITIVE_INFINITY],
  ['timeout', 3_601],
  ['timeout', Number.NaN],
  ['grace', Number.POSITIVE_INFINITY],
])('%s: %d is no bound', async (name, value) => {
  const { exit, out } = await run({ paths: ['/new'], find: OLD, current: NEW, [name]: value });
  expect([exit, out]).toEqual([2, '']);
});

describe('paddlewheel scan exits with', () => {
  const cases: Record<string, [options: Parameters<typeof run>[0], exit: number, says: RegExp]> = {
    '0 when the current token has taken over': [{ paths: ['/new'], find: OLD, current: NEW }, 0, /^clean /],
    '0 when the token is gone and no control was asked for': [{ paths: ['/none'], find: OLD }, 0, /Without --current/],
    '1 when the token is still there': [{ paths: ['/old'], find: OLD, current: NEW }, 1, /^FOUND .*\/old \(exact\)/],
    '1 when it is still there on one page of several': [{ paths: ['/new', '/old', '/broken'], find: OLD }, 1, /FOUND/],
    '2 when neither token is there': [{ paths: ['/none'], find: OLD, current: NEW }, 2, /^unproven /],
    '2 when one page cannot be read': [
      { paths: ['/new', '/broken'], find: OLD, current: NEW },
      2,
      /the server answered 500/,
    ],
    '2 when the host is private and nobody allowed it': [
      { paths: ['/new'], find: OLD, allowPrivate: [] },
      2,
      /not a public address/,
    ],
  };
  test.each(Object.entries(cases))('%s', async (_name, [options, exit, says]) => {
    expect(await run(options)).toEqual({ exit, out: expect.stringMatching(says), err: '' });
  });
});

describe('paddlewheel scan refuses, with exit code 2,', () => {
  const cases: Record<string, [options: Parameters<typeof run>[0], says: string]> = {
    'no URL': [{ find: OLD }, 'Name at least one URL.'],
    'no token': [{ paths: ['/old'] }, 'Name the token to search for'],
    'what is no token': [{ paths: ['/old'], find: 'pdl_live_apikey' }, 'is not a client-side token'],
    'a current token that is none': [{ paths: ['/old'], find: OLD, current: 'x' }, 'The current token is not'],
    'a time-out that is none': [{ paths: ['/old'], find: OLD, timeout: Number.NaN }, 'number of seconds'],
    'input without the line that was announced': [
      { paths: ['/old'], find: OLD, current: '-' },
      'no line for --current',
    ],
  };
  test.each(Object.entries(cases))('%s', async (_name, [options, says]) => {
    expect(await run(options)).toEqual({ exit: 2, out: '', err: expect.stringContaining(says) });
  });
});

describe('paddlewheel scan takes its tokens', () => {
  test('from the environment', async () => {
    const env = { PADDLEWHEEL_FIND_TOKEN: OLD, PADDLEWHEEL_CURRENT_TOKEN: NEW };
    expect((await run({ paths: ['/new'] }, { env })).exit).toBe(0);
  });

  test('from standard input, one a line', async () => {
    expect((await run({ paths: ['/new'], find: '-', current: '-' }, { stdin: `${OLD}\n${NEW}\n` })).exit).toBe(0);
    expect((await run({ paths: ['/old'], find: '-', current: '-' }, { stdin: `${NEW}\r\n${OLD}` })).exit).toBe(0);
  });
});

test('paddlewheel scan --json prints the findings, without any token', async () => {
  const { out } = await run({ paths: ['/old', '/new'], find: OLD, current: NEW, json: true });
  expect(schemaFaults('scan', out)).toEqual([]);
  expect(JSON.parse(out)).toMatchObject({ exit: 1, findings: [{ verdict: 'superseded' }, { verdict: 'current' }] });
  expect(out).not.toContain(OLD.slice(5));
});

test('node cli/paddlewheel.ts scan runs', async () => {
  const cli = path.resolve(import.meta.dirname, '../../cli/paddlewheel.ts');
  const args = ['scan', `${site.origin}/old`, '--no-browser', '--allow-private', site.host, '--find', '-'];
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stdin.end(`${OLD}\n`);
  expect([await new Promise((resolve) => child.once('close', resolve)), out]).toEqual([
    1,
    expect.stringContaining('FOUND'),
  ]);
});
