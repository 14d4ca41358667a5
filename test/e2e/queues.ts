/** What waits in a queue: the first question when something that takes its way through one does not come. */
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { NAMES } from '../../lambdas/contract.ts';
import { LOCAL_ACCOUNT } from '../../local/aws.ts';
import type { Installation } from '../../local/installation.ts';

const COUNTS = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;

/** `paddlewheel-reconcile.fifo: 0 visible, 1 taken or put back`, for each queue of ours. */
export async function queuesInWords({ aws, clientSettings }: Installation): Promise<string> {
  const sqs = new SQSClient(clientSettings);
  const names = [NAMES.reconcileQueue, NAMES.reconcileDeadLetters, NAMES.failures];
  const lines = names.map(async (name) => {
    const asked = { QueueUrl: `${aws.url}/${LOCAL_ACCOUNT}/${name}`, AttributeNames: [...COUNTS] };
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand(asked));
    return `${name}: ${Attributes[COUNTS[0]]} visible, ${Attributes[COUNTS[1]]} taken or put back`;
  });
  return (await Promise.allSettled(lines))
    .map((line) => (line.status === 'fulfilled' ? line.value : `a queue cannot be read: ${String(line.reason)}`))
    .join('; ');
}
