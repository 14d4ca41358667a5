/**
 * Somebody is told, and builds are started: the deployed stack on a local AWS, from the alarm or the event to whoever gets it. What
 * it is deployed to has seen a first deploy that failed half-way: what that leaves behind is in nobody's way.
 */
import path from 'node:path';
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { createEventBus } from '../../lambdas/adapters/aws/event-bus.ts';
import { createKeyIds } from '../../lambdas/adapters/dynamodb/api-keys.ts';
import { ALARMS, NAMES } from '../../lambdas/contract.ts';
import type { AuditRecord } from '../../lambdas/domain/model.ts';
import { LOCAL_ACCOUNT, type LocalAws } from '../../local/aws.ts';
import { deployPaddlewheel } from '../../local/deploy.ts';
import { Installation } from '../../local/installation.ts';
import { PROJECT } from '../../local/python.ts';
import { ScriptedHttp } from '../fakes/scripted-http.ts';
import { settingsFor } from './aws-world.ts';
import { bootstrap } from './bootstrapped.ts';
import { eventually } from './eventually.ts';
import { startWatchedAws, type WatchedAws } from './world/watched-aws.ts';

// Always its own: the deployment has hooks, unlike any other.
delete process.env.PADDLEWHEEL_AWS_URL;

/**
 * Without TLS, under an https address: the local AWS takes TLS off whatever its functions send to this machine. That
 * nothing but TLS is spoken is tested in test/hooks/.
 */
const receiver = new ScriptedHttp();
let watched: WatchedAws;
let aws: LocalAws;
let stack: Installation;
let failed: { readonly why: string; readonly left: readonly string[] };

beforeAll(async () => {
  await receiver.open();
  watched = await startWatchedAws();
  aws = watched.aws;
  await bootstrap(aws);
  failed = await failedDeploy();
  const { outputs } = await deploy({ again: true });
  stack = new Installation(aws, outputs);
  await watched.watchQueues();
  await stack.putSecret('hooks/pricing-page', `https://127.0.0.1:${receiver.port}/build_hooks/5c23`);
}, 600_000);
afterAll(async () => {
  await watched?.stop();
  await receiver.close();
});

const deploy = (more: { readonly again?: boolean } = {}) => {
  const config = path.join(PROJECT, 'test', 'resources', 'hooks.config.ts');
  return deployPaddlewheel({ aws, config, paddleUrl: 'http://127.0.0.1:1', bootstrapped: true, ...more });
};

/** Something of ours that is there already, and not ours: CloudFormation meets it after it has made the tables. */
async function failedDeploy(): Promise<typeof failed> {
  const ssm = new SSMClient(settingsFor(aws));
  const Name = NAMES.ledgerTableParameter;
  await ssm.send(new PutParameterCommand({ Name, Value: 'in the way', Type: 'String' }));
  const why = await deploy().then(
    () => 'it did not fail',
    (error: Error) => error.message,
  );
  const left = await tables();
  await ssm.send(new DeleteParameterCommand({ Name }));
  return { why, left };
}

const tables = async () =>
  (await new DynamoDBClient(settingsFor(aws)).send(new ListTablesCommand({}))).TableNames ?? [];

/** There is no SNS client among our dependencies, and this is the one call that needs SNS. */
async function subscribe(queueArn: string): Promise<void> {
  const { AWS_REGION: region } = aws.env;
  const body = new URLSearchParams({
    ...{ Action: 'Subscribe', Version: '2010-03-31', Protocol: 'sqs', Endpoint: queueArn },
    TopicArn: `arn:aws:sns:${region}:${LOCAL_ACCOUNT}:${NAMES.alarmTopic}`,
  });
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/sns/aws4_request, SignedHeaders=host, Signature=0`;
  const answer = await fetch(aws.url, { method: 'POST', body, headers: { authorization } });
  expect({ status: answer.status, text: await answer.text() }).toMatchObject({
    status: 200,
    text: expect.stringContaining(NAMES.alarmTopic),
  });
}

/** Asks until `enough` says so. @throws Error with the last answer */
async function until<T>(ask: () => Promise<T>, enough: (value: T) => boolean): Promise<T> {
  let last: T | undefined;
  const found = async () => {
    const value = await ask();
    last = value;
    return enough(value) ? { value } : undefined;
  };
  const state = () => `the last answer was ${JSON.stringify(last)}`;
  return (await eventually('what the test waits for', found, { state })).value;
}

test('a first deploy that fails half-way is rolled back, leaves its tables, and is no obstacle to the next', async () => {
  expect(failed.why).toMatch(/ROLLBACK|failed/i);
  expect(failed.left).toHaveLength(2);
  const { PaddlewheelLedgerTable, PaddlewheelAuditTable, PaddlewheelWebhooks } = stack.outputs;
  expect(await tables()).toEqual(
    expect.arrayContaining([...failed.left, PaddlewheelLedgerTable, PaddlewheelAuditTable]),
  );
  // Nobody can reach Paddle there, and the deploy ends well all the same.
  expect(PaddlewheelWebhooks).toMatch(/^sandbox: (pending|failed) /);
});

test('every alarm reaches whoever has subscribed to the topic, and says what to do', async () => {
  const [cloudWatch, sqs] = [new CloudWatchClient(settingsFor(aws)), new SQSClient(settingsFor(aws))];
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'somebody' }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  await subscribe(Attributes?.QueueArn ?? '');
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}));
  expect(MetricAlarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(Object.values(ALARMS).sort());

  for (const AlarmName of Object.values(ALARMS))
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }));
  const told = new Map<string, string>();
  await until(
    async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      for (const { Body = '' } of Messages) {
        const { AlarmName, AlarmDescription, NewStateValue } = JSON.parse(JSON.parse(Body).Message);
        if (NewStateValue === 'ALARM') told.set(AlarmName, AlarmDescription);
      }
      const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
      if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    },
    () => told.size === Object.keys(ALARMS).length,
  );
  expect([...told.keys()].sort()).toEqual(Object.values(ALARMS).sort());
  for (const [name, text] of told) expect(text).toMatch(new RegExp(`^What is wrong: [^]*runbook.md, section ${name}`));
}, 180_000);

test('a publication on the bus starts the build: once in effect, though the receiver fails first and the event comes again', async () => {
  const bus = createEventBus({ client: new EventBridgeClient(settingsFor(aws)), busName: NAMES.bus });
  const dynamo = new DynamoDBClient(settingsFor(aws));
  const published: AuditRecord = {
    ...{ id: 'act_01JKB92MPL7V4RFG8X3Q5WZ7BP', type: 'token.published', at: '2026-11-22T02:58:00.000Z' },
    ...{ account: 'sandbox', integration: 'pricing-page', tokenId: 'ctkn_new', message: 'Published.' },
  };
  const lines = async () => {
    const { Items = [] } = await dynamo.send(
      new QueryCommand({
        TableName: stack.auditTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'TOKEN#ctkn_new' } },
      }),
    );
    return Items.map((item) => unmarshall(item));
  };
  const ended = async () => {
    const sqs = new SQSClient(settingsFor(aws));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: NAMES.hookQueue }));
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    return AttributeNames.map((name) => Number(Attributes[name]));
  };
  receiver.replies({ status: 503 }, { status: 201 });

  await bus.announce([published]);
  expect((await until(lines, (all) => all.length === 1)).map(({ type }) => type)).toEqual(['hook.failed']);
  // The failed message waits out its six minutes; the same event once more stands for its return, and a third for a repeat.
  await bus.announce([published]);
  const both = await until(lines, (all) => all.length === 2);
  expect(both.map(({ type, reason }) => [type, reason])).toEqual([
    ['hook.called', undefined],
    ['hook.failed', 'http_503'],
  ]);
  await bus.announce([published]);
  expect(await until(ended, ([visible, taken]) => visible === 0 && taken === 1)).toEqual([0, 1]);
  expect(receiver.asked.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['POST', '/build_hooks/5c23', '{}'],
    ['POST', '/build_hooks/5c23', '{}'],
  ]);
  expect(await lines()).toHaveLength(2);
}, 180_000);

test('the id of the API key in use is kept for whoever must not read the key', async () => {
  const keyIds = createKeyIds({ client: new DynamoDBClient(settingsFor(aws)), ledgerTable: stack.ledgerTable });
  expect(await keyIds.read('sandbox')).toBeUndefined();
  await keyIds.note('sandbox', 'apikey_a');
  await keyIds.note('sandbox', 'apikey_b');
  expect(await keyIds.read('sandbox')).toBe('apikey_b');
});

test('the functions said nothing that the service models do not allow, and heard nothing that they do not promise', async () => {
  const { faults, counts } = await watched.lastWord();
  expect(faults).toEqual([]);
  expect(counts['requests and answers held against the service models']).not.toBe(0);
}, 180_000);
