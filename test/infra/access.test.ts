/** What each kind of person may do, as IAM judges the managed policies of the template. */
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { parseConfig } from '../../infra/config.ts';
import { NAMES } from '../../lambdas/contract.ts';
import twoAccounts from '../resources/two-accounts.config.ts';
import { type Json, PLACE, resolvedTemplate, type Template } from './resolved-template.ts';
import { synthesize } from './synth.ts';

const KINDS = ['viewer', 'operator', 'break-glass', 'build'] as const;
type Kind = (typeof KINDS)[number];

const configuration = parseConfig({ ...twoAccounts, accessPolicies: true }, {});
const template = resolvedTemplate(synthesize({ configuration }).template.toJSON() as Template);
const policies = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::IAM::ManagedPolicy');
const statementsOf = (kind: Kind): Json[] =>
  policies.find(({ Properties }) => Properties.ManagedPolicyName === NAMES.policy(kind))?.Properties.PolicyDocument
    .Statement;

const arn = (service: string, rest: string) => `arn:aws:${service}:${PLACE.region}:${PLACE.account}:${rest}`;
const fn = (name: string) => arn('lambda', `function:${name}`);
const tables = Object.entries(template.Resources)
  .filter(([, { Type }]) => Type === 'AWS::DynamoDB::GlobalTable')
  .map(([id]) => arn('dynamodb', `table/${id}`));
const secret = arn('secretsmanager', 'secret:paddlewheel/sandbox/api-key-a1b2c3');

async function may(Statement: Json[], action: string, resource: string): Promise<boolean> {
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${PLACE.account}:role/somebody`,
        action,
        resource: { resource, accountId: PLACE.account },
        contextVariables: {},
      },
      identityPolicies: [{ name: 'policy', policy: { Version: '2012-10-17', Statement } }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === 'error') throw new Error(`${action} on ${resource}: ${answer.errors.message}`);
  return answer.overallResult === 'Allowed';
}

const INVOKE = 'lambda:InvokeFunction';
const VIEWERS: readonly Kind[] = ['viewer', 'operator', 'break-glass'];

const WHO_MAY: readonly [what: string, action: string, resources: readonly string[], who: readonly Kind[]][] = [
  ['ask for the status', INVOKE, [fn(NAMES.status)], KINDS],
  ['rotate, hold, pause', INVOKE, [fn(NAMES.operate)], ['operator', 'break-glass']],
  ['end a token without evidence', INVOKE, [fn(NAMES.rotate)], ['break-glass']],
  ['report usage', INVOKE, [fn(NAMES.usage)], ['build']],
  ['read the audit trail and the ledger', 'dynamodb:Query', tables, VIEWERS],
  ['read the trail by day', 'dynamodb:Query', tables.slice(1).map((table) => `${table}/index/by-day`), VIEWERS],
  ['find the tables', 'ssm:GetParameter', [arn('ssm', 'parameter/paddlewheel/ledger-table')], VIEWERS],
  [
    'see whether the heartbeat runs',
    'logs:FilterLogEvents',
    [arn('logs', `log-group:/aws/lambda/${NAMES.heartbeat}:*`)],
    VIEWERS,
  ],
  ['see what a function is like', 'lambda:GetFunctionConfiguration', [fn(NAMES.rotate), fn(NAMES.hooks)], VIEWERS],
  // Nobody, ever, by these policies.
  [
    'invoke what only AWS and the deploy invoke',
    INVOKE,
    [NAMES.registrar, NAMES.webhook, NAMES.observe, NAMES.backfill, NAMES.heartbeat].map(fn),
    [],
  ],
  ['invoke another alias', INVOKE, [fn(`${NAMES.rotate}:other`), fn(`${NAMES.status}:1`)], []],
  ['read an API key', 'secretsmanager:GetSecretValue', [secret], []],
  ['write to a table', 'dynamodb:PutItem', tables, []],
  ['delete from a table', 'dynamodb:DeleteItem', tables, []],
  ['change the code of a function', 'lambda:UpdateFunctionCode', [fn(NAMES.rotate)], []],
  ['make an alias', 'lambda:CreateAlias', [fn(NAMES.rotate)], []],
  ['read the logs of rotate', 'logs:FilterLogEvents', [arn('logs', `log-group:/aws/lambda/${NAMES.rotate}:*`)], []],
  ['send to the reconcile queue', 'sqs:SendMessage', [arn('sqs', NAMES.reconcileQueue)], []],
];

test.each(WHO_MAY)('%s', async (_, action, resources, who) => {
  for (const resource of resources) {
    const allowed: Kind[] = [];
    for (const kind of KINDS) if (await may(statementsOf(kind), action, resource)) allowed.push(kind);
    expect(allowed).toEqual(KINDS.filter((kind) => who.includes(kind)));
  }
});

test('a grant with a wildcard behind the name would have been noticed', async () => {
  const Statement = [{ Effect: 'Allow', Action: INVOKE, Resource: [fn(`${NAMES.rotate}*`)] }];
  expect(await may(Statement, INVOKE, fn(NAMES.rotate))).toBe(true);
});

describe('a consumer that is bound to a role', () => {
  const role = 'arn:aws:iam::210987654321:role/site-build';
  const integrations = [
    {
      ...{ name: 'shop', account: 'main', rotate: { every: '30 days' }, publishTo: [{ ssmParameter: '/shop' }] },
      consumers: ['plain', { name: 'site', role }, { name: 'web.eu', role }],
    },
  ];
  const accounts = { main: { environment: 'live', apiKey: { secret: 'api-key' } } };
  const parsed = () => parseConfig({ accounts, integrations }, {});

  test('has an alias, which lets nobody in but the role', () => {
    const { Resources } = resolvedTemplate(synthesize({ configuration: parsed() }).template.toJSON() as Template);
    const all = Object.entries(Resources);
    const aliases = all
      .filter(([, { Type }]) => Type === 'AWS::Lambda::Alias')
      .map(([id, { Properties: p }]) => [id, p]);
    const permitted = all
      .filter(([, { Type, Properties }]) => Type === 'AWS::Lambda::Permission' && Properties.Principal === role)
      .map(([, { Properties }]) => Properties.FunctionName);
    const ofUsage = aliases.filter(([, p]) => p.FunctionName === NAMES.usage);
    expect(ofUsage.map(([, p]) => p.Name)).toEqual(['consumer-site', 'consumer-web_eu']);
    expect(permitted).toHaveLength(2);
    expect(parsed().integrations[0]).toMatchObject({
      consumers: ['plain', { name: 'site', role }, { name: 'web.eu', role }],
    });
  });

  test.each<[string, unknown[], RegExp]>([
    [
      'two roles for one name',
      [
        { name: 'site', role },
        { name: 'site', role: `${role}2` },
      ],
      /already/,
    ],
    [
      'two names for one alias',
      [
        { name: 'a.b', role },
        { name: 'a_b', role },
      ],
      /share the alias consumer-a_b/,
    ],
    ['a user', [{ name: 'site', role: 'arn:aws:iam::210987654321:user/ana' }], /is not the ARN of a role/],
    ['anybody', [{ name: 'site', role: '*' }], /is not the ARN of a role/],
    ['an empty role', [{ name: 'site', role: '' }], /is empty/],
    [
      'more than a stack has room for',
      Array.from({ length: 51 }, (_, index) => ({ name: `site-${index}`, role })),
      /51 consumers are bound/,
    ],
  ])('%s: refused', (_, consumers, fault) => {
    const broken = [{ ...integrations[0], consumers }];
    expect(() => parseConfig({ accounts, integrations: broken }, {})).toThrow(fault);
  });
});

test('the policies are there on request only, and the alias always', () => {
  const without = Object.values(synthesize().resources);
  expect(without.filter(({ Type }) => Type === 'AWS::IAM::ManagedPolicy')).toEqual([]);
  const aliases = without.filter(({ Type }) => Type === 'AWS::Lambda::Alias').map(({ Properties }) => Properties.Name);
  expect(aliases).toEqual(['operate']);
  expect(policies).toHaveLength(KINDS.length);
});

test('an emergency that is asked for asynchronously and fails is not repeated by AWS, but put aside', () => {
  const settings = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::EventInvokeConfig');
  expect(
    settings.find(({ Properties }) => Properties.Qualifier === '$LATEST' && Properties.FunctionName === NAMES.rotate)
      ?.Properties,
  ).toMatchObject({
    FunctionName: NAMES.rotate,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: arn('sqs', NAMES.failures) } },
  });
});
