/** The program as a process: what a pipe, a signal and the environment do to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from '../../infra/root.ts';

/** Accepts every question, and answers none. */
const server = createServer();
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function started(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { PATH, NODE_COMPILE_CACHE = '' } = process.env;
  const own = { PATH, NODE_COMPILE_CACHE, HOME: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true', ...env };
  return spawn(process.execPath, [path.join(ROOT, 'cli/bin.mjs'), ...args], { env: own });
}

async function ended(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = started(args, env);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, out, err };
}

const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
const nobody = { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };

test('a pipe that is closed early ends it quietly, and never as if all were well', async () => {
  const child = started(['--help']);
  child.stdout.destroy();
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect([code, err]).toEqual([141, '']);
}, 60_000);

test('Ctrl-C ends a watch that waits for an answer', async () => {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = started(['status', '--watch'], { ...keys, AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: endpoint });
  await once(server, 'request');
  child.kill('SIGINT');
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  expect([code, out, err]).toEqual([0, '', '']);
  // Well below what a function may take, which would be waited for.
}, 60_000);

test.each<[string, Record<string, string>, RegExp]>([
  ['an empty region is none', { ...nobody, AWS_REGION: '' }, /^Region is missing\n {2}-> Say which region/],
  ['the region of the AWS CLI counts', { ...nobody, AWS_DEFAULT_REGION: 'eu-west-1' }, /ECONNREFUSED/],
  [
    'also beside an empty one',
    { ...nobody, AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1', AWS_PROFILE: '' },
    /ECONNREFUSED/,
  ],
  ['what is no region is told', { ...nobody, AWS_REGION: 'eu west' }, /Region not accepted.*\n {2}-> Say which region/],
])(
  '%s',
  async (_, env, said) => {
    expect(await ended(['status'], env)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(said) });
  },
  60_000,
);

test('with --json a failure is JSON', async () => {
  const { code, out } = await ended(['status', '--json'], nobody);
  expect([code, JSON.parse(out)]).toEqual([
    1,
    { outcome: 'failed', message: 'Region is missing', remedy: expect.stringMatching(/^Say which region/) },
  ]);
}, 60_000);
