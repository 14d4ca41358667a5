/** Door of `paddlewheel-heartbeat`: EventBridge Scheduler, every minute -> the look queue. The event says nothing of use. */
import { dynamoClient, sqsClient } from './adapters/aws-clients.ts';
import { createDueFinder } from './adapters/dynamo-due.ts';
import { createLookQueue } from './adapters/sqs-look-queue.ts';
import { NAMES } from './contract.ts';
import { createBeat } from './heartbeat/beat.ts';
import { systemClock as clock } from './shared/clock.ts';
import { door, instruments } from './shared/door.ts';
import { readEnv } from './shared/env.ts';

const env = readEnv(process.env, ['ledgerTable', 'lookQueueUrl']);
const tools = instruments(NAMES.heartbeat);
const due = createDueFinder({ client: dynamoClient(), ledgerTable: env.ledgerTable });
const queue = createLookQueue({ client: sqsClient(), queueUrl: env.lookQueueUrl });
export const handler = door(createBeat({ due, queue, clock, ...tools }), tools);
