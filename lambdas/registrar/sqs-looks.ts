import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Looks } from './register.ts';

/** Asks for looks, one message each. @throws the SDK's errors; what was sent before is then sent again by the next deploy */
export function createSqsLooks({ client, queueUrl }: { client: SQSClient; queueUrl: string }): Looks {
  return {
    async send(requests) {
      for (const { key, ...message } of requests) {
        await client.send(
          new SendMessageCommand({
            QueueUrl: queueUrl,
            MessageBody: JSON.stringify(message),
            MessageGroupId: message.integration,
            // A request id and a name: together at most 100 characters, all of which SQS takes.
            MessageDeduplicationId: `${key}:${message.integration}`,
          }),
        );
      }
    },
  };
}
