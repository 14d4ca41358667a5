/** `npm run aws:smoke` as a person runs it, against the local AWS; and what it refuses. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { PROJECT } from '../../local/python.ts';
import type { Place } from '../../local/smoke/place.ts';
import { smokeTest } from '../../local/smoke/run.ts';
import { SandboxPaddle } from '../../local/smoke/sandbox-paddle.ts';

const MAIN = path.join(PROJECT, 'local', 'smoke', 'main.ts');
const SANDBOX_KEY = `pdl_sdbx_apikey_${'0'.repeat(53)}`;

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const { AWS_REGION: _, PADDLE_SANDBOX_API_KEY: __, PADDLEWHEEL_AWS_URL: ___, ...own } = process.env;
    execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...own, ...env }, timeout: 500_000 },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });

test('proves everything, and leaves nothing', async () => {
  const { code, output } = await run(['--local']);
  expect(output).toContain('Proved (7)');
  expect(output).toContain('Nothing is left of it.');
  expect(output).toContain('point-in-time recovery of the ledger');
  expect(output).not.toContain('FAILED');
  expect(code).toBe(0);
}, 600_000);

test.each([
  ['a live key', ['--yes'], { PADDLE_SANDBOX_API_KEY: `pdl_live_apikey_${'0'.repeat(53)}` }, 'live key. Refused', 1],
  ['something else for a key', ['--yes'], { PADDLE_SANDBOX_API_KEY: 'secret' }, 'does not begin with pdl_sdbx_', 1],
  ['no key', ['--yes'], {}, 'PADDLE_SANDBOX_API_KEY is not set', 1],
  ['no region', ['--yes'], { PADDLE_SANDBOX_API_KEY: SANDBOX_KEY }, 'AWS_REGION is not set', 1],
  ['to cost anything unasked', [], { PADDLE_SANDBOX_API_KEY: SANDBOX_KEY }, 'About 0.03 US dollars', 2],
] as const)('refuses %s', async (_, args, env, says, status) => {
  const { code, output } = await run(args, { AWS_DEFAULT_REGION: undefined, ...env });
  expect(output).toContain(says);
  expect(output).not.toContain('0'.repeat(53));
  expect(code).toBe(status);
});

test('is destroyed after a failure, too, and says what it could not look for', async () => {
  const said: string[] = [];
  const destroyed: string[] = [];
  const nowhere = 'http://127.0.0.1:1';
  const place: Place = {
    title: 'a place where nothing answers',
    isLocal: true,
    paddle: new SandboxPaddle(SANDBOX_KEY, nowhere),
    settings: { region: 'us-east-1', endpoint: nowhere, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
    deploy: () => Promise.reject(new Error('never reached')),
    destroy: async (stack) => void destroyed.push(stack),
    stop: async () => {},
  };
  expect(await smokeTest(place, 'pws-none', (line) => void said.push(line))).toBe(1);
  expect(destroyed).toEqual(['PwsNone']);
  expect(said.join('\n')).toMatch(/FAILED: .*\n/);
  expect(said.join('\n')).toMatch(/tables that begin with pws-none: could not be looked for/);
});
