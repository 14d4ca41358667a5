/** The construct in stacks that are not ours: with other resources, beside another installation, under other flags, for any environment. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  App,
  Aspects,
  Duration,
  type IAspect,
  NestedStack,
  RemovalPolicy,
  Stack,
  type StackProps,
  Stage,
  Tags,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, CfnRole, Role } from 'aws-cdk-lib/aws-iam';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { Prepared } from '../../infra/code.ts';
import { ConfigError, type ConfigInput, parseConfig } from '../../infra/config.ts';
import { Paddlewheel } from '../../infra/paddlewheel.ts';
import { ALARMS, namesFor } from '../../lambdas/contract.ts';
import { fixtureBundles, ofType, type Resources } from './synth.ts';

const RECOMMENDED = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'),
);
const code = fixtureBundles();
const prepared = (more: Partial<ConfigInput> = {}) =>
  new Prepared(
    parseConfig(
      {
        accounts: { sandbox: { environment: 'sandbox', apiKey: { secret: 'paddlewheel/sandbox/api-key' } } },
        integrations: [
          {
            name: 'pricing-page',
            account: 'sandbox',
            rotate: { every: '30 days' },
            publishTo: [{ ssmParameter: '/paddle/pricing-page/client-token' }],
          },
        ],
        ...more,
      },
      {},
    ),
    code,
  );
const newApp = (context: object = {}) => new App({ analyticsReporting: false, context: { ...context } });
const SHOP = { env: { account: '123456789012', region: 'eu-west-1' } };
const resourcesOf = (stack: Stack): Resources => Template.fromStack(stack).toJSON().Resources;
const namesIn = (resources: Resources, type: string, key: string) =>
  ofType(resources, type)
    .map(({ Properties }) => Properties[key])
    .filter((name) => typeof name === 'string')
    .sort();

describe.each<[string, object, StackProps]>([
  ['with the flags that a new project gets', RECOMMENDED, SHOP],
  ['with no flag at all, as in an old project', {}, SHOP],
  ['for whatever account and region it is deployed to', RECOMMENDED, {}],
])('in a stack %s', (_, context, props) => {
  const app = newApp(context);
  const stack = new Stack(app, 'Shop', props);
  new Queue(stack, 'Theirs', { removalPolicy: RemovalPolicy.DESTROY });
  const paddlewheel = new Paddlewheel(stack, 'Tokens', prepared());
  const resources = resourcesOf(stack);

  test('has the fixed names of its prefix, beside what else is there', () => {
    const { heartbeat, rotate, status, webhook, observe, usage, registrar, backfill, ...names } =
      namesFor('paddlewheel');
    expect(namesIn(resources, 'AWS::Lambda::Function', 'FunctionName')).toEqual(
      [heartbeat, rotate, status, webhook, observe, usage, registrar, backfill, names.console].sort(),
    );
    expect(Object.keys(resources).filter((id) => id.startsWith('Theirs'))).toHaveLength(1);
    expect(Object.keys(resources).filter((id) => !/^(Tokens|Theirs)/.test(id))).toEqual([]);
  });

  test('no role may do more than under our own flags', () => {
    const statements = ofType(resources, 'AWS::IAM::Policy').flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement,
    );
    const actions = statements.flatMap(({ Action }: { Action: string | string[] }) => Action);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  test('says what is found where, in outputs that bear no hash', () => {
    expect(Object.keys(Template.fromStack(stack).toJSON().Outputs).sort()).toEqual(
      ['ApiId', 'AuditTable', 'LedgerTable', 'WebhookBaseUrl', 'WebhookUrlSandbox', 'Webhooks'].map(
        (id) => `Paddlewheel${id}`,
      ),
    );
    expect(Object.keys(paddlewheel.webhookUrls)).toEqual(['sandbox']);
  });

  test('cdk-nag, laid over the whole app, finds nothing in it', () => {
    const { violations } = new AwsSolutionsChecks(app).validateScope(paddlewheel);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });
});

describe('two installations', () => {
  test('fit into one stack under two prefixes, and share no name', () => {
    const stack = new Stack(newApp(RECOMMENDED), 'Shop', SHOP);
    new Paddlewheel(stack, 'Europe', prepared({ prefix: 'eu' }));
    new Paddlewheel(stack, 'America', prepared({ prefix: 'us' }));
    const resources = resourcesOf(stack);
    for (const [type, key] of [
      ['AWS::Lambda::Function', 'FunctionName'],
      ['AWS::SQS::Queue', 'QueueName'],
      ['AWS::CloudWatch::Alarm', 'AlarmName'],
      ['AWS::Scheduler::Schedule', 'Name'],
      ['AWS::SSM::Parameter', 'Name'],
      ['AWS::Logs::LogGroup', 'LogGroupName'],
    ] as const) {
      const names = namesIn(resources, type, key);
      expect(names.length).toBeGreaterThan(1);
      expect([...new Set(names)]).toEqual(names);
    }
    const environment = (name: string) =>
      ofType(resources, 'AWS::Lambda::Function').find(({ Properties }) => Properties.FunctionName === name)?.Properties
        .Environment.Variables;
    expect(environment('eu-rotate').POWERTOOLS_METRICS_NAMESPACE).toBe('Eu');
    expect(environment('us-rotate').POWERTOOLS_METRICS_NAMESPACE).toBe('Us');
  });

  test('with one prefix in one stack are refused', () => {
    const stack = new Stack(newApp(), 'Shop');
    new Paddlewheel(stack, 'One', prepared());
    expect(() => new Paddlewheel(stack, 'Two', prepared())).toThrow(
      'Shop/One has the prefix "paddlewheel" already: give one of the two another `prefix`',
    );
  });

  test('with one prefix in one account and region are refused, and in two regions they are not', () => {
    const app = newApp();
    new Paddlewheel(new Stack(app, 'One', SHOP), 'Paddlewheel', prepared());
    expect(() => new Paddlewheel(new Stack(app, 'Two', SHOP), 'Paddlewheel', prepared())).toThrow(/another `prefix`/);
    const elsewhere = { env: { ...SHOP.env, region: 'us-east-1' } };
    expect(new Paddlewheel(new Stack(app, 'Far', elsewhere), 'Paddlewheel', prepared()).prefix).toBe('paddlewheel');
  });
});

test('in a stage of a pipeline it has the same names', () => {
  const stage = new Stage(newApp(), 'Production', SHOP);
  const stack = new Stack(stage, 'Shop');
  new Paddlewheel(stack, 'Paddlewheel', prepared());
  expect(namesIn(resourcesOf(stack), 'AWS::Lambda::Function', 'FunctionName')).toContain('paddlewheel-rotate');
});

test('in a nested stack it has the same names, and its outputs', () => {
  const nested = new NestedStack(new Stack(newApp(RECOMMENDED), 'Shop', SHOP), 'Tokens');
  new Paddlewheel(nested, 'Paddlewheel', prepared());
  expect(namesIn(resourcesOf(nested), 'AWS::Lambda::Function', 'FunctionName')).toContain('paddlewheel-rotate');
  expect(Object.keys(Template.fromStack(nested).toJSON().Outputs)).toContain('PaddlewheelWebhooks');
  const { violations } = new AwsSolutionsChecks(nested).validateScope(nested);
  expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
});

test('the settings of a platform reach its own resources, and no others of the stack', () => {
  const stack = new Stack(newApp(), 'Shop', SHOP);
  new Queue(stack, 'Theirs');
  new Role(stack, 'TheirRole', { assumedBy: new AccountPrincipal('123456789012') });
  const boundary = 'arn:aws:iam::123456789012:policy/boundary';
  const platform = { tags: { team: 'payments' }, permissionsBoundary: boundary };
  new Paddlewheel(stack, 'Paddlewheel', prepared({ platform }));
  const roles = Object.entries(resourcesOf(stack)).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
  for (const [id, { Properties }] of roles) {
    const ours = id.startsWith('Paddlewheel');
    expect([id, Properties.PermissionsBoundary, Properties.Tags]).toEqual([
      id,
      ...(ours ? [boundary, [{ Key: 'team', Value: 'payments' }]] : [undefined, undefined]),
    ]);
  }
  expect(roles.length).toBeGreaterThan(5);
});

test('aspects of the app reach it', () => {
  const app = newApp();
  const stack = new Stack(app, 'Shop', SHOP);
  new Paddlewheel(stack, 'Paddlewheel', prepared());
  class Path implements IAspect {
    visit(node: IConstruct): void {
      if (node instanceof CfnRole) node.path = '/shop/';
    }
  }
  Aspects.of(app).add(new Path());
  Tags.of(app).add('shop', 'yes');
  const roles = ofType(resourcesOf(stack), 'AWS::IAM::Role').map(({ Properties }) => Properties);
  expect(roles.filter(({ Path: path, Tags: tags }) => path !== '/shop/' || tags[0]?.Key !== 'shop')).toEqual([]);
});

describe('what one may want of it', () => {
  const stack = new Stack(newApp(RECOMMENDED), 'Shop', SHOP);
  const paddlewheel = new Paddlewheel(stack, 'Paddlewheel', prepared());
  const person = (id: string) => new Role(stack, id, { assumedBy: new AccountPrincipal('123456789012') });
  paddlewheel.grantReport(person('Builder'));
  paddlewheel.grantView(person('Reader'));
  paddlewheel.grantOperate(person('Operator'));
  paddlewheel.grantBreakGlass(person('Breaker'));
  paddlewheel.onTokenPublished('Rotate', { target: new SqsQueue(new Queue(stack, 'Builds')) });
  paddlewheel.alarmTopic.addSubscription(new EmailSubscription('ana@example.com'));
  paddlewheel.functions.rotate.metricDuration({ period: Duration.minutes(5) });
  const resources = resourcesOf(stack);
  const granted = (role: string): string[] =>
    Object.entries(resources)
      .filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith(role))
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
      .flatMap(({ Action, Resource }: { Action: string | string[]; Resource: unknown }) =>
        [Action].flat().map((action) => `${action} on ${JSON.stringify(Resource)}`),
      );
  const invoked = (role: string) =>
    granted(role)
      .filter((line) => line.startsWith('lambda:InvokeFunction '))
      .flatMap((line) => [...line.matchAll(/Paddlewheel(Rotate|Usage|Registrar|Status|\w+?)Function/g)])
      .map(([, name]) => name)
      .sort();

  test('a build may take a token and report, and nothing else', () => {
    expect(granted('Builder')).toHaveLength(1);
    expect(invoked('Builder')).toEqual(['Status', 'Usage']);
  });

  test('who looks may invoke nothing that acts, and write nothing', () => {
    expect(invoked('Reader')).toEqual(['Console', 'Status']);
    const writing = /:(Put|Update|Delete|BatchWrite|Send|Create)/;
    expect(granted('Reader').filter((line) => writing.test(line))).toEqual([]);
    expect(granted('Reader').filter((line) => line.includes('*'))).toEqual([
      expect.stringMatching(/^dynamodb:DescribeExport .*\/export\/\*/),
    ]);
  });

  test('who acts may look, too', () => {
    expect(invoked('Operator')).toEqual(['Console', 'Rotate', 'Status']);
    expect(granted('Operator').filter((line) => line.includes(':operate'))).toHaveLength(1);
    expect(granted('Breaker').filter((line) => line.includes(':operate'))).toHaveLength(1);
    expect(invoked('Breaker')).toEqual(['Console', 'Rotate', 'Rotate', 'Status']);
    expect(granted('Operator')).toEqual(expect.arrayContaining(granted('Reader').slice(1)));
  });

  test('a rule may be called as it likes, and the alarms are at hand by their names', () => {
    expect(namesIn(resources, 'AWS::SNS::Subscription', 'Endpoint')).toEqual(['ana@example.com']);
    expect(ofType(resources, 'AWS::Events::Rule')).toHaveLength(1);
    expect(Object.keys(paddlewheel.alarms)).toEqual(Object.values(ALARMS));
    expect(stack.resolve(paddlewheel.ledgerTable.tableName)).toEqual({ Ref: expect.stringMatching(/LedgerTable/) });
  });
});

describe('the configuration', () => {
  test('is checked where it is given, all faults at once', () => {
    const stack = new Stack(newApp(), 'Shop');
    const typo = { accounts: {}, integrations: [], grace: 0 } as never;
    expect(() => new Paddlewheel(stack, 'Paddlewheel', typo)).toThrow(ConfigError);
  });

  test('may not hold what is known only at the deploy, and says so', () => {
    const stack = new Stack(newApp(), 'Shop');
    const queue = new Queue(stack, 'Builds');
    const apiKey = { secret: queue.queueName };
    expect(() => prepared({ accounts: { sandbox: { environment: 'sandbox', apiKey } } })).toThrow(
      /accounts\.sandbox\.apiKey\.secret: is known only when the stack is deployed; give the name itself/,
    );
  });

  test('may hold it where it goes into the template and nowhere else', () => {
    const stack = new Stack(newApp(), 'Shop', SHOP);
    const boundary = new Queue(stack, 'NotReally').queueArn;
    const platform = { kmsKey: boundary, permissionsBoundary: boundary };
    new Paddlewheel(stack, 'Paddlewheel', prepared({ platform }));
    const [fn] = ofType(resourcesOf(stack), 'AWS::Lambda::Function');
    expect(fn?.Properties.KmsKeyArn).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^NotReally/), 'Arn'] });
  });
});
