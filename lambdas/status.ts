/** Handler of `paddlewheel-status`: people and pipelines -> the ledger. Reads only. */
import type { Context } from 'aws-lambda';
import { dynamoClient, sqsClient } from './adapters/aws/clients.ts';
import { createReconcileQueue } from './adapters/aws/reconcile-queue.ts';
import { createAccountFailures } from './adapters/dynamodb/account-failures.ts';
import { createCheckAnswers } from './adapters/dynamodb/checks.ts';
import { createDynamoLedger } from './adapters/dynamodb/ledger.ts';
import { createDynamoRegistry } from './adapters/dynamodb/registry.ts';
import { ENV, NAMES } from './contract.ts';
import { createReading } from './rotation/reading.ts';
import { systemClock as clock, createIds } from './runtime/clock.ts';
import { readEnv } from './runtime/environment.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';

const env = readEnv(process.env, ['ledgerTable', 'reconcileQueueUrl']);
const tools = instruments(NAMES.status);
const tables = { client: dynamoClient(), ledgerTable: env.ledgerTable, auditTable: 'never-read-here' };
const handle = createReading({
  ledger: createDynamoLedger(tables),
  registry: createDynamoRegistry({ client: tables.client, table: env.ledgerTable }),
  accounts: process.env[ENV.namespace] ? createAccountFailures(tables) : undefined,
  checks: createCheckAnswers(tables),
  queue: createReconcileQueue({ client: sqsClient(), queueUrl: env.reconcileQueueUrl }),
  rest: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ids: createIds(),
  clock,
});
export const handler = wrapHandler((event: unknown, context: Context) => handle(event, context.awsRequestId), tools);
