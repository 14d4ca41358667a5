import { Aws, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention, StorageClass } from 'aws-cdk-lib/aws-s3';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { namesOf } from '../naming.ts';
import type { AuditTrail } from './audit-trail.ts';
import { schedulerOf } from './rotation.ts';

export interface ArchiveProps {
  readonly auditTrail: AuditTrail;
  readonly failures: IQueue;
  /** How long each copy is kept, and locked. */
  readonly keepDays: number;
  /** `governance`: people with a special permission may delete. `compliance`: nobody may, not even the account's root. */
  readonly lock: 'governance' | 'compliance';
}

/**
 * A copy of the whole trail in a locked bucket on the first of each month: DynamoDB's own export, asked for by the
 * scheduler itself, so that there is no function and nothing that costs while nothing happens.
 */
export class Archive extends Construct {
  constructor(scope: Construct, id: string, { auditTrail, failures, keepDays, lock }: ArchiveProps) {
    super(scope, id);
    const keep = Duration.days(keepDays);
    const bucket = new Bucket(this, 'Bucket', {
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention[lock](keep),
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          id: 'keep',
          // A copy is hardly ever read. Glacier classes charge for 90 days at least.
          transitions:
            keepDays > 90
              ? [{ storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(0) }]
              : [],
          // The lock ends first, or S3 would have to try again.
          expiration: Duration.days(keepDays + 1),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Only DynamoDB writes here, once a month; who reads is told by data events in CloudTrail where that is wanted.',
    });
    const role = new Role(this, 'Role', {
      assumedBy: schedulerOf(this),
      description: 'Lets the schedule export the audit trail',
    });
    const allow = (actions: string[], resource: string) =>
      role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
    allow(['dynamodb:ExportTableToPointInTime'], auditTrail.table.tableArn);
    // What DynamoDB asks for, in the name of whoever started the export. The names of the objects are its own: hence the wildcard.
    allow(['s3:PutObject', 's3:PutObjectAcl', 's3:AbortMultipartUpload'], bucket.arnForObjects(`${PREFIX}/*`));
    allow(['sqs:SendMessage'], failures.queueArn);
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(bucket.node.defaultChild as never)}.Arn>/${PREFIX}/*]`,
      reason:
        'DynamoDB chooses the names of the objects of an export; the wildcard covers one prefix of this one bucket.',
    });
    new CfnSchedule(this, 'Schedule', {
      name: namesOf(this).archive,
      description: 'Copies the audit trail to the archive on the first of each month',
      scheduleExpression: 'cron(0 4 1 * ? *)',
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: `arn:${Aws.PARTITION}:scheduler:::aws-sdk:dynamodb:exportTableToPointInTime`,
        roleArn: role.roleArn,
        input: Stack.of(this).toJsonString({
          TableArn: auditTrail.table.tableArn,
          S3Bucket: bucket.bucketName,
          S3Prefix: PREFIX,
          S3SseAlgorithm: 'AES256',
          ExportFormat: 'DYNAMODB_JSON',
          // The scheduler's attempts at one month are one export.
          ClientToken: '<aws.scheduler.scheduled-time>',
        }),
        retryPolicy: { maximumEventAgeInSeconds: 6 * 3_600, maximumRetryAttempts: 20 },
        deadLetterConfig: { arn: failures.queueArn },
      },
    });
  }
}

const PREFIX = 'audit-trail';
