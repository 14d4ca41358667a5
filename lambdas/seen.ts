/** Handler of `paddlewheel-seen`: API Gateway (HTTP API, payload 2.0) -> the ledger; `rotate`, when a token is revoked. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { dynamoClient, sqsClient } from './adapters/aws/clients.ts';
import { createReconcileQueue } from './adapters/aws/reconcile-queue.ts';
import { createSeenLedger } from './adapters/dynamodb/seen.ts';
import { NAMES } from './contract.ts';
import { systemClock as clock } from './runtime/clock.ts';
import { readEnv } from './runtime/environment.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';
import { createReceiver } from './seen/receive.ts';

const env = readEnv(process.env, ['ledgerTable', 'reconcileQueueUrl']);
const tools = instruments(NAMES.seen);
const ledger = createSeenLedger({ client: dynamoClient(), ledgerTable: env.ledgerTable });
const queue = createReconcileQueue({ client: sqsClient(), queueUrl: env.reconcileQueueUrl });
const receive = createReceiver({ ledger, queue, clock, log: tools.log });
export const handler = wrapHandler((event: APIGatewayProxyEventV2) => receive(event), tools);
