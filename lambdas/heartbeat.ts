/** Handler of `paddlewheel-heartbeat`: EventBridge Scheduler, every minute -> the reconcile queue. The event says nothing of use. */
import { dynamoClient, sqsClient } from './adapters/aws/clients.ts';
import { createReconcileQueue } from './adapters/aws/reconcile-queue.ts';
import { createDueFinder } from './adapters/dynamodb/due.ts';
import { NAMES } from './contract.ts';
import { createHeartbeat } from './heartbeat/heartbeat.ts';
import { systemClock as clock } from './runtime/clock.ts';
import { readEnv } from './runtime/environment.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';

const env = readEnv(process.env, ['ledgerTable', 'reconcileQueueUrl']);
const tools = instruments(NAMES.heartbeat);
const due = createDueFinder({ client: dynamoClient(), ledgerTable: env.ledgerTable });
const queue = createReconcileQueue({ client: sqsClient(), queueUrl: env.reconcileQueueUrl });
export const handler = wrapHandler(createHeartbeat({ due, queue, clock, ...tools }), tools);
