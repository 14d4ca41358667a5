import { AwsSolutionsChecks } from 'cdk-nag';
import { parseConfig } from '../../infra/config.ts';
import { NAMES } from '../../lambdas/contract.ts';
import twoAccounts from '../resources/two-accounts.config.ts';
import { buildStack, ofType, synthesize } from './synth.ts';

const configure = (archive?: object) => parseConfig({ ...twoAccounts, archive }, {});
const { resources } = synthesize({ configuration: configure({ keepFor: '2555 days' }) });
const [bucket] = ofType(resources, 'AWS::S3::Bucket');
const schedule = ofType(resources, 'AWS::Scheduler::Schedule').find(
  ({ Properties }) => Properties.Name === NAMES.archive,
);

test('by default there is no archive', () => {
  const plain = synthesize().resources;
  expect(ofType(plain, 'AWS::S3::Bucket')).toEqual([]);
  const schedules = ofType(plain, 'AWS::Scheduler::Schedule').map(({ Properties }) => Properties.Name);
  expect(schedules).toContain(NAMES.heartbeat);
  expect(schedules).not.toContain(NAMES.archive);
});

test('the bucket outlives the stack, is closed, and locks what is put into it', () => {
  expect(bucket).toMatchObject({
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 2555 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    },
  });
});

test('nothing expires while it is locked', () => {
  const rules = bucket?.Properties.LifecycleConfiguration.Rules ?? [];
  expect(rules).toHaveLength(1);
  expect(rules[0].ExpirationInDays).toBeGreaterThan(2555);
});

test('compliance is asked for by name', () => {
  const strict = synthesize({ configuration: configure({ keepFor: '30 days', lock: 'compliance' }) }).resources;
  expect(ofType(strict, 'AWS::S3::Bucket')[0]?.Properties.ObjectLockConfiguration.Rule.DefaultRetention).toEqual({
    Mode: 'COMPLIANCE',
    Days: 30,
  });
});

test('the scheduler exports the trail once a month, within the 35 days of its restore points, and tells of failures', () => {
  expect(schedule?.Properties).toMatchObject({
    ScheduleExpression: 'cron(0 4 1 * ? *)',
    Target: {
      Arn: { 'Fn::Join': ['', expect.arrayContaining([':scheduler:::aws-sdk:dynamodb:exportTableToPointInTime'])] },
      DeadLetterConfig: expect.anything(),
    },
  });
  const text = JSON.stringify(schedule?.Properties.Target.Input);
  for (const part of ['TableArn', 'S3Bucket', 'S3Prefix', 'ClientToken', '<aws.scheduler.scheduled-time>'])
    expect(text).toContain(part);
});

test('its role may export this one table to this one bucket, and nothing else', () => {
  const role = schedule?.Properties.Target.RoleArn['Fn::GetAtt'][0];
  const policies = ofType(resources, 'AWS::IAM::Policy').filter(({ Properties }) => Properties.Roles[0].Ref === role);
  const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  expect(statements.map(({ Action }) => Action)).toEqual([
    'dynamodb:ExportTableToPointInTime',
    ['s3:AbortMultipartUpload', 's3:PutObject', 's3:PutObjectAcl'],
    'sqs:SendMessage',
  ]);
  expect(JSON.stringify(statements[1].Resource)).toContain('/audit-trail/*');
});

test.each<[string, object, RegExp]>([
  ['no time', {}, /archive\.keepFor: is missing/],
  ['an empty time', { keepFor: '' }, /archive\.keepFor/],
  ['less than a day', { keepFor: '1 hour' }, /at least 1 day/],
  ['a lock that is none', { keepFor: '1 day', lock: 'none' }, /archive\.lock/],
])('an archive with %s is refused', (_, archive, says) => expect(() => configure(archive)).toThrow(says));

test('cdk-nag finds nothing that is not acknowledged with a reason', () => {
  const { app } = buildStack({ configuration: configure({ keepFor: '2555 days' }) });
  expect(new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName)).toEqual([]);
});
