import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { webhookBase } from '../../cli/aws.ts';
import { freshWatermark } from '../../lambdas/backfill/watermark.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { AlertError } from '../../lambdas/domain/errors.ts';
import { HOUR, later } from '../../lambdas/domain/time.ts';
import { freshRecord } from '../../lambdas/registrar/destinations/model.ts';
import { START } from '../builders/integration.ts';
import { installation } from './world.ts';

let server: Server;
let base: string;
let status = 401;
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(request.url === '/webhooks/paddle/sandbox' ? status : 404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => void server.close());
beforeEach(() => {
  status = 401;
});

async function well() {
  const world = await installation();
  world.faults.base = base;
  return world;
}

test.each(['http://shop.example', 'https://a:hush@shop.example', 'https://shop.example?key=hush', 'shop'])(
  '--webhook-url %s is refused as `trigger` refuses it',
  async (url) => {
    const { command } = await installation();
    const { exit, out, err } = await command(`doctor --webhook-url ${url}`);
    expect([exit, err]).toEqual([2, expect.stringContaining('--webhook-url ')]);
    expect(out + err).not.toContain('hush');
  },
);

test('a healthy installation has nothing to complain about, and is not changed', async () => {
  const { command, harness } = await well();
  const before = harness.state.version;
  const { exit, out } = await command('doctor');
  expect([exit, out]).toEqual([0, expect.stringContaining('All is well.')]);
  expect(out).toContain('holds the current token');
  expect(harness.state.version).toBe(before);
});

type World = Awaited<ReturnType<typeof well>>;
test.each<[string, (world: World) => unknown, RegExp]>([
  [
    'a function that is not there',
    (w) => w.faults.functions.set(NAMES.observe, 'Failed'),
    /FAULT {2}function paddlewheel-observe: Failed/,
  ],
  ...[NAMES.backfill, NAMES.registrar].map((name): [string, (world: World) => unknown, RegExp] => [
    `${name} that is not there`,
    (w) => w.faults.functions.set(name, 'missing'),
    new RegExp(`FAULT {2}function ${name}: Function not found.*\n.*npx cdk deploy`),
  ]),
  ...[NAMES.hooks, NAMES.seen].map((name): [string, (world: World) => unknown, RegExp] => [
    `${name} that cannot run`,
    (w) => w.faults.functions.set(name, 'Failed'),
    new RegExp(`FAULT {2}function ${name}: Failed`),
  ]),
  [
    'a table on its way out',
    (w) => w.faults.tables.set('ledger', 'DELETING'),
    /FAULT {2}table of the ledger: DELETING/,
  ],
  [
    'a heartbeat that stopped',
    (w) => {
      w.faults.beating = false;
    },
    /FAULT {2}heartbeat: has not run/,
  ],
  [
    'what is long overdue',
    (w) => w.harness.clock.advance(400 * 86_400_000),
    /FAULT {2}heartbeat: 1 overdue; pricing-page since/,
  ],
  [
    'a target with something else in it',
    (w) => w.harness.targets.put({ kind: 'ssm', name: '/paddle/pricing-page/client-token' }, 'x'),
    /FAULT {2}pricing-page ssm:.*something other/,
  ],
  [
    'a token that Paddle calls revoked',
    (w) => w.harness.paddle.revoke(w.harness.current?.id ?? ''),
    /FAULT {2}pricing-page Paddle: .*revoked/,
  ],
  [
    'an API key that Paddle refuses',
    (w) => {
      w.harness.paddle.get = () => Promise.reject(new AlertError('authentication_malformed', 'the API key is refused'));
    },
    /FAULT {2}pricing-page Paddle: the API key is refused/,
  ],
  [
    'a webhook that is let in unsigned',
    () => {
      status = 200;
    },
    /FAULT {2}webhooks of sandbox: .* answers 200/,
  ],
  [
    'a destination in failure',
    (w) => {
      const failure = { code: 'forbidden', message: 'the API key may not', since: START };
      w.webhooks.destination = { ...w.webhooks.destination, failure };
    },
    /FAULT {2}destination of sandbox: the API key may not \(forbidden, since 20.*\n.*paddlewheel-registrar says why/,
  ],
  [
    'a destination that was never registered',
    (w) => {
      w.webhooks.destination = freshRecord('sandbox');
    },
    /FAULT {2}destination of sandbox: is not registered at Paddle yet\n.*paddlewheel-webhook-maintenance/,
  ],
  [
    'a new webhook secret that does not get into service',
    (w) => replaceSecret(w, { requestedAt: later(START, -4 * HOUR) }),
    /FAULT {2}destination of sandbox: ntfset_1: its secret is being replaced since .*, and it does not get on\n.*hourly maintenance/,
  ],
  [
    'an old webhook secret that stays in service',
    (w) => replaceSecret(w, { requestedAt: later(START, -9 * HOUR), openedAt: later(START, -8 * HOUR) }),
    /FAULT {2}destination of sandbox: ntfset_1: its secret is being replaced since .*, and it does not end\n/,
  ],
  [
    'a trail that was never compared with Paddle’s list',
    (w) => {
      w.webhooks.mark = freshWatermark('sandbox');
      w.webhooks.destination = { ...w.webhooks.destination, secretSince: later(START, -6 * HOUR) };
    },
    /FAULT {2}trail of sandbox: has never been compared.*\n.*notification.read.*paddlewheel-backfill/,
  ],
  [
    'a trail that is six hours behind',
    (w) => {
      w.webhooks.mark = { ...w.webhooks.mark, completeThrough: later(START, -6 * HOUR) };
    },
    /FAULT {2}trail of sandbox: is complete up to .*, 361 minutes ago, and no further\n.*PaddlewheelAuditStale/,
  ],
  [
    'an API that is not there',
    (w) => {
      w.faults.base = '';
    },
    /FAULT {2}webhooks of sandbox: no API/,
  ],
])('%s is found, with what to do about it', async (_, spoil, says) => {
  const world = await well();
  await spoil(world);
  const { exit, out } = await world.command('doctor');
  expect(exit).toBe(1);
  expect(out).toMatch(says);
});

function replaceSecret(world: World, times: { requestedAt: string; openedAt?: string }): void {
  const rotation = { to: 2, overlapMs: 4 * HOUR, ...times };
  world.webhooks.destination = { ...world.webhooks.destination, rotation };
}

test('a secret that is being replaced in time is told, and is no fault', async () => {
  const world = await well();
  replaceSecret(world, { requestedAt: later(START, -HOUR) });
  expect(await world.command('doctor')).toMatchObject({
    exit: 0,
    out: expect.stringMatching(
      /ok {5}destination of sandbox: ntfset_1 is registered; its secret is being replaced since/,
    ),
  });
  replaceSecret(world, { requestedAt: later(START, -2 * HOUR), openedAt: later(START, -HOUR) });
  const { exit, out } = await world.command('doctor');
  expect([exit, out]).toEqual([0, expect.stringContaining(`both are valid until ${later(START, 3 * HOUR)}`)]);
});

test('an account whose webhooks are kept by hand needs no destination', async () => {
  const world = await well();
  world.webhooks.destination = freshRecord('sandbox');
  world.harness.ledger.accounts.set('sandbox', { ...world.harness.account, webhooks: 'manual' });
  const { exit, out } = await world.command('doctor');
  expect([exit, out]).toEqual([0, expect.stringContaining('destination of sandbox: kept by hand')]);
});

test('an installation without deploy hooks does not miss their function', async () => {
  const world = await well();
  expect((await world.command('doctor')).out).toContain('function paddlewheel-hooks: is there');
  world.faults.functions.set(NAMES.hooks, 'missing');
  const { exit, out } = await world.command('doctor');
  expect(exit).toBe(0);
  expect(out).not.toContain(NAMES.hooks);
});

test.each([
  ['COMPLETED', 0],
  ['FAILED: access denied', 1],
  [undefined, 1],
])('the archive is checked when asked for: %s', async (last, exit) => {
  const world = await well();
  world.faults.lastExport = last;
  expect((await world.command('doctor --archive')).exit).toBe(exit);
  expect((await world.command('doctor')).exit).toBe(0);
});

test('without credentials there is one finding, which says so', async () => {
  const { command, aws } = await well();
  aws.identity = () => Promise.reject(new Error('Could not load credentials'));
  const { exit, out } = await command('doctor --json');
  expect([exit, JSON.parse(out)]).toMatchObject([1, { ok: false, findings: [{ what: 'credentials', ok: false }] }]);
});

describe('the address of the webhooks is read off the function’s policy', () => {
  const policy = JSON.stringify({
    Statement: [
      {
        Condition: {
          ArnLike: {
            'AWS:SourceArn': 'arn:aws:execute-api:eu-west-1:123456789012:abc123/*/*/webhooks/paddle/{account}',
          },
        },
      },
    ],
  });
  test.each([
    ['on AWS', undefined, 'https://abc123.execute-api.eu-west-1.amazonaws.com'],
    ['on a stand-in', 'http://127.0.0.1:4566/', 'http://127.0.0.1:4566/_aws/execute-api/abc123'],
  ])('%s', (_, endpoint, expected) => expect(webhookBase(policy, endpoint)).toBe(expected));
  test('and is unknown when no API may invoke it', () => expect(webhookBase('{}', undefined)).toBeUndefined());
});

test('a new installation is well before its trail was first compared, and for as long as that may take', async () => {
  const w = await installation();
  const { destination } = w.webhooks;
  for (const mark of [freshWatermark('sandbox'), { ...freshWatermark('sandbox'), version: 1, begunAt: START }]) {
    w.webhooks.mark = mark;
    w.webhooks.destination = { ...destination, secretSince: START };
    const { out } = await w.command('doctor');
    expect(out).toMatch(/ok {5}trail of sandbox: is compared .* for the first time within the hour/);
  }
});
