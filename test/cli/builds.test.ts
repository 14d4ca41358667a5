import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { exec } from '../../cli/builds.ts';
import type { IntegrationState } from '../../lambdas/domain/model.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { installation } from './world.ts';

function renamed(state: IntegrationState | undefined, from: string, to: string): IntegrationState {
  if (!state) throw new Error('no state');
  return { ...state, tokens: state.tokens.map((token) => (token.id === from ? { ...token, id: to } : token)) };
}

describe('paddlewheel env', () => {
  test('prints the variable and nothing else, and reports the build', async () => {
    const { command, harness, reports } = await installation();
    const { current } = harness;
    expect(await command('env pricing-page --consumer site --build 7')).toEqual({
      exit: 0,
      out: `PADDLE_CLIENT_TOKEN=${current?.value}\n`,
      err: '',
    });
    expect(reports).toMatchObject([{ consumer: 'site', build: '7', phase: 'build', tokenId: current?.id }]);
  });

  test('prints JSON under another name', async () => {
    const { command, harness } = await installation();
    const { out } = await command('env pricing-page --consumer site --format json --name VITE_PADDLE_TOKEN');
    expect(JSON.parse(out)).toEqual({ VITE_PADDLE_TOKEN: harness.current?.value, tokenId: harness.current?.id });
  });

  test('adds to the environment of a GitHub job, and keeps what is there', async () => {
    const { command, harness } = await installation();
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'paddlewheel-')), 'env');
    await writeFile(file, 'A=1\n');
    const { exit, out } = await command('env pricing-page --consumer site --format github', {
      env: { GITHUB_ENV: file },
    });
    expect([exit, out]).toEqual([0, '']);
    expect(await readFile(file, 'utf8')).toBe(`A=1\nPADDLE_CLIENT_TOKEN=${harness.current?.value}\n`);
  });

  test.each<[string, string, number, RegExp]>([
    ['GitHub without its file', 'env pricing-page --consumer site --format github', 2, /GITHUB_ENV/],
    ['a name that is none', `env pricing-page --consumer site --name 'A=B'`, 2, /--name/],
    ['an unknown integration', 'env nobody --consumer site', 1, /no integration of this name/],
  ])('refuses %s, prints no token, and reports nothing', async (_, line, exit, says) => {
    const { command, reports } = await installation();
    expect(await command(line)).toEqual({ exit, out: '', err: expect.stringMatching(says) });
    expect(reports).toEqual([]);
  });

  test('says that there is no token yet, and exits 1', async () => {
    const { command, harness } = await installation();
    harness.ledger.states.clear();
    expect(await command('env pricing-page --consumer site')).toMatchObject({
      exit: 1,
      out: '',
      err: expect.stringContaining('no token yet'),
    });
  });
});

describe('paddlewheel env --expect', () => {
  test('waits until the token is current, and prints that one', async () => {
    const { command, harness } = await installation();
    const next = `ctkn_${'0'.repeat(26)}`;
    const { id } = harness.current ?? { id: next };
    const answer = await command(`env pricing-page --consumer site --expect ${next}`, {
      meanwhile: async () => {
        // The expected id is only known once it is minted: the current one stands in for it.
        harness.ledger.states.set('pricing-page', renamed(harness.ledger.states.get('pricing-page'), id, next));
      },
    });
    expect(answer).toMatchObject({ exit: 0, out: expect.stringMatching(/^PADDLE_CLIENT_TOKEN=test_/) });
    expect(answer.err).toContain(`Waiting until ${next}`);
  });

  test('gives up after the timeout, prints no token and reports nothing', async () => {
    const { command, reports } = await installation();
    const answer = await command(`env pricing-page --consumer site --timeout 30 --expect ctkn_${'0'.repeat(26)}`);
    expect(answer).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('within 30 seconds') });
    expect(reports).toEqual([]);
  });

  test('says at once when the token was superseded meanwhile', async () => {
    const { command, harness } = await installation();
    const first = harness.current?.id;
    await harness.reconcile({ command: commands.rotate({}) });
    const answer = await command(`env pricing-page --consumer site --expect ${first}`);
    expect(answer).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('is superseded by now') });
  });

  test.each(['0', '-1', 'soon', '3601'])('refuses a timeout of %s', async (timeout) => {
    const { command } = await installation();
    const line = `env pricing-page --consumer site --expect ctkn_x --timeout ${timeout}`;
    expect(await command(line)).toMatchObject({ exit: 2, err: expect.stringContaining('--timeout') });
  });
});

describe('paddlewheel exec', () => {
  test('runs the command with the token in its own environment, not in that of our options, and answers its exit code', async () => {
    const { aws, harness } = await installation();
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'paddlewheel-')), 'seen');
    const script = `require('fs').writeFileSync(${JSON.stringify(file)}, process.env.MY_TOKEN + ' ' + process.env.AWS_PROFILE); process.exit(7)`;
    async function* stdin() {}
    const io = {
      env: { ...process.env, AWS_PROFILE: 'ours' },
      inherited: { ...process.env, AWS_PROFILE: 'theirs' },
      stdin: stdin(),
      out: () => {},
      err: () => {},
      now: () => 0,
      rest: async () => {},
      ask: async () => undefined,
    };
    const options = { integration: 'pricing-page', consumer: 'site', name: 'MY_TOKEN' };
    expect(await exec([process.execPath, '-e', script], options, { io, aws })).toBe(7);
    expect(await readFile(file, 'utf8')).toBe(`${harness.current?.value} theirs`);
  });

  test('passes the options of the command on', async () => {
    const { command } = await installation();
    const node = process.execPath;
    const line = `exec pricing-page --consumer site -- ${node} -e 'process.exit(process.argv.length)' x --json`;
    expect(await command(line, { env: { PATH: process.env.PATH ?? '' } })).toMatchObject({ exit: 3 });
  });

  test('does not run the command without a token', async () => {
    const { command } = await installation();
    const line = `exec nobody --consumer site -- ${process.execPath} -e 'process.exit(9)'`;
    expect(await command(line)).toMatchObject({ exit: 1 });
  });
});

describe('paddlewheel deployed', () => {
  test('reports the token of its build, without printing the value', async () => {
    const { command, harness, reports } = await installation();
    await command('env pricing-page --consumer site --build 7');
    const { exit, out } = await command('deployed pricing-page --consumer site --build 7');
    expect([exit, out]).toEqual([0, expect.stringContaining(`site uses the current token ${harness.current?.id}`)]);
    expect(out).not.toMatch(/[ \t]$/m);
    expect(out).not.toContain(harness.current?.value);
    expect(reports).toMatchObject([{ phase: 'build' }, { phase: 'deploy', build: '7' }]);
  });

  test('of a build that never took a token is rejected', async () => {
    const { command } = await installation();
    const line = 'deployed pricing-page --consumer site --build 8';
    expect(await command(line)).toMatchObject({ exit: 1, err: expect.stringContaining('not known which token') });
  });
});

test('npx paddlewheel runs from a checkout, whatever Node is there', async () => {
  const launcher = path.resolve(import.meta.dirname, '../../cli/bin.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [launcher, '--help']);
  expect(stdout).toContain('Usage: paddlewheel');
});

describe('paddlewheel can-roll-back', () => {
  const reported = async () => {
    const world = await installation();
    await world.command('env pricing-page --consumer site --build 40');
    await world.harness.reconcile({ command: commands.rotate({}) });
    await world.command('env pricing-page --consumer site --build 41');
    return world;
  };

  test('allows the build of the current token, and that of one that is still valid', async () => {
    const { command } = await reported();
    expect(await command('can-roll-back pricing-page --build 41')).toMatchObject({ exit: 0 });
    const older = await command('can-roll-back pricing-page --consumer site --build 40');
    expect(older).toMatchObject({ exit: 0, out: expect.stringContaining('superseded and still valid') });
  });

  test('refuses a build whose token is revoked', async () => {
    const { command, harness } = await reported();
    const [first] = harness.state.tokens;
    await harness.reconcile({ command: commands.forceRevoke(first?.id ?? '', { reason: 'leaked' }) });
    const answer = await command('can-roll-back pricing-page --build 40');
    expect(answer).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('revoked for ever') });
  });

  test('refuses a build that nobody knows, whoever is asked', async () => {
    const { command } = await reported();
    expect(await command('can-roll-back pricing-page --build 7')).toMatchObject({ exit: 1, out: '' });
    const fresh = await installation();
    expect(await fresh.command('can-roll-back pricing-page --build 7')).toMatchObject({ exit: 1, out: '' });
  });
});
