import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ConfigError, parseConfig } from '../../infra/config.ts';
import { ENV, NAMES } from '../../lambdas/contract.ts';
import { permissionsOf } from './policies.ts';
import { buildStack, ofType } from './synth.ts';

const account = { environment: 'sandbox', apiKey: { secret: 'own/api-key' } };
const integration = {
  ...{ name: 'own', account: 'own', rotate: { every: '30 days' } },
  publishTo: [{ ssmParameter: '/own/token' }],
};
const platform = { credentials: 'paddlewheel/sellers/*', targets: ['/paddle/sellers/*', 'paddle/sellers/*'] };
const config = (change: object = {}) => ({
  accounts: { own: account },
  integrations: [integration],
  platform,
  ...change,
});

function complaint(input: unknown): string {
  try {
    parseConfig(input, {});
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.join('\n');
    throw error;
  }
}

describe('a namespace', () => {
  test('is what the registrar is told, without the wildcards', () => {
    expect(parseConfig(config(), {}).namespace).toEqual({
      credentials: 'paddlewheel/sellers/',
      targets: ['/paddle/sellers/', 'paddle/sellers/'],
      apiUrls: ['https://sandbox-api.paddle.com'],
      sites: false,
    });
    expect(parseConfig(config({ platform: {} }), {}).namespace).toBeUndefined();
  });

  test('may be all that there is', () => {
    expect(complaint({ accounts: {}, integrations: [], platform })).toBe('');
    expect(complaint({ accounts: {}, integrations: [] })).toMatch(/^accounts: must hold at least one account/);
  });

  test.each<[string, object, RegExp]>([
    ['everything', { platform: { ...platform, credentials: '*' } }, /^platform\.credentials: must be a folder/],
    [
      'everything of a kind',
      { platform: { ...platform, targets: ['/*'] } },
      /^platform\.targets\[0\]: must be a folder/,
    ],
    ['a part of a name', { platform: { ...platform, credentials: 'sellers/a*' } }, /credentials: must be a folder/],
    ['a wildcard inside', { platform: { ...platform, targets: ['/a/*/b/*'] } }, /targets\[0\]: must be a folder/],
    ['parameters for credentials', { platform: { ...platform, credentials: '/sellers/*' } }, /not begin with a slash/],
    ['AWS’s own', { platform: { ...platform, targets: ['/aws/sellers/*'] } }, /AWS keeps those names/],
    [
      'a folder within another one, which an account of its name would own',
      { platform: { ...platform, targets: ['/paddle/*', '/paddle/sellers/*'] } },
      /^platform\.targets\[1\]: lies in another folder/,
    ],
    [
      'the same folder twice',
      { platform: { ...platform, targets: ['/paddle/*', '/paddle/*'] } },
      /^platform\.targets\[1\]: lies in another folder/,
    ],
    ['no targets', { platform: { credentials: platform.credentials } }, /^platform: opens a namespace with/],
    ['too little', { platform: { ...platform, targets: [] } }, /must name at least one folder/],
    [
      'a credential of the file',
      { accounts: { own: { ...account, apiKey: { secret: 'paddlewheel/sellers/own' } } } },
      /^accounts\.own\.apiKey: paddlewheel\/sellers\/own lies in platform\.credentials/,
    ],
    [
      'webhook secrets of the file',
      { platform: { ...platform, credentials: 'paddlewheel/*' } },
      /^accounts\.own\.webhookSecret: paddlewheel\/own\/webhook-secret lies in/,
    ],
    [
      'a target of the file',
      { integrations: [{ ...integration, publishTo: [{ ssmParameter: '/paddle/sellers/own' }] }] },
      /publishTo\[0\]: \/paddle\/sellers\/own lies in platform\.targets/,
    ],
    [
      'our own parameters',
      { platform: { ...platform, targets: ['/paddlewheel/*'] } },
      /parameters of Paddlewheel's own/,
    ],
    [
      'tokens where keys are',
      { platform: { ...platform, targets: ['paddlewheel/sellers/tokens/*'] } },
      /overlaps platform\.credentials/,
    ],
  ])('that opens %s is refused', (_, change, fault) => {
    expect(complaint(config(change))).toMatch(fault);
  });
});

describe('what is deployed for it', () => {
  const { stack, paddlewheel } = buildStack({ configuration: parseConfig(config(), {}) });
  const role = new Role(stack, 'Acme', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  paddlewheel.grantRegister(role, 'acme-');
  paddlewheel.grantRegister(role, 'acme-');
  const { Resources: resources } = Template.fromStack(stack).toJSON();
  const secret = (end: string) => `secretsmanager:secret:paddlewheel/sellers/${end}`;
  const inFolders = (handler: keyof typeof NAMES) =>
    permissionsOf(resources, String(NAMES[handler])).filter((line) => line.includes('sellers/'));

  test('is allowed the namespace, and nothing of it that a function does not need', () => {
    const published = [
      'CreateSecret',
      'DescribeSecret',
      'GetSecretValue',
      'PutSecretValue',
      'UpdateSecretVersionStage',
    ];
    expect(inFolders('rotate')).toEqual([
      `secretsmanager:CreateSecret on secretsmanager:secret:paddle/sellers/*`,
      `secretsmanager:DescribeSecret on secretsmanager:secret:paddle/sellers/*`,
      `secretsmanager:GetSecretValue on secretsmanager:secret:paddle/sellers/*`,
      `secretsmanager:GetSecretValue on ${secret('*')}`,
      ...published.slice(3).map((action) => `secretsmanager:${action} on secretsmanager:secret:paddle/sellers/*`),
      'ssm:GetParameter on ssm:parameter/paddle/sellers/*',
      'ssm:PutParameter on ssm:parameter/paddle/sellers/*',
    ]);
    const ends = ['*/webhook-secret', '*/webhook-secret-??????'];
    expect(inFolders('webhook')).toEqual(ends.map((end) => `secretsmanager:GetSecretValue on ${secret(end)}`));
    expect(inFolders('backfill')).toEqual([`secretsmanager:GetSecretValue on ${secret('*')}`]);
    expect(inFolders('registrar')).toEqual([
      ...ends.map((end) => `secretsmanager:CreateSecret on ${secret(end)}`),
      `secretsmanager:GetSecretValue on ${secret('*')}`,
      ...ends.map((end) => `secretsmanager:PutSecretValue on ${secret(end)}`),
    ]);
    const checks = (handler: keyof typeof NAMES) =>
      permissionsOf(resources, String(NAMES[handler])).filter((line) => line.includes('ConditionCheckItem'));
    expect(checks('registrar')).toEqual([expect.stringMatching(/^dynamodb:ConditionCheckItem on .*Ledger/)]);
    for (const handler of ['heartbeat', 'status', 'observe', 'usage', 'console'] as const)
      expect(inFolders(handler)).toEqual([]);
  });

  test('grows no environment: the places of webhook secrets are in the ledger', () => {
    const webhook = ofType(resources, 'AWS::Lambda::Function').find(
      ({ Properties }) => Properties.FunctionName === NAMES.webhook,
    );
    expect(Object.keys(webhook?.Properties.Environment.Variables)).toContain(ENV.ledgerTable);
    expect(webhook?.Properties.Environment.Variables[ENV.webhookSecrets]).toBe(
      '{"own":{"secret":"paddlewheel/own/webhook-secret"}}',
    );
  });

  test('lets a role in by an alias that is bound to its prefix, once, and by nothing else', () => {
    const aliases = ofType(resources, 'AWS::Lambda::Alias').map(({ Properties }) => Properties.Name);
    expect(aliases.filter((name) => /^(register|only-)/.test(name)).sort()).toEqual(['only-acme-', 'register']);
    Template.fromJSON({ Resources: resources }).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Action: 'lambda:InvokeFunction',
            Effect: 'Allow',
            Resource: { 'Fn::Join': ['', [Match.anyValue(), ':only-acme-']] },
          },
        ],
      },
    });
  });

  test('is nothing without a namespace', () => {
    const plain = buildStack();
    const other = new Role(plain.stack, 'Other', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    expect(() => plain.paddlewheel.grantRegister(other)).toThrow('no namespace is open');
    expect(() => paddlewheel.grantRegister(role, 'Acme*')).toThrow('begins no name');
  });
});
