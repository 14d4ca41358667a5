/** The least stack that has what the local AWS drops, and a function to see that functions run. */
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';

const app = new App();
const stack = new Stack(app, 'Paddlewheel', {
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
});
new TableV2(stack, 'Table', {
  tableName: 'tiny-table',
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  timeToLiveAttribute: 'expiresAt',
});
const deadLetters = new Queue(stack, 'DeadLetters', { queueName: 'tiny-dead-letters' });
new Queue(stack, 'Queue', {
  queueName: 'tiny-queue',
  visibilityTimeout: Duration.seconds(2),
  deadLetterQueue: { queue: deadLetters, maxReceiveCount: 2 },
});
new LambdaFunction(stack, 'Function', {
  functionName: 'tiny-function',
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: Code.fromInline(`
    exports.handler = async (event) => {
      const { pid, version: node, env } = process;
      if (event.ending === 'throw') throw new Error('thrown by ' + pid);
      if (event.ending === 'exit') process.exit(1);
      if (event.ending === 'crash') await new Promise(() => setImmediate(() => { throw new Error('uncaught'); }));
      if (event.ending === 'hang') await new Promise(() => {});
      return { event, pid, node, endpoint: env.AWS_ENDPOINT_URL };
    };`),
  deadLetterQueue: deadLetters,
  reservedConcurrentExecutions: 2,
});
new CfnOutput(stack, 'Emulator', { value: String(app.node.tryGetContext('paddlewheel:emulator')) });
new CfnOutput(stack, 'PaddleUrl', { value: process.env.PADDLEWHEEL_PADDLE_URL ?? 'none' });
