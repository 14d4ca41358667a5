import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { namesOf } from '../naming.ts';

/** Where everything goes that failed for good and is not a reconcile: invocations, ticks, stream batches. An alarm watches it. */
export class Failures extends Queue {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      queueName: namesOf(scope).failures,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'This is where failures end up; nothing reads from it but people.',
    });
  }
}
