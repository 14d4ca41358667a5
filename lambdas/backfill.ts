/** Door of `paddlewheel-backfill`: EventBridge Scheduler, every hour, with the accounts' names -> audit trail, look queue. */
import { dynamoClient as dynamo, sqsClient } from './adapters/aws-clients.ts';
import { createLookQueue } from './adapters/sqs-look-queue.ts';
import { createBackfill } from './backfill/backfill.ts';
import { createBackfillLedger, createBackfillTrail } from './backfill/dynamo.ts';
import { createHistories } from './backfill/history.ts';
import { NAMES } from './contract.ts';
import { systemClock as clock } from './shared/clock.ts';
import { door, instruments } from './shared/door.ts';
import { readEnv } from './shared/env.ts';

const env = readEnv(process.env, ['ledgerTable', 'auditTable', 'lookQueueUrl']);
const tools = instruments(NAMES.backfill);
const client = dynamo();
const ledger = createBackfillLedger({ client, table: env.ledgerTable });
const trail = createBackfillTrail({ client, table: env.auditTable });
const queue = createLookQueue({ client: sqsClient(), queueUrl: env.lookQueueUrl });
const paddle = createHistories({ client, ledgerTable: env.ledgerTable, clock, log: tools.log });
export const handler = door(createBackfill({ ledger, trail, queue, paddle, clock, ...tools }), tools);
