import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { parseConfig } from '../../infra/config.ts';
import { ALARMS, METRIC_NAMESPACE, METRICS, NAMES } from '../../lambdas/contract.ts';
import sample from '../../paddlewheel.config.ts';
import type { Json } from './resolved-template.ts';
import { buildStack, fixtureBundles, ofType, synthesize, twoAccountsConfiguration } from './synth.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { template, resources } = synthesize();
const logicalIdOf = (name: string) =>
  Object.entries(resources).find(
    ([, { Properties: p }]) => p && [p.QueueName, p.FunctionName, p.TableName].includes(name),
  )?.[0];
/** A link of a chain has no kind. */
const KINDS_ONLY =
  '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"kind":{"S":["action","webhook","attribution","simulation","unreadable"]}}}}';
const arnOf = (name: string) => ({ 'Fn::GetAtt': [logicalIdOf(name), 'Arn'] });

describe('the tables', () => {
  const tables = ofType(resources, 'AWS::DynamoDB::GlobalTable');

  test('are the ledger and the audit trail', () => {
    expect(Object.keys(resources).filter((id) => tables.includes(resources[id] as never))).toEqual([
      expect.stringMatching(/^PaddlewheelLedger/),
      expect.stringMatching(/^PaddlewheelAuditTrail/),
    ]);
  });

  test.each(tables)('outlive the stack, can be restored to any second, and resist deletion', (table) => {
    expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(table.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      Replicas: [
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      ],
    });
  });

  test('have the indexes that the functions query', () => {
    expect(tables.map(({ Properties }) => Properties.GlobalSecondaryIndexes)).toMatchObject([
      [
        {
          IndexName: 'due',
          KeySchema: [{ AttributeName: 'dueShard' }, { AttributeName: 'dueAt' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      [
        {
          IndexName: 'by-day',
          KeySchema: [{ AttributeName: 'day' }, { AttributeName: 'sk' }],
          Projection: { ProjectionType: 'ALL' },
        },
        {
          IndexName: 'by-hour-written',
          KeySchema: [{ AttributeName: 'writtenIn' }, { AttributeName: 'sk' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    ]);
    expect(tables[1]?.Properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_IMAGE' });
  });
});

describe('the functions', () => {
  const functions = ofType(resources, 'AWS::Lambda::Function');

  test('are those that people call by name', () => {
    const names = functions.map(({ Properties }) => Properties.FunctionName).sort();
    const { heartbeat, rotate, status, webhook, observe, usage, registrar, backfill, console } = NAMES;
    const all = [heartbeat, rotate, status, webhook, observe, usage, registrar, backfill, console];
    expect(names).toEqual(all.sort());
  });

  test.each(functions)(
    'run on Node 24 and arm64, and log to a group of their own ($Properties.FunctionName)',
    ({ Properties }) => {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
      const logs = resources[Properties.LoggingConfig.LogGroup.Ref];
      expect(logs?.Properties).toEqual({ LogGroupName: `/aws/lambda/${Properties.FunctionName}`, RetentionInDays: 30 });
    },
  );

  test.each<[string, object]>([
    [NAMES.heartbeat, { LEDGER_TABLE: expect.anything(), RECONCILE_QUEUE_URL: expect.anything() }],
    [
      NAMES.rotate,
      { LEDGER_TABLE: expect.anything(), AUDIT_TABLE: expect.anything(), RECONCILE_QUEUE_URL: expect.anything() },
    ],
    [NAMES.webhook, { AUDIT_TABLE: expect.anything(), WEBHOOK_SECRETS: expect.anything() }],
    [
      NAMES.observe,
      {
        LEDGER_TABLE: expect.anything(),
        AUDIT_TABLE: expect.anything(),
        RECONCILE_QUEUE_URL: expect.anything(),
        BUS_NAME: expect.anything(),
        ROTATE_FUNCTION: expect.anything(),
      },
    ],
    [NAMES.usage, { LEDGER_TABLE: expect.anything(), RECONCILE_QUEUE_URL: expect.anything() }],
    [
      NAMES.registrar,
      {
        LEDGER_TABLE: expect.anything(),
        AUDIT_TABLE: expect.anything(),
        RECONCILE_QUEUE_URL: expect.anything(),
        WEBHOOK_BASE_URL: expect.anything(),
      },
    ],
  ])('%s gets the settings that come with its permissions', (name, variables) => {
    const fn = functions.find(({ Properties }) => Properties.FunctionName === name);
    expect(fn?.Properties.Environment.Variables).toEqual(variables);
  });

  test('the webhook is told where the secrets are, never what they are', () => {
    const fn = functions.find(({ Properties }) => Properties.FunctionName === NAMES.webhook);
    expect(JSON.parse(fn?.Properties.Environment.Variables.WEBHOOK_SECRETS)).toEqual({
      sandbox: { secret: 'paddlewheel/sandbox/webhook-secret' },
      'live-eu': { ssmParameter: '/paddlewheel/live-eu/webhook-secret' },
    });
  });
});

describe('what fails for good ends in a queue', () => {
  const onFailure = { DestinationConfig: { OnFailure: { Destination: arnOf(NAMES.failures) } } };

  const { heartbeat, rotate, status, usage, registrar, backfill, observe } = NAMES;
  test.each([heartbeat, rotate, status, usage, registrar, backfill, observe])('asynchronous calls of %s', (name) => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: logicalIdOf(name) },
      MaximumRetryAttempts: 0,
      ...onFailure,
    });
  });

  test('the tick of the schedule', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: NAMES.heartbeat,
      ScheduleExpression: 'rate(1 minute)',
      Target: {
        Arn: arnOf(NAMES.heartbeat),
        DeadLetterConfig: { Arn: arnOf(NAMES.failures) },
        RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 2 },
      },
    });
  });

  test('what any schedule could not deliver', () => {
    const schedules = ofType(resources, 'AWS::Scheduler::Schedule').map(({ Properties }) => Properties);
    expect(schedules.map(({ Name }) => Name).sort()).toEqual(
      [NAMES.backfill, NAMES.chains, NAMES.heartbeat, NAMES.webhookMaintenance].sort(),
    );
    for (const { Target } of schedules) expect(Target.DeadLetterConfig).toEqual({ Arn: arnOf(NAMES.failures) });
  });

  test('and what the stream gave up is chained every hour, by the one function that may', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: NAMES.chains,
      ScheduleExpression: 'rate(1 hour)',
      Target: { Arn: arnOf(NAMES.observe), Input: '{"action":"chain-missing"}' },
    });
  });

  test('records of the stream, after bounded attempts and halving', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: logicalIdOf(NAMES.observe) },
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 10,
      MaximumRecordAgeInSeconds: 21_600,
      FilterCriteria: { Filters: [{ Pattern: KINDS_ONLY }] },
      ...onFailure,
    });
  });

  test('reconciles, after ten attempts', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: NAMES.reconcileQueue,
      FifoQueue: true,
      ContentBasedDeduplication: false,
      VisibilityTimeout: 330,
      RedrivePolicy: { deadLetterTargetArn: arnOf(NAMES.reconcileDeadLetters), maxReceiveCount: 100 },
    });
  });

  test('every queue is encrypted and takes nothing over plain http', () => {
    const queues = ofType(resources, 'AWS::SQS::Queue');
    expect(queues.map(({ Properties }) => Properties.SqsManagedSseEnabled)).toEqual(queues.map(() => true));
    expect(ofType(resources, 'AWS::SQS::QueuePolicy')).toHaveLength(queues.length);
  });
});

test('rotate is triggered by the reconcile queue, one reconcile at a time, and by nothing else', () => {
  const rotate = { Ref: logicalIdOf(NAMES.rotate) };
  const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping');
  const feeds = mappings.filter(({ Properties }) => Properties.FunctionName.Ref === rotate.Ref);
  expect(feeds.map(({ Properties }) => Properties)).toEqual([
    {
      FunctionName: rotate,
      EventSourceArn: arnOf(NAMES.reconcileQueue),
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    },
  ]);
  const permitted = ofType(resources, 'AWS::Lambda::Permission').map(({ Properties }) => Properties.FunctionName);
  expect(permitted).toEqual([arnOf(NAMES.webhook)]);
});

test('webhooks come in on one throttled route, and their bodies are in no log', () => {
  template.resourcePropertiesCountIs('AWS::ApiGatewayV2::Route', { RouteKey: 'POST /webhooks/paddle/{account}' }, 1);
  template.resourceCountIs('AWS::ApiGatewayV2::Route', 1);
  template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
    StageName: '$default',
    DefaultRouteSettings: { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
    AccessLogSettings: { Format: Match.not(Match.stringLikeRegexp('body|header|authorizer')) },
  });
});

describe('the console', () => {
  test('is a widget of a dashboard, behind which a function only reads', () => {
    const [dashboard] = ofType(resources, 'AWS::CloudWatch::Dashboard');
    expect(dashboard?.Properties.DashboardName).toBe('paddlewheel');
    expect(JSON.stringify(dashboard?.Properties.DashboardBody)).toContain(String(logicalIdOf(NAMES.console)));
    const policies = JSON.stringify(
      Object.entries(resources).filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && /Console/.test(id)),
    );
    const actions = new Set(policies.match(/(dynamodb|lambda|sqs|ssm|secretsmanager|events|sns):\w+/g));
    expect([...actions].sort()).toEqual(['dynamodb:BatchGetItem', 'dynamodb:LeadingKeys', 'dynamodb:Query']);
  });

  test('is left out on request', () => {
    const without = synthesize({ configuration: { ...twoAccountsConfiguration, console: false } });
    expect(ofType(without.resources, 'AWS::CloudWatch::Dashboard')).toEqual([]);
    expect(JSON.stringify(without.resources)).not.toContain(NAMES.console);
  });
});

test('nothing costs a fixed price but the alarms and the secrets that people choose', () => {
  for (const type of ['AWS::KMS::Key', 'AWS::SecretsManager::Secret', 'AWS::EC2::VPC'])
    template.resourceCountIs(type, 0);
});

test('the outputs say where to point Paddle, and what things are called', () => {
  const outputs = template.toJSON().Outputs;
  const url = { 'Fn::Join': ['', expect.arrayContaining([expect.stringContaining('/webhooks/paddle/live-eu')])] };
  expect(outputs.PaddlewheelWebhookUrlLiveEu.Value).toEqual(url);
  expect(outputs.PaddlewheelApiId.Value).toEqual({ Ref: expect.stringMatching(/^PaddlewheelWebhookIngestApi/) });
});

test('the outputs say that AWS asks those addresses to confirm, and nothing when there are none', () => {
  const output = (email: readonly string[]) =>
    synthesize({ configuration: { ...twoAccountsConfiguration, alarms: { email } } }).template.toJSON().Outputs
      .PaddlewheelConfirmEmail;
  expect(output(['oncall@example.com']).Value).toContain('oncall@example.com to confirm');
  expect(output([])).toBeUndefined();
});

describe('alarms', () => {
  const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
  const runbook = readFileSync(path.join(root, 'docs/runbook.md'), 'utf8');

  test('are thirteen, whatever the number of integrations, each priced as one metric', () => {
    expect(alarms.map(({ AlarmName }) => AlarmName)).toEqual(Object.values(ALARMS));
    // CloudWatch prices an alarm by the metrics that it looks at, one or those in its expression.
    const priced = alarms.map(({ Metrics }) => Metrics?.filter(({ MetricStat }: Json) => MetricStat).length ?? 1);
    expect(priced).toEqual(Array.from({ length: 13 }, () => 1));
  });

  test('watch every metric of ours, of which there are ten: what AWS gives for nothing', () => {
    const watched = alarms.filter(({ Namespace }) => Namespace === METRIC_NAMESPACE);
    expect(watched.map(({ MetricName }) => MetricName).sort()).toEqual(Object.values(METRICS).sort());
    expect(Object.values(METRICS)).toHaveLength(10);
  });

  test.each(alarms)('$AlarmName says what is wrong, what it means for the shop and what to do first', (alarm) => {
    expect(alarm.AlarmDescription.split('\n')).toEqual([
      expect.stringMatching(/^What is wrong: .{20}/),
      expect.stringMatching(/^For the shop: .{20}/),
      expect.stringMatching(/^First: .{20}/),
      `Runbook: docs/runbook.md, section ${alarm.AlarmName}.`,
    ]);
    // CloudWatch takes no more.
    expect(alarm.AlarmDescription.length).toBeLessThanOrEqual(1_024);
  });

  test.each(alarms)('$AlarmName tells somebody, and has its section in the runbook', (alarm) => {
    expect(alarm.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^PaddlewheelMonitoringAlarms/) }]);
    expect(alarm.InsufficientDataActions ?? alarm.AlarmActions).toEqual(alarm.AlarmActions);
    expect(alarm.AlarmDescription).toContain(`docs/runbook.md, section ${alarm.AlarmName}`);
    const [, section = ''] = runbook.split(`\n## ${alarm.AlarmName}\n`);
    const text = section.split('\n## ')[0];
    for (const part of ['Description', 'Investigation', 'Resolution']) expect(text).toContain(`**${part}.**`);
  });

  test.each(alarms.filter(({ Namespace }) => Namespace === METRIC_NAMESPACE))(
    '$AlarmName watches a metric that is written, and no dimension, of which each value has its price',
    (alarm) => {
      expect(Object.values(METRICS)).toContain(alarm.MetricName);
      expect(alarm.Dimensions).toBeUndefined();
    },
  );

  test('that tell of what lasts reach back over two of its reconciles, which are an hour apart at most', () => {
    for (const name of [ALARMS.overdue, ALARMS.holdOverdue, ALARMS.revocationStuck, ALARMS.apiKeyProblem]) {
      const alarm = alarms.find(({ AlarmName }) => AlarmName === name);
      expect(alarm).toMatchObject({ DatapointsToAlarm: 1 });
      expect(alarm?.Period * alarm?.EvaluationPeriods).toBeGreaterThan(3_600);
    }
  });

  test('go to the configured addresses', () => {
    template.resourcePropertiesCountIs('AWS::SNS::Topic', { TopicName: NAMES.alarmTopic }, 1);
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'oncall@example.com' });
  });
});

describe('a deploy', () => {
  test('in which nothing changed changes nothing', () => {
    expect(synthesize().template.toJSON()).toEqual(template.toJSON());
  });

  test('with another configuration touches configuration, permissions and logs, and replaces nothing', () => {
    const after = synthesize({ configuration: parseConfig(sample, {}) }).resources;
    const changed = Object.keys({ ...resources, ...after }).filter(
      (id) => JSON.stringify(resources[id]) !== JSON.stringify(after[id]),
    );
    const types = new Set(changed.map((id) => (resources[id] ?? after[id])?.Type));
    expect([...types].sort()).toEqual([
      'AWS::IAM::Policy',
      'AWS::Lambda::Function',
      'AWS::Logs::LogGroup',
      'AWS::SNS::Subscription',
      // Those that name the accounts.
      'AWS::Scheduler::Schedule',
      'Custom::PaddlewheelConfiguration',
    ]);
  });

  test('with another function’s code changes its asset, and only then', () => {
    const codeOf = (all: typeof resources) =>
      ofType(all, 'AWS::Lambda::Function').map(({ Properties }) => Properties.Code.S3Key);
    const same = synthesize({ bundles: fixtureBundles() }).resources;
    const other = synthesize({ bundles: fixtureBundles('exports.handler = async () => 1;') }).resources;
    expect(codeOf(same)).toEqual(codeOf(resources));
    expect(codeOf(other)[0]).not.toBe(codeOf(resources)[0]);
  });

  test('registers only once rotate may do what it will have to', () => {
    const [custom] = ofType(resources, 'Custom::PaddlewheelConfiguration') as ((typeof resources)[string] & {
      DependsOn: string[];
    })[];
    expect(custom?.Properties).toMatchObject({ ServiceToken: arnOf(NAMES.registrar), ServiceTimeout: '600' });
    expect(custom?.DependsOn).toEqual(
      expect.arrayContaining([logicalIdOf(NAMES.rotate), expect.stringMatching(/^PaddlewheelRotateRoleDefaultPolicy/)]),
    );
  });
});

test('cdk-nag finds nothing that is not acknowledged with a reason', () => {
  const { app } = buildStack({ configuration: twoAccountsConfiguration });
  const { success, violations } = new AwsSolutionsChecks(app).validateScope(app);
  expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
  expect(success).toBe(true);
});

test('for the emulator, only the age of stream records, an alarm with metric math and the address of webhooks differ', () => {
  const emulated = synthesize({ emulator: true }).resources;
  const changed = Object.keys(emulated).filter((id) => JSON.stringify(resources[id]) !== JSON.stringify(emulated[id]));
  expect(Object.keys(emulated)).toEqual(Object.keys(resources));
  const told = (id: string) => {
    const { MaximumRecordAgeInSeconds, AlarmName, FunctionName } = emulated[id]?.Properties ?? {};
    return MaximumRecordAgeInSeconds ?? AlarmName ?? FunctionName ?? emulated[id]?.Type;
  };
  expect(changed.map(told).sort()).toEqual(
    [60, ALARMS.heartbeatSilent, 'Custom::PaddlewheelConfiguration', NAMES.registrar].sort(),
  );
});
