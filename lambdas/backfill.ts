/** Handler of `paddlewheel-backfill`: EventBridge Scheduler, every hour, with the accounts' names -> audit trail, reconcile queue. */
import { dynamoClient as dynamo, sqsClient } from './adapters/aws/clients.ts';
import { createReconcileQueue } from './adapters/aws/reconcile-queue.ts';
import { createBackfillLedger } from './adapters/dynamodb/backfill-ledger.ts';
import { createBackfillTrail } from './adapters/dynamodb/backfill-trail.ts';
import { createReports } from './adapters/dynamodb/reports.ts';
import { createBackfill } from './backfill/backfill.ts';
import { createHistories } from './composition/paddle-history.ts';
import { NAMES } from './contract.ts';
import { systemClock as clock } from './runtime/clock.ts';
import { paddleAddresses, readEnv } from './runtime/environment.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';

const env = readEnv(process.env, ['ledgerTable', 'auditTable', 'reconcileQueueUrl']);
const tools = instruments(NAMES.backfill);
const client = dynamo();
const ledger = createBackfillLedger({ client, table: env.ledgerTable });
const trail = createBackfillTrail({ client, table: env.auditTable });
const reports = createReports({ client, ledgerTable: env.ledgerTable });
const queue = createReconcileQueue({ client: sqsClient(), queueUrl: env.reconcileQueueUrl });
const addresses = paddleAddresses(process.env);
const paddle = createHistories({ client, ledgerTable: env.ledgerTable, clock, log: tools.log, addresses });
export const handler = wrapHandler(createBackfill({ ledger, trail, reports, queue, paddle, clock, ...tools }), tools);
