/** The stack as everybody deploys it, and a queue that hears its alarms. All of it goes with the stack. */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { bundledCode } from '../../infra/bundled.ts';
import { Prepared } from '../../infra/code.ts';
import { parseConfig } from '../../infra/config.ts';
import { Paddlewheel } from '../../infra/paddlewheel.ts';
import { namesFor } from '../../lambdas/contract.ts';
import input, { placesOf } from './smoke.config.ts';

const configuration = parseConfig(input, process.env);
const app = new App({ analyticsReporting: false });
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
const stack = new Stack(app, namesFor(configuration.prefix).stack, { env: { account, region } });
const { alarmTopic } = new Paddlewheel(stack, 'Paddlewheel', new Prepared(configuration, await bundledCode(false)));
const heard = new Queue(stack, 'Heard', { queueName: placesOf(configuration.prefix).heard, enforceSSL: true });
alarmTopic.addSubscription(new SqsSubscription(heard, { rawMessageDelivery: true }));
new CfnOutput(stack, 'HeardQueueUrl', { value: heard.queueUrl });
app.synth();
