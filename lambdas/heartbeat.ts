/** Handler of `paddlewheel-heartbeat`: EventBridge Scheduler, every minute -> the reconcile queue. The event says nothing of use. */
import { dynamoClient, sqsClient } from './adapters/aws/clients.ts';
import { createQueueDepth, createReconcileQueue } from './adapters/aws/reconcile-queue.ts';
import { createAccountFinder } from './adapters/dynamodb/accounts-of.ts';
import { createDueFinder } from './adapters/dynamodb/due.ts';
import { NAMES } from './contract.ts';
import { createHeartbeat } from './heartbeat/heartbeat.ts';
import { systemClock as clock } from './runtime/clock.ts';
import { paddleAddresses, readEnv } from './runtime/environment.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';

const env = readEnv(process.env, ['ledgerTable', 'reconcileQueueUrl']);
const tools = instruments(NAMES.heartbeat);
const places = { client: dynamoClient(), ledgerTable: env.ledgerTable };
const due = createDueFinder(places);
const accounts = createAccountFinder(places);
const reconciles = { client: sqsClient(), queueUrl: env.reconcileQueueUrl };
const queue = { ...createReconcileQueue(reconciles), ...createQueueDepth(reconciles) };
const addresses = paddleAddresses(process.env);
const rest = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
export const handler = wrapHandler(createHeartbeat({ due, accounts, queue, clock, rest, addresses, ...tools }), tools);
