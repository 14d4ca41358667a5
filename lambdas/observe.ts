/** Handler of `paddlewheel-observe`: the audit trail's stream -> the bus, attributions, the reconcile queue. */
import { dynamoClient, eventBridgeClient, sqsClient } from './adapters/aws/clients.ts';
import { createEventBus } from './adapters/aws/event-bus.ts';
import { createReconcileQueue } from './adapters/aws/reconcile-queue.ts';
import { createKeyIds } from './adapters/dynamodb/api-keys.ts';
import { createAttributions } from './adapters/dynamodb/attributions.ts';
import { createDynamoChain } from './adapters/dynamodb/chain.ts';
import { createDynamoLedger } from './adapters/dynamodb/ledger.ts';
import { createReports } from './adapters/dynamodb/reports.ts';
import { NAMES } from './contract.ts';
import { createObserve } from './observe/observe.ts';
import { systemClock as clock } from './runtime/clock.ts';
import { readEnv } from './runtime/environment.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';

const env = readEnv(process.env, ['ledgerTable', 'auditTable', 'reconcileQueueUrl', 'busName']);
const tools = instruments(NAMES.observe);
const tables = { client: dynamoClient(), ...env };
const [trail, chain, keys] = [createAttributions(tables), createDynamoChain(tables), createKeyIds(tables)];
const reports = createReports(tables);
const bus = createEventBus({ client: eventBridgeClient(), busName: env.busName });
const queue = createReconcileQueue({ client: sqsClient(), queueUrl: env.reconcileQueueUrl });
export const handler = wrapHandler(
  createObserve({ bus, ledger: createDynamoLedger(tables), keys, trail, chain, reports, queue, clock, ...tools }),
  tools,
);
