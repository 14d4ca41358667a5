import { defineConfig, parseConfig } from '../../infra/config.ts';
import sample from '../../paddlewheel.config.ts';
import twoAccounts from '../resources/two-accounts.config.ts';
import {
  account,
  complaint,
  config,
  DAY,
  dispatch,
  EMPTY,
  hook,
  integration,
  other,
  withAccount,
  withIntegration,
  withTwo,
} from './config-inputs.ts';

describe('a complete configuration', () => {
  test('publishes to several keys of one secret, and reads what was published to before', () => {
    const keys = ['A', 'B'].map((jsonKey) => ({ secret: 'web', jsonKey }));
    const formerTargets = [{ secret: 'web', jsonKey: 'C' }, { ssmParameter: '/old' }];
    const parsed = parseConfig(withTwo({ publishTo: [keys[0]], formerTargets }, { publishTo: [keys[1]] }), {});
    expect(parsed.integrations.map(({ targets, formerTargets }) => [targets, formerTargets])).toEqual([
      [
        [{ kind: 'secret', name: 'web', jsonKey: 'A' }],
        [
          { kind: 'secret', name: 'web', jsonKey: 'C' },
          { kind: 'ssm', name: '/old' },
        ],
      ],
      [[{ kind: 'secret', name: 'web', jsonKey: 'B' }], undefined],
    ]);
  });

  test('gets every default, in milliseconds', () => {
    const parsed = parseConfig(config(), {});
    expect(parsed.accounts).toEqual([
      {
        name: 'main',
        environment: 'sandbox',
        apiUrl: 'https://sandbox-api.paddle.com',
        apiKey: { secret: 'paddle/api-key' },
        webhookSecret: { secret: 'paddlewheel/main/webhook-secret' },
        maxRevocationsPerRun: 5,
        webhooks: 'managed',
        proveWebhooks: true,
      },
    ]);
    expect(parsed.integrations).toEqual([
      {
        name: 'pricing-page',
        account: 'main',
        schedule: { every: 2_592_000_000 },
        graceMs: 172_800_000,
        graceFrom: 'published',
        targets: [{ kind: 'ssm', name: '/paddle/pricing-page' }],
        consumers: [],
        sites: [],
        scans: { count: 3, overMs: 1_800_000 },
        lookBackMs: 2_592_000_000,
        holdAlarmAfterMs: 604_800_000,
        drift: 'restore',
      },
    ]);
    expect(parsed).toMatchObject({ alarms: { email: [] }, logRetentionDays: 90 });
  });

  test('keeps the rules of consumers, and a name alone as a name', () => {
    const shop = { name: 'shop', everyBuildDeploys: true, branches: ['main'], stages: ['production', 'eu'] };
    const { integrations } = parseConfig(withIntegration({ consumers: ['blog', { name: 'docs' }, shop] }), {});
    expect(integrations[0]?.consumers).toEqual(['blog', 'docs', shop]);
  });

  test('keeps what is written', () => {
    const [, , checkout, portal] = parseConfig(twoAccounts, {}).integrations;
    expect(checkout).toEqual({
      name: 'checkout',
      account: 'live-eu',
      schedule: { cron: '30 2 * * 1', timezone: 'America/New_York' },
      graceMs: 7 * DAY,
      graceFrom: 'deployed',
      targets: [{ kind: 'secret', name: 'paddle/checkout/client-token' }],
      sites: [{ url: 'https://example.com/checkout', extraOrigins: ['https://static.example.com'] }],
      scans: { count: 5, overMs: 7_200_000 },
      consumers: ['shop', 'shop-mobile'],
      lookBackMs: 60 * DAY,
      holdAlarmAfterMs: 3 * DAY,
      drift: 'restore',
    });
    expect(portal?.adopt).toBe('ctkn_01j9zv4tnmk8w2f7q3c5x6y7z8');
  });

  test('completes deploy hooks', () => {
    const [parsed] = parseConfig(withIntegration({ deployHooks: [hook, dispatch] }), {}).integrations;
    expect(parsed?.deployHooks).toEqual([
      hook,
      { ...dispatch, eventType: 'client-token-published', apiUrl: 'https://api.github.com' },
    ]);
  });

  describe('with beacons', () => {
    const silent = (seen: unknown, more: object = {}) =>
      parseConfig(config({ accounts: { main: { ...account, seen } }, integrations: [{ ...integration, ...more }] }), {})
        .integrations[0]?.seen;

    test.each<[unknown, unknown]>([
      [true, { silentForMs: 3 * DAY }],
      [{}, { silentForMs: 3 * DAY }],
      [{ silentFor: '36 hours' }, { silentForMs: 1.5 * DAY }],
      [{ silentFor: '90 days' }, { silentForMs: 90 * DAY }],
      [false, undefined],
      [undefined, undefined],
    ])('%j: every integration of the account must have been silent for %j', (seen, expected) => {
      expect(silent(seen)).toEqual(expected);
    });

    test('an integration may leave them out, and one of another account has none', () => {
      expect(silent(true, { seen: false })).toBeUndefined();
      const two = { accounts: { main: account, other: { ...account, seen: true } } };
      const [first, second] = parseConfig(
        { ...two, integrations: [integration, { ...other, account: 'other' }] },
        {},
      ).integrations;
      expect([first, second?.seen]).toEqual([
        expect.not.objectContaining({ seen: expect.anything() }),
        { silentForMs: 3 * DAY },
      ]);
    });
  });

  test('is frozen to the bottom', () => {
    const parsed = parseConfig(sample, {});
    expect(Object.isFrozen(parsed)).toBe(true);
    expect(Object.isFrozen(parsed.integrations[0]?.targets[0])).toBe(true);
  });

  test('is what defineConfig was given', () => {
    const input = { accounts: {}, integrations: [] };
    expect(defineConfig(input)).toBe(input);
  });
});

test.each<[string, unknown]>([
  [
    'a secret by its ARN',
    withAccount({ apiKey: { secret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbC123' } }),
  ],
  ['one deploy hook of two integrations', withTwo({ deployHooks: [hook] }, { deployHooks: [hook] })],
  ['no integrations yet', config({ integrations: [] })],
  ['http on this machine', withIntegration({ sites: ['http://localhost:8080/pricing', 'http://127.0.0.1/'] })],
  ['one consumer of two integrations', withTwo({ consumers: ['site'] }, { consumers: ['site'] })],
  ['cron every hour', withIntegration({ rotate: { cron: '0 * * * *', timezone: 'Asia/Kolkata' } })],
])('%s is accepted', (_, input) => {
  expect(complaint(input)).toBe('');
});

test('all faults come in one error, those across integrations included', () => {
  const input = {
    accounts: { main: { ...account, apiKey: {} } },
    integrations: [{ ...integration, grace: '' }, integration],
    x: 1,
  };
  const faults = complaint(input).split('\n');
  expect(faults).toHaveLength(5);
  expect(faults.map((fault) => fault.split(':')[0])).toEqual([
    'accounts.main.apiKey',
    'integrations[0].grace',
    'x',
    'integrations[1].name',
    'integrations[1].publishTo[0]',
  ]);
});

test('the error reads as a list', () => {
  expect(() => parseConfig(withIntegration({ grace: '', publishTo: [] }), {})).toThrow(
    `the configuration has 2 faults:\n  integrations[0].grace: ${EMPTY}\n  integrations[0].publishTo: must name at least one target`,
  );
});

test('a spread is part of the schedule', () => {
  const monthly = { cron: '0 3 1 * *', timezone: 'Europe/London', spread: '30 minutes' };
  const [parsed] = parseConfig(withIntegration({ rotate: monthly }), {}).integrations;
  expect(parsed?.schedule).toEqual({ cron: '0 3 1 * *', timezone: 'Europe/London', spreadMs: 1_800_000 });
  const [every] = parseConfig(withIntegration({ rotate: { every: '30 days', spread: '6 hours' } }), {}).integrations;
  expect(every?.schedule).toEqual({ every: 30 * DAY, spreadMs: 21_600_000 });
});

test.each([0, 1.5, 101, '4'])('%p addresses that call Paddle are refused', (paddleAddresses) => {
  expect(complaint(config({ paddleAddresses }))).toMatch(/^paddleAddresses: must be/);
});

test('more accounts than a Lambda environment has room for are refused', () => {
  const accounts = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`account-${index}`, account]));
  expect(complaint({ accounts, integrations: [] })).toMatch(
    /^accounts: the places of the webhook secrets take \d+ characters/,
  );
});

describe('PADDLEWHEEL_PADDLE_URL', () => {
  const at = (url: string) => ({ PADDLEWHEEL_PADDLE_URL: url });

  test('replaces the address of every account', () => {
    const { accounts } = parseConfig(twoAccounts, at('http://localhost:4242/'));
    expect(accounts.map(({ apiUrl }) => apiUrl)).toEqual(['http://localhost:4242', 'http://localhost:4242']);
  });

  test('changes nothing when empty', () => {
    expect(parseConfig(config(), at('')).accounts[0]?.apiUrl).toBe('https://sandbox-api.paddle.com');
  });

  test.each([
    ['plain http to another machine', 'http://paddle.test', 'PADDLEWHEEL_PADDLE_URL: must begin with https://'],
    ['no URL', 'localhost', 'PADDLEWHEEL_PADDLE_URL: "localhost" is not a URL'],
    [
      'the live address for a sandbox account',
      'https://api.paddle.com',
      `PADDLEWHEEL_PADDLE_URL: is Paddle's live address, but account "main" is not live`,
    ],
  ])('is refused as %s', (_, url, expected) => {
    expect(complaint(config(), at(url))).toContain(expected);
  });
});

describe('PADDLEWHEEL_ALLOW_SHORT', () => {
  const seconds = withIntegration({ rotate: { every: '20 seconds' }, grace: '5 seconds' });

  test('allows rotations every few seconds when it is 1', () => {
    expect(parseConfig(seconds, { PADDLEWHEEL_ALLOW_SHORT: '1' }).integrations[0]).toMatchObject({
      schedule: { every: 20_000 },
      graceMs: 5_000,
    });
  });

  test.each(['', '0', 'true'])('allows nothing when it is "%s"', (value) => {
    expect(complaint(seconds, { PADDLEWHEEL_ALLOW_SHORT: value })).toContain('must be at least 1 hour');
  });
});
