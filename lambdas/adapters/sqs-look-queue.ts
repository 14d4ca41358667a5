import { createHash } from 'node:crypto';
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { LookMessage } from '../contract.ts';
import { TransientError } from '../shared/errors.ts';
import type { LookQueue } from '../shared/look-queue.ts';
import { batchesOf } from './batches.ts';

export function createLookQueue(options: { client: SQSClient; queueUrl: string }): LookQueue {
  const { client, queueUrl } = options;
  return {
    async send(requests) {
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

const deduplicationId = ({ integration, cause, suspect }: LookMessage, key: string): string =>
  createHash('sha256')
    .update(JSON.stringify([integration, cause, suspect, key]))
    .digest('hex');
