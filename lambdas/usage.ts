/** Door of `paddlewheel-usage`: builds and deployments, and CloudTrail if so configured -> the ledger. */
import { dynamoClient, sqsClient } from './adapters/aws-clients.ts';
import { createDynamoLedger } from './adapters/dynamo-ledger.ts';
import { createTargetIndex } from './adapters/dynamo-target-index.ts';
import { createUsageRecords } from './adapters/dynamo-usage.ts';
import { publicationVersion as versionOf } from './adapters/secrets-manager-target.ts';
import { createLookQueue } from './adapters/sqs-look-queue.ts';
import { ENV, NAMES } from './contract.ts';
import { systemClock as clock } from './shared/clock.ts';
import { door, instruments } from './shared/door.ts';
import { readEnv } from './shared/env.ts';
import { createUsage } from './usage/usage.ts';

// The ledger's adapter also wants the name of the audit trail, which only saving needs: this function may not.
const env = readEnv(process.env, ['ledgerTable', 'lookQueueUrl']);
const tools = instruments(NAMES.usage);
const tables = { client: dynamoClient(), ledgerTable: env.ledgerTable, auditTable: 'never-written-here' };
const [ledger, records, index] = [createDynamoLedger(tables), createUsageRecords(tables), createTargetIndex(tables)];
const queue = createLookQueue({ client: sqsClient(), queueUrl: env.lookQueueUrl });
const ownRoles = process.env[ENV.ownRoles]?.split(',').filter((arn) => arn !== '');
export const handler = door(
  createUsage({ ledger, records, index, queue, clock, versionOf, ownRoles, ...tools }),
  tools,
);
