/** Door of `paddlewheel-usage`: invoked by builds and deployments -> the ledger. */
import { dynamoClient, sqsClient } from './adapters/aws-clients.ts';
import { createDynamoLedger } from './adapters/dynamo-ledger.ts';
import { createUsageRecords } from './adapters/dynamo-usage.ts';
import { createLookQueue } from './adapters/sqs-look-queue.ts';
import { NAMES } from './contract.ts';
import { systemClock as clock } from './shared/clock.ts';
import { door, instruments } from './shared/door.ts';
import { readEnv } from './shared/env.ts';
import { createReportUsage } from './usage/report-usage.ts';

// The ledger's adapter also wants the name of the audit trail, which only saving needs: this function may not.
const env = readEnv(process.env, ['ledgerTable', 'lookQueueUrl']);
const tools = instruments(NAMES.usage);
const ledger = createDynamoLedger({
  client: dynamoClient(),
  ledgerTable: env.ledgerTable,
  auditTable: 'never-written-here',
});
const records = createUsageRecords({ client: dynamoClient(), ledgerTable: env.ledgerTable });
const queue = createLookQueue({ client: sqsClient(), queueUrl: env.lookQueueUrl });
export const handler = door(createReportUsage({ ledger, records, queue, clock, log: tools.log }), tools);
