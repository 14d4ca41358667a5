import { createHash } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { batchesOf } from '../../domain/batches.ts';
import { TransientError } from '../../domain/errors.ts';
import type { QueuedCheck, QueuedReconcile, ReconcileQueue } from '../../domain/ports.ts';
import type { QueueDepth } from '../../heartbeat/ports.ts';
import type { CheckQueue } from '../../rotation/check-answers.ts';
import type { Deliveries } from '../../rotation/ports.ts';

export function createReconcileQueue(options: { client: SQSClient; queueUrl: string }): ReconcileQueue & CheckQueue {
  const { client, queueUrl } = options;
  return {
    async send(requests: readonly (QueuedReconcile | QueuedCheck)[]) {
      const refused: string[] = [];
      for (const batch of batchesOf(10, requests)) {
        const answer = await client.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: batch.map(({ key, ...message }, at) => ({
              Id: String(at),
              MessageBody: JSON.stringify(message),
              MessageGroupId: message.integration,
              MessageDeduplicationId: deduplicationId(message, key),
            })),
          }),
        );
        for (const { Id, Code } of answer.Failed ?? []) refused.push(`${batch[Number(Id)]?.integration} (${Code})`);
      }
      if (refused.length > 0)
        throw new TransientError('look_not_queued', `the queue did not take ${refused.join(', ')}`);
    },
  };
}

const deduplicationId = (
  { integration, cause }: Pick<QueuedReconcile | QueuedCheck, 'integration' | 'cause'>,
  key: string,
): string =>
  createHash('sha256')
    .update(JSON.stringify([integration, cause, key]))
    .digest('hex');

export function createQueueDepth(options: { client: SQSClient; queueUrl: string }): QueueDepth {
  const { client, queueUrl } = options;
  return {
    async waiting() {
      const read = new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages'],
      });
      return Number((await client.send(read)).Attributes?.ApproximateNumberOfMessages ?? 0);
    },
  };
}

export function createDeliveries(options: { client: SQSClient; queueUrl: string }): Deliveries {
  const { client, queueUrl } = options;
  return {
    async comeBackIn(receiptHandle, seconds) {
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    },
  };
}
