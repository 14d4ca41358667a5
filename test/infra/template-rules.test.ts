import { parseConfig } from '../../infra/config.ts';
import { ENV } from '../../lambdas/contract.ts';
import sample from '../resources/hooks.config.ts';
import type { Json, Template } from './resolved-template.ts';
import { ofType, synthesize } from './synth.ts';
import { brokenRules, foreignNames, inPartitionAws } from './template-rules.ts';

const everything = {
  ...sample,
  accounts: { sandbox: { ...sample.accounts.sandbox, seen: true } },
  usageFromCloudTrail: true,
  archive: { keepFor: '365 days' },
  alarms: { email: ['a@example.com'] },
};
const KEY = 'arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const SUBNETS = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'];
const GROUPS = ['sg-0123456789abcdef0'];
const BOUNDARY = 'arn:aws-cn:iam::123456789012:policy/boundary';
const template = synthesize({ configuration: parseConfig(everything, {}) }).template.toJSON() as Template;
const other = synthesize({
  region: 'cn-north-1',
  configuration: parseConfig(
    {
      ...everything,
      prefix: 'shop-eu',
      tables: { ledger: 'Old-LedgerTable-1', auditTrail: 'Old-AuditTrailTable-1' },
      platform: {
        ...{ permissionsBoundary: BOUNDARY, kmsKey: KEY, removal: 'destroy', tags: { team: 'payments' } },
        vpc: { subnetIds: SUBNETS, securityGroupIds: GROUPS },
      },
    },
    {},
  ),
});

test('the template breaks no rule', () => {
  expect(brokenRules(template)).toEqual([]);
  expect(brokenRules(other.template.toJSON() as Template)).toEqual([]);
});

describe('the rules notice', () => {
  const mutated = (type: string, change: (resource: Json) => void): Template => {
    const copy = structuredClone(template) as { Resources: Record<string, Json> };
    const found = Object.values(copy.Resources).find(({ Type }) => Type === type);
    change(found);
    return copy;
  };

  test.each<[string, Template, string]>([
    [
      'a retained table with a fixed name, which blocks the deploy after a failed one',
      mutated('AWS::DynamoDB::GlobalTable', ({ Properties }) => {
        Properties.TableName = 'paddlewheel-ledger';
      }),
      'outlives the stack',
    ],
    [
      'a retained bucket with a fixed name',
      mutated('AWS::S3::Bucket', ({ Properties }) => {
        Properties.BucketName = 'archive';
      }),
      'outlives the stack',
    ],
  ])('%s', (_, broken, says) => {
    expect(brokenRules(broken)).toEqual([expect.stringContaining(says)]);
  });

  test('schedules that begin before the registration, and that anybody could have taken on', () => {
    const copy = structuredClone(template) as { Resources: Record<string, Json> };
    for (const resource of Object.values(copy.Resources)) {
      if (resource.Type === 'AWS::Scheduler::Schedule') resource.DependsOn = undefined;
      if (resource.Type === 'AWS::IAM::Role')
        for (const statement of resource.Properties.AssumeRolePolicyDocument.Statement) statement.Condition = undefined;
    }
    const broken = brokenRules(copy);
    expect(broken.filter((fault) => fault.includes('before the accounts'))).toHaveLength(4);
    expect(broken.filter((fault) => fault.includes('any account'))).toHaveLength(5);
  });
});

test('tables that are named can be adopted: CloudFormation wants a literal name, and that they stay when the stack goes', () => {
  const tables = { ledger: 'Old-LedgerTable-1', auditTrail: 'Old-AuditTrailTable-1' };
  const named = synthesize({ configuration: parseConfig({ ...everything, tables }, {}) }).resources;
  const found = ofType(named, 'AWS::DynamoDB::GlobalTable').map((table) => [
    table.Properties.TableName,
    table.DeletionPolicy,
    table.UpdateReplacePolicy,
  ]);
  expect(found).toEqual(Object.values(tables).map((name) => [name, 'Retain', 'Retain']));
});

test('the template is for the partition of its region, and an ARN of another one would be noticed', () => {
  const json = other.template.toJSON() as Template;
  expect(inPartitionAws(json)).toEqual([]);
  const [id = ''] = Object.keys(json.Resources);
  const broken = { Resources: { ...json.Resources, [id]: { Arn: 'arn:aws:scheduler:::aws-sdk:dynamodb:export' } } };
  expect(inPartitionAws(broken)).toEqual([id]);
});

describe('another prefix', () => {
  test('is in the name of every resource, so that two installations never meet', () => {
    const json = other.template.toJSON() as Template;
    expect(foreignNames(json, 'shop-eu', 'ShopEu')).toEqual([
      'TableName Old-LedgerTable-1',
      'TableName Old-AuditTrailTable-1',
    ]);
    expect(foreignNames(template, 'shop-eu', 'ShopEu').length).toBeGreaterThan(20);
  });

  test('gives the functions a namespace of metrics of their own, which their alarms watch', () => {
    const functions = ofType(other.resources, 'AWS::Lambda::Function');
    for (const { Properties } of functions)
      expect(Properties.Environment.Variables[ENV.metricNamespace]).toBe('ShopEu');
    const namespaces = ofType(other.resources, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties.Namespace);
    expect(namespaces).toContain('ShopEu');
    expect(namespaces).not.toContain('Paddlewheel');
  });
});

describe('what the platform wants', () => {
  test('bounds every role, and runs every function in the network', () => {
    for (const { Properties } of ofType(other.resources, 'AWS::IAM::Role'))
      expect(Properties.PermissionsBoundary).toBe(BOUNDARY);
    for (const { Properties } of ofType(other.resources, 'AWS::Lambda::Function'))
      expect(Properties.VpcConfig).toEqual({ SubnetIds: SUBNETS, SecurityGroupIds: GROUPS });
  });

  test.each([
    ['AWS::SQS::Queue', 'KmsMasterKeyId'],
    ['AWS::SNS::Topic', 'KmsMasterKeyId'],
    ['AWS::Logs::LogGroup', 'KmsKeyId'],
    ['AWS::Lambda::Function', 'KmsKeyArn'],
  ])('encrypts every %s under the key', (type, property) => {
    const found = ofType(other.resources, type);
    expect(found.map(({ Properties }) => Properties[property])).toEqual(found.map(() => KEY));
  });

  test('encrypts the tables under the key, and lets them go with the stack', () => {
    for (const { Properties, DeletionPolicy } of ofType(other.resources, 'AWS::DynamoDB::GlobalTable')) {
      expect(DeletionPolicy).toBe('Delete');
      expect(Properties.Replicas[0]).toMatchObject({
        DeletionProtectionEnabled: false,
        SSESpecification: { KMSMasterKeyId: KEY },
      });
    }
  });

  test('tags what can be tagged', () => {
    const tagged = Object.values(other.resources).filter(({ Properties }) => Properties?.Tags);
    expect(tagged.length).toBeGreaterThan(20);
    const [queue] = ofType(other.resources, 'AWS::SQS::Queue');
    expect(queue?.Properties.Tags).toEqual([{ Key: 'team', Value: 'payments' }]);
  });
});
