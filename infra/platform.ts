/** What a platform team wants of everything in its accounts: a boundary, a network, tags, a key, an end. Laid over the finished construct. */
import { RemovalPolicy, Tags, Validations } from 'aws-cdk-lib';
import { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb';
import { ManagedPolicy, PermissionsBoundary, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import { NodeFunction } from './constructs/node-function.ts';

export interface Platform {
  /** With a wildcard at the end, as `targets` have one. Both or neither. */
  readonly credentials?: string;
  readonly targets?: readonly string[];
  /** ARN of a managed policy that bounds every role. */
  readonly permissionsBoundary?: string;
  /** Where the functions run. They need a way to AWS's services, to Paddle and to the sites: a NAT gateway, for instance. */
  readonly vpc?: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] };
  readonly tags?: Readonly<Record<string, string>>;
  /** ARN of a customer-managed key for tables, queues, topic, logs, environment and archive. `docs/aws.md` has its policy. */
  readonly kmsKey?: string;
  /** What becomes of tables and archive when the stack is destroyed. */
  readonly removal: 'retain' | 'destroy';
}

/** To be called when the construct has all its children. */
export function applyPlatform(
  scope: Construct,
  { permissionsBoundary, vpc, tags = {}, kmsKey, removal }: Platform,
): void {
  for (const [key, value] of Object.entries(tags)) Tags.of(scope).add(key, value);
  if (permissionsBoundary)
    PermissionsBoundary.of(scope).apply(ManagedPolicy.fromManagedPolicyArn(scope, 'Boundary', permissionsBoundary));
  const children = scope.node.findAll();
  if (vpc) for (const child of children) if (child instanceof NodeFunction) intoVpc(child, vpc);
  if (kmsKey) for (const child of children) encrypt(child, kmsKey);
  if (removal === 'destroy') for (const child of children) destroyWithStack(child);
}

function intoVpc({ lambda, role }: NodeFunction, { subnetIds, securityGroupIds }: NonNullable<Platform['vpc']>): void {
  const resource = lambda.node.defaultChild as CfnFunction;
  resource.vpcConfig = { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] };
  // What Lambda asks for in the function's name; network interfaces have no names to allow.
  const actions = ['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DescribeSubnets', 'DeleteNetworkInterface'];
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: actions.map((action) => `ec2:${action}`), resources: ['*'] }),
  );
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'A function in a VPC makes network interfaces, which have no ARN beforehand. AWS asks for exactly this.',
  });
}

function encrypt(child: IConstruct, kmsKey: string): void {
  if (child instanceof Role)
    child.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'], resources: [kmsKey] }),
    );
  if (child instanceof CfnQueue) {
    child.kmsMasterKeyId = kmsKey;
    child.sqsManagedSseEnabled = undefined;
  }
  if (child instanceof CfnTopic) child.kmsMasterKeyId = kmsKey;
  if (child instanceof CfnLogGroup) child.kmsKeyId = kmsKey;
  if (child instanceof CfnFunction) child.kmsKeyArn = kmsKey;
  if (child instanceof CfnGlobalTable) {
    child.sseSpecification = { sseEnabled: true, sseType: 'KMS' };
    child.addPropertyOverride('Replicas.0.SSESpecification', { KMSMasterKeyId: kmsKey });
  }
  if (child instanceof CfnBucket)
    child.bucketEncryption = {
      serverSideEncryptionConfiguration: [
        { bucketKeyEnabled: true, serverSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: kmsKey } },
      ],
    };
}

/** For a sandbox: nothing is left. A locked archive cannot be emptied, so it stays in any case. */
function destroyWithStack(child: IConstruct): void {
  if (!(child instanceof CfnGlobalTable)) return;
  child.applyRemovalPolicy(RemovalPolicy.DESTROY);
  child.addPropertyOverride('Replicas.0.DeletionProtectionEnabled', false);
}
