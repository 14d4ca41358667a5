/** `paddlewheel trigger`, against the real way in of webhooks behind a real HTTP server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createIngest } from '../../lambdas/webhook/ingest.ts';
import { verifySignature } from '../../lambdas/webhook/verify-signature.ts';
import { WebhookSecrets } from '../../lambdas/webhook/webhook-secrets.ts';
import { RecordingLog, RecordingMetrics } from '../fakes/runtime.ts';
import { FakeReader, FakeWebhookTrail } from '../webhook/fakes.ts';
import { schemaFaults } from './schema-faults.ts';
import { installation } from './world.ts';

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});

/** An installation that takes webhooks. `secret`: what its function reads; the command reads `pdl_ntfset_01test_secret`. */
async function listening({ secret = 'pdl_ntfset_01test_secret', isLate = 0 } = {}) {
  const world = await installation();
  const trail = new FakeWebhookTrail();
  const [{ clock }, reader] = [world.harness, new FakeReader(secret)];
  const secrets = new WebhookSecrets(new Map([['sandbox', { secret: 'where it is' }]]), reader, clock);
  const parts = { trail, clock, secrets, log: new RecordingLog(), metrics: new RecordingMetrics() };
  const ingest = createIngest({ ...parts, verify: verifySignature as Parameters<typeof createIngest>[0]['verify'] });
  const headers: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const [, account] = /^\/webhooks\/paddle\/([\w-]+)$/.exec(request.url ?? '') ?? [];
    headers.push(String(request.headers['paddle-signature']));
    const event = {
      ...{ body: Buffer.concat(chunks).toString('base64'), isBase64Encoded: true },
      ...{ headers: request.headers, pathParameters: { account } },
    };
    const { statusCode, body } = await ingest(event as unknown as Parameters<typeof ingest>[0]);
    response.writeHead(statusCode).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  world.faults.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let reads = 0;
  world.aws.trailItem = async (pk, sk) => {
    reads += 1;
    return reads > isLate ? (trail.items.get(`${pk}|${sk}`) as never) : undefined;
  };
  return { ...world, trail, headers, reads: () => reads };
}

test('what is sent is signed, accepted, and in the trail as a simulation', async () => {
  const { command, trail, harness } = await listening();
  const before = harness.state;
  const { exit, out, err } = await command('trigger --event client_token.revoked');
  expect([exit, err]).toEqual([0, '']);
  const [stored] = trail.items.values();
  expect(stored).toMatchObject({ pk: 'SIMULATION#sandbox', kind: 'simulation', type: 'client_token.revoked' });
  expect(out).toContain(`is in the audit trail as ${stored?.id}. It is a simulation: no token was touched.\n`);
  expect(harness.state).toEqual(before);
});

test('what comes into the trail late is waited for, and not for ever', async () => {
  const late = await listening({ isLate: 3 });
  const { exit, out } = await late.command('trigger --json');
  expect(schemaFaults('trigger', out)).toEqual([]);
  expect(JSON.parse(out)).toMatchObject({ outcome: 'stored', status: 200, event: 'client_token.updated' });
  expect([exit, late.reads()]).toEqual([0, 4]);
  const never = await listening({ isLate: 1_000 });
  const answer = await never.command('trigger --timeout 5');
  expect(answer).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('not in the trail after 5 seconds') });
  expect(never.reads()).toBe(11);
});

test('a secret that is another one is refused and told, and never shown', async () => {
  const { command, headers } = await listening({ secret: 'pdl_ntfset_01another' });
  for (const line of ['trigger', 'trigger --json']) {
    const { exit, out, err } = await command(line);
    expect(exit).toBe(1);
    expect(out + err).toMatch(/answered 401\. It refuses the signature/);
    for (const secret of ['test_secret', ...headers.map((header) => header.slice(-64))])
      expect(out + err).not.toContain(secret);
  }
});

test('while the secret is being replaced, both sign', async () => {
  const { command, faults, headers } = await listening({ secret: 'second' });
  faults.secret = '{"endpoint_secret_keys":["first","second"]}';
  expect((await command('trigger')).exit).toBe(0);
  expect(headers[0]).toMatch(/^ts=\d+;h1=[0-9a-f]{64};h1=[0-9a-f]{64}$/);
});

test.each<[string, string, number, RegExp]>([
  ['an account that is not there', 'trigger --account live', 2, /There is no account "live"/],
  ['a type that is none', "trigger --event 'a b'", 2, /--event is the type/],
  ['a time that is none', 'trigger --timeout 0', 2, /--timeout/],
  ['an address that is none', 'trigger --webhook-url shop', 2, /--webhook-url begins with/],
  [
    'an address where nobody is',
    'trigger --webhook-url http://127.0.0.1:1',
    1,
    /was not reached: .*ECONNREFUSED|bad port/,
  ],
  ['an address that anyone on the way can read', 'trigger --webhook-url http://shop.example', 2, /begins with https/],
  [
    'an address with a password',
    'trigger --webhook-url https://a:hush@shop.example',
    2,
    /^(?![\s\S]*hush).*no password/,
  ],
  [
    'an address with a query',
    'trigger --webhook-url https://shop.example/?key=hush',
    2,
    /^(?![\s\S]*hush).*no password/,
  ],
  ['an address of somebody else', 'trigger --webhook-url BASE/elsewhere', 1, /answered 404/],
])('%s', async (_, line, exit, said) => {
  const { command, faults, trail } = await listening();
  expect(await command(line.replace('BASE', faults.base))).toMatchObject({
    exit,
    out: '',
    err: expect.stringMatching(said),
  });
  expect(trail.items.size).toBe(0);
});

test('no secret yet is said', async () => {
  const { command, faults } = await listening();
  faults.secret = '';
  expect((await command('trigger')).err).toMatch(/no webhook secret of account sandbox yet/);
});

test.each<[number, RegExp]>([
  [302, /leads elsewhere/],
  [403, /refuses the caller/],
  [429, /too much at once.*again in a minute/],
  [500, /its log says why/],
  [502, /its log says why/],
  [503, /its log says why/],
])('an API that answers %i', async (status, said) => {
  const { command, faults, trail } = await listening();
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { location: `${faults.base}/webhooks/paddle/sandbox` }).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { exit, out, err } = await command(`trigger --webhook-url ${base}`);
  expect([exit, out, err]).toEqual([1, '', expect.stringMatching(said)]);
  expect(trail.items.size).toBe(0);
});
