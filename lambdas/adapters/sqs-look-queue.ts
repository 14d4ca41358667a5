import { createHash } from 'node:crypto';
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { LookMessage } from '../contract.ts';
import type { Clock } from '../rotation/ports.ts';
import { TransientError } from '../shared/errors.ts';
import { batchesOf } from './batches.ts';

export interface LookRequest extends LookMessage {
  /**
   * What makes this request different from the last one, for instance a webhook's event id. Without it, one look per
   * integration, cause, suspect and minute is enough: right for what is due, wrong for what brings news.
   */
  readonly key?: string;
}

export interface LookQueue {
  /** @throws TransientError naming the integrations whose message was not taken; all the others were sent. */
  send(requests: readonly LookRequest[]): Promise<void>;
}

export function createLookQueue(options: { client: SQSClient; queueUrl: string; clock: Clock }): LookQueue {
  const { client, queueUrl, clock } = options;
  return {
    async send(requests) {
      const minute = Math.floor(clock.now() / 60_000);
      const refused: string[] = [];
      for (const batch of batchesOf(10, requests)) {
        const answer = await client.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: batch.map(({ key, ...message }, at) => ({
              Id: String(at),
              MessageBody: JSON.stringify(message),
              MessageGroupId: message.integration,
              MessageDeduplicationId: deduplicationId(message, key ?? `minute ${minute}`),
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
