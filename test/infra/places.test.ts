/** Credentials and targets elsewhere, or under keys of one's own: with the permissions that they need, or refused with the remedy. */
import { parseConfig } from '../../infra/config.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { statementsOf } from './policies.ts';
import { synthesize } from './synth.ts';

const HERE = { CDK_DEFAULT_ACCOUNT: '123456789012', CDK_DEFAULT_REGION: 'eu-west-1' };
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/aaaa';
const THEIR_KEY = 'arn:aws:kms:us-east-1:210987654321:key/bbbb';
const SECRET = 'arn:aws:secretsmanager:us-east-1:210987654321:secret:paddle/api-key-a1B2c3';
const PARAMETER = 'arn:aws:ssm:eu-west-1:210987654321:parameter/shared/api-key';

interface Parts {
  readonly account?: object;
  readonly integration?: object;
  readonly more?: object;
}
const configured = ({ account = {}, integration = {}, more = {} }: Parts, here: object = HERE) =>
  parseConfig(
    {
      accounts: { main: { environment: 'live', apiKey: { secret: 'api-key' }, ...account } },
      integrations: [
        {
          name: 'shop',
          account: 'main',
          rotate: { every: '30 days' },
          publishTo: [{ ssmParameter: '/shop' }],
          ...integration,
        },
      ],
      ...more,
    },
    here,
  );

describe('refused, each with its remedy:', () => {
  const targetArn = /is an ARN: targets are named.*replicate the secret.*docs\/aws\.md/;
  test.each<[string, Parts, RegExp]>([
    ['a target by the ARN of a secret', { integration: { publishTo: [{ secret: SECRET }] } }, targetArn],
    ['a target by the ARN of a parameter', { integration: { publishTo: [{ ssmParameter: PARAMETER }] } }, targetArn],
    ['a former target by its ARN', { integration: { formerTargets: [{ secret: SECRET }] } }, targetArn],
    [
      'a credential in another account under a default key',
      { account: { apiKey: { secret: SECRET } } },
      /accounts\.main\.apiKey: lies in account 210987654321.*customer-managed key, and name that as "kmsKey"/,
    ],
    [
      'a parameter of another account, likewise',
      { account: { apiKey: { ssmParameter: PARAMETER } } },
      /lies in account/,
    ],
    [
      'a deploy hook, likewise',
      { integration: { deployHooks: [{ kind: 'webhook', url: { secret: SECRET } }] } },
      /deployHooks\[0\]\.url: lies in account/,
    ],
    [
      'a header of a site, likewise',
      { integration: { sites: [{ url: 'https://example.com', headers: { authorization: { secret: SECRET } } }] } },
      /sites\[0\]\.headers\.authorization: lies in account/,
    ],
    [
      'a managed webhook secret elsewhere',
      { account: { webhookSecret: { secret: SECRET, kmsKey: THEIR_KEY } } },
      /webhookSecret: lies in another account or region.*webhooks: "manual"/,
    ],
    [
      'a key of another region than the secret',
      { account: { apiKey: { secret: SECRET, kmsKey: KEY } } },
      /apiKey\.kmsKey: is a key of eu-west-1, and encrypts nothing in us-east-1/,
    ],
    [
      'a key of another region than the target',
      { integration: { publishTo: [{ secret: 'web', kmsKey: THEIR_KEY }] } },
      /publishTo\[0\]\.kmsKey: is a key of us-east-1/,
    ],
    [
      'an alias of a key',
      { account: { apiKey: { secret: 'x', kmsKey: 'alias/mine' } } },
      /is not the ARN of a KMS key/,
    ],
    ['an empty key', { account: { apiKey: { secret: 'x', kmsKey: '' } } }, /kmsKey: is empty/],
    [
      'another partition',
      { account: { apiKey: { secret: SECRET.replace('arn:aws:', 'arn:aws-cn:'), kmsKey: THEIR_KEY } } },
      /lies in the partition aws-cn, which cannot be reached from aws/,
    ],
    [
      'more keys than a role has room for',
      {
        integration: {
          publishTo: Array.from({ length: 20 }, (_, index) => ({ secret: `s${index}`, kmsKey: `${KEY}${index}` })),
          formerTargets: [{ secret: 'old', kmsKey: KEY }],
        },
      },
      /21 different keys/,
    ],
    [
      'the ARN of a parameter that is none',
      { account: { apiKey: { ssmParameter: 'arn:aws:s3:::x' } } },
      /neither the name nor the ARN/,
    ],
  ])('%s', (_, parts, fault) => {
    expect(() => configured(parts)).toThrow(fault);
  });

  test('GovCloud and China stay among themselves', () => {
    const gov = { CDK_DEFAULT_ACCOUNT: '123456789012', CDK_DEFAULT_REGION: 'us-gov-west-1' };
    const apiKey = { secret: 'arn:aws-us-gov:secretsmanager:us-gov-east-1:123456789012:secret:x-a1B2c3' };
    expect(() => configured({ account: { apiKey } }, gov)).not.toThrow();
    expect(() => configured({ account: { apiKey } })).toThrow(/partition aws-us-gov/);
  });

  test('what cannot be known is not guessed: without account and region, ARNs are taken as they are', () => {
    expect(() => configured({ account: { apiKey: { secret: SECRET } } }, {})).not.toThrow();
  });
});

describe('supported:', () => {
  const kms = (parts: Parts, name: string) => {
    const { resources } = synthesize({ configuration: configured(parts) });
    return statementsOf(resources, name)
      .filter(({ actions }) => actions.some((action) => action.startsWith('kms:')))
      .map(({ actions, resources: on, condition }) => [actions.map((a) => a.slice(4)).join(), on, condition]);
  };
  const via = (service: string) => ({ StringEquals: { 'kms:ViaService': `${service}.amazonaws.com` } });

  test('an API key in another account and region, under its key, by that region’s service only', () => {
    const parts = { account: { apiKey: { secret: SECRET, kmsKey: THEIR_KEY } } };
    const expected = [['Decrypt', ['kms:key/bbbb'], via('secretsmanager.us-east-1')]];
    for (const name of [NAMES.rotate, NAMES.backfill, NAMES.registrar]) expect(kms(parts, name)).toEqual(expected);
    for (const name of [NAMES.status, NAMES.usage, NAMES.webhook]) expect(kms(parts, name)).toEqual([]);
    const { resources } = synthesize({ configuration: configured(parts) });
    const reads = statementsOf(resources, NAMES.rotate).filter(({ actions }) =>
      actions.includes('secretsmanager:GetSecretValue'),
    );
    expect(reads.map(({ resources: on }) => on)).toContainEqual(['secretsmanager:secret:paddle/api-key-a1B2c3']);
  });

  test('a shared parameter of another account', () => {
    const kmsKey = KEY.replace('123456789012', '210987654321');
    const parts = { account: { apiKey: { ssmParameter: PARAMETER, kmsKey } } };
    expect(kms(parts, NAMES.rotate)).toEqual([['Decrypt', ['kms:key/aaaa'], via('ssm.eu-west-1')]]);
  });

  test('targets under one’s own key are read, written and made under it; former ones are read', () => {
    const publishTo = [
      { secret: 'web', kmsKey: KEY },
      { ssmParameter: '/shop', kmsKey: `${KEY}2` },
    ];
    const formerTargets = [{ secret: 'old', kmsKey: `${KEY}3` }];
    expect(kms({ integration: { publishTo, formerTargets } }, NAMES.rotate)).toEqual([
      ['Decrypt,GenerateDataKey', ['kms:key/aaaa'], via('secretsmanager.eu-west-1')],
      ['Decrypt,Encrypt,GenerateDataKey', ['kms:key/aaaa2'], via('ssm.eu-west-1')],
      ['Decrypt', ['kms:key/aaaa3'], via('secretsmanager.eu-west-1')],
    ]);
  });

  test('a managed webhook secret under one’s own key, of which the webhook is told the place only', () => {
    const parts = { account: { webhookSecret: { secret: 'hook', kmsKey: KEY } } };
    expect(kms(parts, NAMES.registrar)).toEqual([
      ['Decrypt,GenerateDataKey', ['kms:key/aaaa'], via('secretsmanager.eu-west-1')],
    ]);
    expect(kms(parts, NAMES.webhook)).toEqual([['Decrypt', ['kms:key/aaaa'], via('secretsmanager.eu-west-1')]]);
    const { resources } = synthesize({ configuration: configured(parts) });
    const webhook = Object.values(resources).find(({ Properties }) => Properties?.FunctionName === NAMES.webhook);
    expect(webhook?.Properties.Environment.Variables.WEBHOOK_SECRETS).toBe('{"main":{"secret":"hook"}}');
  });
});
