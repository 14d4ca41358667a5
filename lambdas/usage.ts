/** Handler of `paddlewheel-usage`: builds and deployments, and CloudTrail if so configured -> the ledger. */
import type { Context } from 'aws-lambda';
import { dynamoClient, sqsClient } from './adapters/aws/clients.ts';
import { createReconcileQueue } from './adapters/aws/reconcile-queue.ts';
import { publicationVersion as versionOf } from './adapters/aws/secrets-manager-target.ts';
import { createDynamoLedger } from './adapters/dynamodb/ledger.ts';
import { createTargetIndex } from './adapters/dynamodb/target-index.ts';
import { createUsageRecords } from './adapters/dynamodb/usage.ts';
import { ENV, NAMES } from './contract.ts';
import { systemClock as clock } from './runtime/clock.ts';
import { readEnv } from './runtime/environment.ts';
import { aliasOf, instruments, wrapHandler } from './runtime/handler.ts';
import { createUsage } from './usage/usage.ts';

// The ledger's adapter also wants the name of the audit trail, which only saving needs: this function may not.
const env = readEnv(process.env, ['ledgerTable', 'reconcileQueueUrl']);
const tools = instruments(NAMES.usage);
const tables = { client: dynamoClient(), ledgerTable: env.ledgerTable, auditTable: 'never-written-here' };
const [ledger, records, index] = [createDynamoLedger(tables), createUsageRecords(tables), createTargetIndex(tables)];
const queue = createReconcileQueue({ client: sqsClient(), queueUrl: env.reconcileQueueUrl });
const ownRoles = process.env[ENV.ownRoles]?.split(',').filter((arn) => arn !== '');
const handle = createUsage({ ledger, records, index, queue, clock, versionOf, ownRoles, ...tools });
export const handler = wrapHandler((event: unknown, context: Context) => handle(event, aliasOf(context)), tools);
