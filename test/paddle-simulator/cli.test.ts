/** `npm run paddle`, as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

function start(...args: string[]) {
  const child = spawn(process.execPath, ['local/paddle/main.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  const output = { out: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.error += text;
  });
  return { child, output, exited: once(child, 'close'), spoke: once(child.stdout, 'data') };
}

const KEY = `pdl_live_apikey_01ghbkd0frb9k95cnhwd1bxpvk_${'a'.repeat(22)}_bcd`;

test('prints where it listens, takes the key it was given, and stops on Ctrl-C', async () => {
  const { child, output, exited, spoke } = start('--json', '--api-key', KEY);
  await spoke;
  const { url, apiKey, environment } = JSON.parse(output.out);
  expect([apiKey, environment]).toEqual([KEY, 'live']);
  const response = await fetch(`${url}/client-tokens`, { headers: { Authorization: `Bearer ${KEY}` } });
  expect(response.status).toBe(200);
  child.kill('SIGINT');
  expect(await exited).toEqual([0, null]);
});

test('prints lines to try for people', async () => {
  const { output, spoke } = start('--rate-limit', 'off');
  await spoke;
  expect(output.out).toMatch(/URL +http:\/\/127\.0\.0\.1:\d+\n/);
  expect(output.out).toMatch(/API key +pdl_sdbx_apikey_/);
  expect(output.out).toContain('curl -s http://127.0.0.1');
});

test('explains itself', async () => {
  const { output, exited } = start('--help');
  expect(await exited).toEqual([0, null]);
  for (const option of ['--port', '--json', '--api-key']) expect(output.out).toContain(option);
});

test.each([
  [['--port', ''], '--port'],
  [['--port', '70000'], '--port'],
  [['--api-key', 'secret'], 'API key'],
  [['--environment', 'production'], '--environment'],
  [['--rate-limit', '0'], '--rate-limit'],
  [['--colour'], '--colour'],
])('refuses %j', async (args, named) => {
  const { output, exited } = start(...args);
  expect(await exited).toEqual([1, null]);
  expect(output.error).toContain(named);
  expect(output.error).not.toContain('secret');
});
