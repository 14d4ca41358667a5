import { type ConfigEnvironment, ConfigError, defineConfig, parseConfig } from '../../infra/config.ts';
import sample from '../../paddlewheel.config.ts';
import twoAccounts from '../resources/two-accounts.config.ts';

const DAY = 24 * 60 * 60 * 1000;

const account = { environment: 'sandbox', apiKey: { secret: 'paddle/api-key' } };
const integration = {
  name: 'pricing-page',
  account: 'main',
  rotate: { every: '30 days' },
  publishTo: [{ ssmParameter: '/paddle/pricing-page' }],
};
const hook = { kind: 'webhook', url: { secret: 'hooks/netlify' } };
const dispatch = { kind: 'github', repository: 'acme/shop', token: { secret: 'hooks/github' } };
const other = { ...integration, name: 'checkout', publishTo: [{ secret: 'paddle/checkout' }] };
const config = (change: object = {}) => ({ accounts: { main: account }, integrations: [integration], ...change });
const withAccount = (change: object) => config({ accounts: { main: { ...account, ...change } } });
const withIntegration = (change: object) => config({ integrations: [{ ...integration, ...change }] });
const withTwo = (first: object, second: object) =>
  config({
    integrations: [
      { ...integration, ...first },
      { ...other, ...second },
    ],
  });

/** `''` when there is nothing to complain about. */
function complaint(input: unknown, environment: ConfigEnvironment = {}): string {
  try {
    parseConfig(input, environment);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.join('\n');
    throw error;
  }
}

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

const BAD_NAME = 'must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen';
const EMPTY = 'is empty: give a length of time, or leave the setting out';

test.each<[string, unknown, string]>([
  ['nothing at all', undefined, 'configuration: is missing'],
  ['a list', [], 'configuration: must be object, not array'],
  ['no accounts', config({ accounts: undefined }), 'accounts: is missing'],
  ['an unknown setting', config({ region: 'eu' }), 'region: is not a setting that Paddlewheel knows'],
  ['an unknown setting deep inside', withIntegration({ grce: '1 day' }), 'integrations[0].grce: is not a setting'],
  [
    'an account name with a space',
    config({ accounts: { 'my account': account, main: account } }),
    `accounts.my account: the name ${BAD_NAME}`,
  ],
  [
    'an unknown environment',
    withAccount({ environment: 'production' }),
    'accounts.main.environment: must be "sandbox" or "live"',
  ],
  ['no API key', withAccount({ apiKey: undefined }), 'accounts.main.apiKey: is missing'],
  ['an empty API key source', withAccount({ apiKey: { secret: '' } }), 'accounts.main.apiKey.secret: is empty'],
  [
    'an API key source that names nothing',
    withAccount({ apiKey: {} }),
    'accounts.main.apiKey: needs exactly one of "secret" and "ssmParameter"',
  ],
  [
    'an API key from two places',
    withAccount({ apiKey: { secret: 'a', ssmParameter: 'b' } }),
    'accounts.main.apiKey: needs exactly one of',
  ],
  [
    'the API key itself as its source',
    withAccount({ apiKey: 'pdl_sdbx_apikey_x' }),
    'accounts.main.apiKey: must be object, not string',
  ],
  [
    'a managed webhook secret in SSM',
    withAccount({ webhookSecret: { ssmParameter: '/webhook' } }),
    'accounts.main.webhookSecret: is an SSM parameter, but Paddlewheel keeps the webhook secret in Secrets Manager: name a secret, or set webhooks: "manual"',
  ],
  [
    'webhooks kept by nobody',
    withAccount({ webhooks: 'none' }),
    'accounts.main.webhooks: must be "managed" or "manual"',
  ],
  [
    'a cap of nothing',
    withAccount({ maxRevocationsPerRun: 0 }),
    'accounts.main.maxRevocationsPerRun: must be at least 1',
  ],
  [
    'a sandbox account at the live address',
    withAccount({ apiUrl: 'https://api.paddle.com/' }),
    `accounts.main.apiUrl: is Paddle's live address, but account "main" is not live`,
  ],
  [
    'plain http to another machine',
    withAccount({ apiUrl: 'http://paddle.test' }),
    'accounts.main.apiUrl: must begin with https:// (http:// only for localhost)',
  ],
  [
    'credentials in an address',
    withAccount({ apiUrl: 'https://a:b@paddle.test' }),
    'accounts.main.apiUrl: must hold no credentials',
  ],
  ['a name in capitals', withIntegration({ name: 'Pricing' }), `integrations[0].name: ${BAD_NAME}`],
  ['a name of 64 characters', withIntegration({ name: 'a'.repeat(64) }), `integrations[0].name: ${BAD_NAME}`],
  ['an empty name', withIntegration({ name: '' }), 'integrations[0].name: is empty'],
  [
    'an account that is not there',
    withIntegration({ account: 'mian' }),
    'integrations[0].account: there is no account "mian" (accounts: main)',
  ],
  ['no schedule', withIntegration({ rotate: {} }), 'integrations[0].rotate: needs exactly one of "every" and "cron"'],
  [
    'two schedules',
    withIntegration({ rotate: { every: '2 days', cron: '0 0 * * *', timezone: 'UTC' } }),
    'integrations[0].rotate: needs exactly one of',
  ],
  [
    'cron without a time zone',
    withIntegration({ rotate: { cron: '0 3 1 * *' } }),
    'integrations[0].rotate.timezone: is missing',
  ],
  [
    'a distance with a time zone',
    withIntegration({ rotate: { every: '2 days', timezone: 'UTC' } }),
    'integrations[0].rotate.timezone: belongs to "cron"',
  ],
  [
    'a time zone that does not exist',
    withIntegration({ rotate: { cron: '0 3 1 * *', timezone: 'Europe/Lodnon' } }),
    'integrations[0].rotate.timezone: "Europe/Lodnon" is not an IANA time zone',
  ],
  [
    'an offset in the place of a time zone',
    withIntegration({ rotate: { cron: '0 3 1 * *', timezone: '+01:00' } }),
    'integrations[0].rotate.timezone: "+01:00" is not an IANA time zone',
  ],
  [
    'cron with seconds',
    withIntegration({ rotate: { cron: '0 0 3 1 * *', timezone: 'UTC' } }),
    'integrations[0].rotate.cron: "0 0 3 1 * *" must have exactly five fields',
  ],
  [
    'cron by nickname',
    withIntegration({ rotate: { cron: '@daily', timezone: 'UTC' } }),
    'integrations[0].rotate.cron: "@daily" must have exactly five fields',
  ],
  [
    'cron with an hour of 25',
    withIntegration({ rotate: { cron: '0 25 * * *', timezone: 'UTC' } }),
    'integrations[0].rotate.cron: "0 25 * * *" is not a cron expression',
  ],
  [
    'cron that never comes',
    withIntegration({ rotate: { cron: '0 0 30 2 *', timezone: 'UTC' } }),
    'integrations[0].rotate.cron: "0 0 30 2 *" never comes',
  ],
  [
    'cron every half hour',
    withIntegration({ rotate: { cron: '*/30 * * * *', timezone: 'UTC' } }),
    'integrations[0].rotate.cron: "*/30 * * * *" comes more often than hourly',
  ],
  [
    'a spread as long as the distance of two slots',
    withIntegration({ rotate: { cron: '0 3 * * *', timezone: 'UTC', spread: '24 hours' } }),
    'integrations[0].rotate.spread: must be shorter than the distance of two slots',
  ],
  [
    'a spread as long as a fixed distance',
    withIntegration({ rotate: { every: '2 days', spread: '48 hours' } }),
    'integrations[0].rotate.spread: must be shorter than the distance of two slots',
  ],
  [
    'an empty spread',
    withIntegration({ rotate: { every: '2 days', spread: '' } }),
    'integrations[0].rotate.spread: is empty',
  ],
  [
    'a bare number as spread',
    withIntegration({ rotate: { every: '2 days', spread: 30 } }),
    'integrations[0].rotate.spread: 30 has no unit',
  ],
  [
    'a bare number',
    withIntegration({ rotate: { every: 30 } }),
    'integrations[0].rotate.every: 30 has no unit; write for instance "30 hours"',
  ],
  [
    'more often than hourly',
    withIntegration({ rotate: { every: '59 minutes' } }),
    'integrations[0].rotate.every: must be at least 1 hour',
  ],
  [
    'a month, which has no length',
    withIntegration({ rotate: { every: '1 month' } }),
    'integrations[0].rotate.every: "1 month" is not a length of time',
  ],
  ['an empty grace', withIntegration({ grace: '' }), `integrations[0].grace: ${EMPTY}`],
  ['a grace of nothing', withIntegration({ grace: '0 hours' }), 'integrations[0].grace: must be at least 1 second'],
  ['a grace of null', withIntegration({ grace: null }), 'integrations[0].grace: must be string, not null'],
  ['a bare zero as grace', withIntegration({ grace: 0 }), 'integrations[0].grace: 0 has no unit'],
  [
    'a grace of more than a year',
    withIntegration({ grace: '366 days' }),
    'integrations[0].grace: must be at most 365 days',
  ],
  ['an empty look-back', withIntegration({ lookBack: '' }), `integrations[0].lookBack: ${EMPTY}`],
  [
    'grace from nowhere',
    withIntegration({ graceFrom: 'minted' }),
    'integrations[0].graceFrom: must be "published" or "deployed"',
  ],
  ['no target', withIntegration({ publishTo: [] }), 'integrations[0].publishTo: must name at least one target'],
  [
    'a target that names nothing',
    withIntegration({ publishTo: [{}] }),
    'integrations[0].publishTo[0]: needs exactly one of',
  ],
  [
    'a parameter that is AWS’s own',
    withIntegration({ publishTo: [{ ssmParameter: '/aws/token' }] }),
    'integrations[0].publishTo[0].ssmParameter: must not begin with "aws" or "ssm"',
  ],
  [
    'a parameter with a space',
    withIntegration({ publishTo: [{ ssmParameter: '/a b' }] }),
    'integrations[0].publishTo[0].ssmParameter: is not the name of an SSM parameter',
  ],
  [
    'levels without a leading slash',
    withIntegration({ publishTo: [{ ssmParameter: 'a/b' }] }),
    'integrations[0].publishTo[0].ssmParameter: is not the name',
  ],
  [
    'a secret with a colon',
    withIntegration({ publishTo: [{ secret: 'a:b' }] }),
    'integrations[0].publishTo[0].secret: is not the name of a secret',
  ],
  [
    'a target that holds the API key',
    withIntegration({ publishTo: [{ secret: 'paddle/api-key' }] }),
    'integrations[0].publishTo[0]: secret paddle/api-key holds the API key of account "main"',
  ],
  [
    'a target that holds the webhook secret',
    withIntegration({ publishTo: [{ secret: 'paddlewheel/main/webhook-secret' }] }),
    'holds the webhook secret of account "main"',
  ],
  [
    'a site without https',
    withIntegration({ sites: ['http://example.com'] }),
    'integrations[0].sites[0].url: must begin with https://',
  ],
  [
    'a site that is no URL',
    withIntegration({ sites: ['example.com'] }),
    'integrations[0].sites[0].url: "example.com" is not a URL',
  ],
  [
    'a waiver of everything',
    withIntegration({ sites: [{ url: 'https://a.test', ignore: [{ url: '*', reason: 'I do not care' }] }] }),
    'integrations[0].sites[0].ignore[0].url: must begin with an origin',
  ],
  [
    'a waiver without a reason',
    withIntegration({ sites: [{ url: 'https://a.test', ignore: [{ url: 'https://cdn.test/*', reason: '' }] }] }),
    'integrations[0].sites[0].ignore[0].reason',
  ],
  [
    'caching acknowledged by nothing',
    withIntegration({ sites: [{ url: 'https://a.test', acknowledgeCaching: '' }] }),
    'integrations[0].sites[0].acknowledgeCaching',
  ],
  [
    'the value of a header in the configuration',
    withIntegration({ sites: [{ url: 'https://a.test', headers: { authorization: 'Basic x' } as never }] }),
    'integrations[0].sites[0].headers.authorization',
  ],
  [
    'an origin with a path',
    withIntegration({ sites: [{ url: 'https://a.test', extraOrigins: ['https://b.test/x'] }] }),
    'integrations[0].sites[0].extraOrigins[0]: must be an origin',
  ],
  ['no scans', withIntegration({ scans: { count: 0 } }), 'integrations[0].scans.count: must be at least 1'],
  [
    'a consumer with a hash',
    withIntegration({ consumers: ['a#b'] }),
    'integrations[0].consumers[0].name: must be 1 to 63 letters',
  ],
  [
    'a consumer named twice',
    withIntegration({ consumers: ['site', 'site'] }),
    'integrations[0].consumers[1]: site is already taken',
  ],
  [
    'a consumer without a name',
    withIntegration({ consumers: [{ everyBuildDeploys: true } as never] }),
    'integrations[0].consumers[0].name',
  ],
  [
    'a consumer with rules and one without of the same name',
    withIntegration({ consumers: ['site', { name: 'site', everyBuildDeploys: true }] }),
    'integrations[0].consumers[1]: site is already taken',
  ],
  [
    'no stage at all, which would make every report a preview',
    withIntegration({ consumers: [{ name: 'site', stages: [] }] }),
    'integrations[0].consumers[0].stages: must name at least one stage',
  ],
  [
    'an empty branch',
    withIntegration({ consumers: [{ name: 'site', branches: [''] }] }),
    'integrations[0].consumers[0].branches[0]',
  ],
  [
    'a rule that nobody knows',
    withIntegration({ consumers: [{ name: 'site', everyBuildDeploy: true } as never] }),
    'integrations[0].consumers[0].everyBuildDeploy',
  ],
  ['a silence of nothing', withAccount({ seen: { silentFor: '' } }), `accounts.main.seen.silentFor: ${EMPTY}`],
  [
    'a silence without a unit',
    withAccount({ seen: { silentFor: 3 } }),
    'accounts.main.seen.silentFor: 3 has no unit; write for instance "3 hours"',
  ],
  [
    'a silence that nobody can wait for',
    withAccount({ seen: { silentFor: '91 days' } }),
    'accounts.main.seen.silentFor: must be at most 90 days',
  ],
  ['a text for beacons', withAccount({ seen: 'yes' }), 'accounts.main.seen: must be true, false or { silentFor }'],
  [
    'a sample, which is the page’s to take',
    withAccount({ seen: { sample: 0.1 } }),
    'accounts.main.seen.sample: is not a setting that Paddlewheel knows',
  ],
  [
    'beacons of one integration alone',
    withIntegration({ seen: true }),
    'integrations[0].seen: must be false, or left out: it is switched on for an account',
  ],
  [
    'something else to adopt',
    withIntegration({ adopt: 'test_7d279f61a3499fed520f7cd8c08' }),
    'integrations[0].adopt: is not the id of a client-side token',
  ],
  [
    'two integrations of one name',
    withTwo({}, { name: 'pricing-page' }),
    'integrations[1].name: pricing-page is already taken by integrations[0]',
  ],
  [
    'two integrations with one target',
    withTwo({}, { publishTo: integration.publishTo }),
    'integrations[1].publishTo[0]: ssm parameter paddle/pricing-page is already taken by integrations[0]',
  ],
  [
    'one target twice, once with a slash',
    withIntegration({ publishTo: [{ ssmParameter: '/token' }, { ssmParameter: 'token' }] }),
    'integrations[0].publishTo[1]: ssm parameter token is already taken',
  ],
  [
    'two integrations with one key of a secret',
    withTwo({ publishTo: [{ secret: 'web', jsonKey: 'TOKEN' }] }, { publishTo: [{ secret: 'web', jsonKey: 'TOKEN' }] }),
    'integrations[1].publishTo[0]: key "TOKEN" of secret web is already taken by integrations[0]',
  ],
  [
    'a whole secret of which another integration has a key',
    withTwo({ publishTo: [{ secret: 'web', jsonKey: 'TOKEN' }] }, { publishTo: [{ secret: 'web' }] }),
    'integrations[1].publishTo[0]: secret web as a whole cannot hold a token: its key "TOKEN" is already taken by integrations[0]',
  ],
  [
    'a key of a secret that another integration has as a whole',
    withTwo({ publishTo: [{ secret: 'web' }] }, { publishTo: [{ secret: 'web', jsonKey: 'TOKEN' }] }),
    'integrations[1].publishTo[0]: key "TOKEN" of secret web cannot hold a token: the whole secret is already taken by integrations[0]',
  ],
  [
    'a key of a secret that holds a credential',
    withIntegration({ publishTo: [{ secret: 'paddle/api-key', jsonKey: 'TOKEN' }] }),
    'integrations[0].publishTo[0]: secret paddle/api-key holds the API key of account "main"; a token must not be published there',
  ],
  [
    'a key of a parameter',
    withIntegration({ publishTo: [{ ssmParameter: '/web', jsonKey: 'TOKEN' }] }),
    'integrations[0].publishTo[0].jsonKey: goes with "secret" only',
  ],
  [
    'a key without a name',
    withIntegration({ publishTo: [{ secret: 'web', jsonKey: '' }] }),
    'integrations[0].publishTo[0].jsonKey: is empty',
  ],
  [
    'a key of a credential',
    withAccount({ apiKey: { secret: 'paddle/api-key', jsonKey: 'KEY' } }),
    'accounts.main.apiKey.jsonKey: is not a setting that Paddlewheel knows',
  ],
  [
    'a former target that is still one',
    withIntegration({ formerTargets: [{ ssmParameter: 'paddle/pricing-page' }] }),
    'integrations[0].formerTargets[0]: ssm parameter paddle/pricing-page is still in publishTo',
  ],
  [
    'one token adopted twice',
    withTwo({ adopt: `ctkn_${'a'.repeat(26)}` }, { adopt: `ctkn_${'a'.repeat(26)}` }),
    `integrations[1].adopt: ctkn_${'a'.repeat(26)} is already taken by integrations[0]`,
  ],
  [
    'a deploy hook of another kind',
    withIntegration({ deployHooks: [{ kind: 'slack', url: { secret: 'hook' } }] }),
    'integrations[0].deployHooks[0].kind: must have the kind "webhook" or "github"',
  ],
  [
    'the address of a deploy hook itself, which is a secret',
    withIntegration({ deployHooks: [{ kind: 'webhook', url: 'https://api.netlify.com/build_hooks/5c23' }] }),
    'integrations[0].deployHooks[0].url: must be object, not string',
  ],
  [
    'one deploy hook twice',
    withIntegration({ deployHooks: [hook, hook] }),
    'integrations[0].deployHooks[1]: secret hooks/netlify is already taken by integrations[0]',
  ],
  [
    'one workflow of GitHub twice',
    withIntegration({ deployHooks: [dispatch, { ...dispatch, token: { secret: 'another' } }] }),
    'integrations[0].deployHooks[1]: acme/shop is already taken by integrations[0]',
  ],
  [
    'a repository without its owner',
    withIntegration({ deployHooks: [{ ...dispatch, repository: 'shop' }] }),
    'integrations[0].deployHooks[0].repository: must be "owner/name"',
  ],
  [
    'a token published over the address of a deploy hook',
    withIntegration({ deployHooks: [hook], publishTo: [{ secret: 'hooks/netlify' }] }),
    'integrations[0].publishTo[0]: secret hooks/netlify holds the credential of a deploy hook',
  ],
  ['an address that is no e-mail', config({ alarms: { email: ['me'] } }), 'alarms.email[0]: is not an e-mail address'],
  ['logs kept for two days', config({ logRetentionDays: 2 }), 'logRetentionDays: must be one of 1, 3, 5, 7'],
])('%s is refused', (_, input, expected) => {
  expect(complaint(input)).toContain(expected);
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
