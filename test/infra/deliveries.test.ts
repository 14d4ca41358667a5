import { parseConfig } from '../../infra/config.ts';
import { NAMES } from '../../lambdas/contract.ts';
import sample from '../resources/hooks.config.ts';
import { deliveriesOf, undeliverable } from './deliveries.ts';
import type { Json, Template } from './resolved-template.ts';
import { synthesize } from './synth.ts';

/** Every option that adds a sender. */
const configuration = parseConfig(
  {
    ...sample,
    accounts: { sandbox: { ...sample.accounts.sandbox, seen: true } },
    usageFromCloudTrail: true,
    archive: { keepFor: '365 days' },
    alarms: { email: ['oncall@example.com'] },
  },
  {},
);
const template = synthesize({ configuration }).template.toJSON() as Template;
const idsOf = (type: string) => Object.keys(template.Resources).filter((id) => template.Resources[id].Type === type);

/** The template with one resource changed, or without it. */
function mutated(change: (resources: Record<string, Json>) => void): Template {
  const copy = structuredClone(template) as { Resources: Record<string, Json> };
  change(copy.Resources);
  return copy;
}

test('whatever the template sends, its receiver takes', async () => {
  expect(await undeliverable(template)).toEqual([]);
});

test('the walk meets every kind of sender that is in the template', () => {
  const kinds = deliveriesOf(template).map(({ from }) => template.Resources[String(from.split(' ')[0])].Type);
  expect([...new Set(kinds)].sort()).toEqual([
    'AWS::ApiGatewayV2::Integration',
    'AWS::CloudWatch::Alarm',
    'AWS::Events::Rule',
    'AWS::Lambda::EventInvokeConfig',
    'AWS::Lambda::EventSourceMapping',
    'AWS::Scheduler::Schedule',
  ]);
});

describe('the walk notices', () => {
  const without = (type: string, which: (properties: Json) => boolean = () => true) =>
    mutated((resources) => {
      for (const id of Object.keys(resources))
        if (resources[id].Type === type && which(resources[id].Properties)) delete resources[id];
    });

  test('a topic whose policy only denies: no alarm would reach anybody', async () => {
    const denying = mutated((resources) => {
      for (const id of idsOf('AWS::SNS::TopicPolicy')) {
        const document = resources[id].Properties.PolicyDocument;
        document.Statement = document.Statement.filter(({ Effect }: Json) => Effect === 'Deny');
        expect(document.Statement).toHaveLength(1);
      }
    });
    const refused = await undeliverable(denying);
    const actions = deliveriesOf(template).filter(({ by }) => by.service === 'cloudwatch.amazonaws.com');
    expect(refused).toHaveLength(actions.length);
    expect(refused[0]).toContain('sns:Publish');
  });

  test('an alarm that the topic does not know', async () => {
    const [first = ''] = idsOf('AWS::CloudWatch::Alarm');
    const other = mutated((resources) => {
      resources[first].Properties.AlarmName = 'Other';
      for (const id of idsOf('AWS::SNS::TopicPolicy')) {
        const text = JSON.stringify(resources[id]).replaceAll(`"${first}"`, `"${idsOf('AWS::CloudWatch::Alarm')[1]}"`);
        resources[id] = JSON.parse(text);
      }
    });
    expect(await undeliverable(other)).toEqual([expect.stringContaining(first)]);
  });

  test.each<[string, () => Template, string]>([
    [
      'a rule whose function does not take its events',
      () => without('AWS::Lambda::Permission'),
      'lambda:InvokeFunction',
    ],
    ['queues without their policies', () => without('AWS::SQS::QueuePolicy'), 'sqs:SendMessage'],
    ['roles without their policies', () => without('AWS::IAM::Policy'), 'sqs:ReceiveMessage'],
    [
      'a schedule whose role nobody can take on',
      () =>
        mutated((resources) => {
          for (const id of idsOf('AWS::IAM::Role')) {
            const [statement] = resources[id].Properties.AssumeRolePolicyDocument.Statement;
            if (statement.Principal.Service === 'scheduler.amazonaws.com')
              statement.Principal.Service = 'events.amazonaws.com';
          }
        }),
      'lambda:InvokeFunction',
    ],
    [
      'a failure destination that the function may not send to',
      () =>
        mutated((resources) => {
          for (const id of idsOf('AWS::IAM::Policy')) {
            const document = resources[id].Properties.PolicyDocument;
            document.Statement = document.Statement.filter(({ Action }: Json) => Action !== 'sqs:SendMessage');
          }
        }),
      'sqs:SendMessage',
    ],
  ])('%s', async (_, broken, action) => {
    const refused = await undeliverable(broken());
    expect(refused).toContainEqual(expect.stringContaining(action));
  });
});

test('only our own alarms of our own account may publish', () => {
  const [policy] = idsOf('AWS::SNS::TopicPolicy').map((id) => template.Resources[id].Properties.PolicyDocument);
  const allowing = policy.Statement.filter(({ Effect }: Json) => Effect === 'Allow');
  expect(allowing).toHaveLength(1);
  expect(allowing[0]).toMatchObject({
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: 'sns:Publish',
    Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
  });
  expect(allowing[0].Condition.ArnLike['aws:SourceArn']).toHaveLength(idsOf('AWS::CloudWatch::Alarm').length);
  expect(NAMES.alarmTopic).toBe(template.Resources[idsOf('AWS::SNS::Topic')[0] ?? ''].Properties.TopicName);
});
