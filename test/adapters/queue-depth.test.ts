import { SQSClient } from '@aws-sdk/client-sqs';
import { createQueueDepth } from '../../lambdas/adapters/aws/reconcile-queue.ts';
import { ok, scriptedAws } from './scripted-aws.ts';

test('the queue is asked how much waits in it, and for nothing else', async () => {
  const aws = await scriptedAws([ok({ Attributes: { ApproximateNumberOfMessages: '17' } }), ok()]);
  const client = new SQSClient(aws.settings);
  const depth = createQueueDepth({ client, queueUrl: `${aws.settings.endpoint}/1/q.fifo` });
  expect([await depth.waiting(), await depth.waiting()]).toEqual([17, 0]);
  expect(aws.requests[0]).toMatchObject({
    operation: 'GetQueueAttributes',
    body: { AttributeNames: ['ApproximateNumberOfMessages'] },
  });
  client.destroy();
  await aws.close();
});
