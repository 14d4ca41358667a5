/** Completion: what fits is computed here, and real shells ask for it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../infra/root.ts';
import { installation } from './world.ts';

async function fitting(line: string, point = line.length): Promise<string[]> {
  const { command } = await installation();
  const env = { COMP_LINE: line, COMP_POINT: String(point) };
  // However long it takes here.
  const io = { rest: () => new Promise<void>(() => {}) };
  const { exit, out, err } = await command('__complete', { env, io });
  expect([exit, err]).toEqual([0, '']);
  return out.split('\n').filter(Boolean);
}

test.each<[string, string[]]>([
  ['paddlewheel sta', ['status']],
  ['paddlewheel re', ['resume', 'release', 'revoke', 'reconcile', 'register']],
  ['paddlewheel inspect ', ['build']],
  ['paddlewheel completion ', ['bash', 'zsh', 'fish']],
  ['paddlewheel status --w', ['--watch']],
  ['paddlewheel status --watch --w', []],
  ['paddlewheel status ', ['pricing-page']],
  ['paddlewheel status pri', ['pricing-page']],
  ['paddlewheel status x', []],
  ['paddlewheel status pricing-page ', []],
  ['paddlewheel verify-build dist --integration p', ['pricing-page']],
  ['paddlewheel rotate pricing-page --environment ', ['sandbox', 'live']],
  ['paddlewheel audit --format j', ['jsonl']],
  ['paddlewheel --region eu-west-1 wh', ['why']],
  ['paddlewheel status --profile ', []],
  ['paddlewheel exec pricing-page --consumer web -- npm ', []],
  ['paddlewheel verify-build ', []],
])('%s', async (line, words) => {
  expect(await fitting(line)).toEqual(words);
});

test('options are those of the command and of all', async () => {
  expect(await fitting('paddlewheel usage --')).toEqual([
    ...['--integration', '--json', '--prefix', '--region', '--profile', '--help'],
  ]);
});

test('what stands behind the cursor is not looked at', async () => {
  expect(await fitting('paddlewheel sta --json', 'paddlewheel sta'.length)).toEqual(['status']);
});

test('a hidden command is not offered, and the help does not show it', async () => {
  expect(await fitting('paddlewheel _')).toEqual([]);
  const { command } = await installation();
  expect((await command('--help')).out).not.toContain('__complete');
});

test('names that do not come are not waited for', async () => {
  const { command, aws } = await installation();
  aws.invoke = () => new Promise(() => {});
  const env = { COMP_LINE: 'paddlewheel status ' };
  expect(await command('__complete', { env })).toEqual({ exit: 0, out: '', err: '' });
  aws.invoke = () => Promise.reject(new Error('Region is missing'));
  expect(await command('__complete', { env })).toEqual({ exit: 0, out: '', err: '' });
});

test('a name that a shell would run is not offered', async () => {
  const { command, aws } = await installation();
  const integrations = ['shop', 'a;b', '$(b)', '`b`', 'a b', "a'b", 'a"b', '-b', 'a\nb', '~', 'a*'];
  aws.invoke = async () => ({ outcome: 'listed', integrations });
  const io = { rest: () => new Promise<void>(() => {}) };
  const env = { COMP_LINE: 'paddlewheel status ' };
  expect(await command('__complete', { env, io })).toEqual({ exit: 0, out: 'shop\n', err: '' });
});

test('a shell that there is not is refused', async () => {
  const { command } = await installation();
  expect(await command('completion tcsh')).toMatchObject({ exit: 2, err: expect.stringMatching(/bash, zsh, fish/) });
});

describe('in bash', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-completion-'));
  writeFileSync(
    path.join(folder, 'paddlewheel'),
    `#!/bin/sh\nexec '${process.execPath}' '${path.join(ROOT, 'cli/bin.mjs')}' "$@"\n`,
  );
  chmodSync(path.join(folder, 'paddlewheel'), 0o755);
  const requests: string[] = [];
  // As AWS answers whoever asks for the names.
  const server = createServer((request, response) => {
    requests.push(String(request.url));
    request.resume();
    request.once('end', () => response.end('{"outcome":"listed","integrations":["shop","pricing-page"]}'));
  });
  beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** As bash itself does it when somebody presses Tab. */
  async function pressTab(line: string): Promise<string[]> {
    const script = `eval "$(paddlewheel completion bash)"
      read -ra COMP_WORDS <<<"$COMP_LINE"
      command=$(complete -p paddlewheel | sed -E "s/.* -C '([^']*)' .*/\\1/")
      export COMP_LINE COMP_POINT=\${#COMP_LINE}
      eval "$command" paddlewheel '"$CURRENT"' '"$PREVIOUS"'`;
    const [current = '', previous = ''] = line.split(' ').reverse();
    const { port } = server.address() as AddressInfo;
    const env = {
      ...{ PATH: `${folder}:${process.env.PATH}`, COMP_LINE: line, CURRENT: current, PREVIOUS: previous },
      ...{ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', HOME: folder },
      PADDLEWHEEL_COMPLETION_MS: '55000',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    };
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], { env, timeout: 60_000 });
    return stdout.split('\n').filter(Boolean);
  }

  test('commands are completed, and names are asked for where the line says', async () => {
    expect(await pressTab('paddlewheel stat')).toEqual(['status']);
    expect(requests).toEqual([]);
    expect(await pressTab('paddlewheel status --prefix eu --region eu-west-1 p')).toEqual(['pricing-page']);
    expect(requests).toEqual(['/2015-03-31/functions/eu-status/invocations']);
  }, 60_000);
});
