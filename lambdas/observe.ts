/** Door of `paddlewheel-observe`: the audit trail's stream -> the bus, attributions, the look queue. */
import { dynamoClient, eventBridgeClient, sqsClient } from './adapters/aws-clients.ts';
import { createAttributions } from './adapters/dynamo-attributions.ts';
import { createDynamoChain } from './adapters/dynamo-chain.ts';
import { createKeyIds } from './adapters/dynamo-key-id.ts';
import { createDynamoLedger } from './adapters/dynamo-ledger.ts';
import { createEventBus } from './adapters/event-bus.ts';
import { createLookQueue } from './adapters/sqs-look-queue.ts';
import { NAMES } from './contract.ts';
import { createObserve } from './observe/observe.ts';
import { systemClock as clock } from './shared/clock.ts';
import { door, instruments } from './shared/door.ts';
import { readEnv } from './shared/env.ts';

const env = readEnv(process.env, ['ledgerTable', 'auditTable', 'lookQueueUrl', 'busName']);
const tools = instruments(NAMES.observe);
const tables = { client: dynamoClient(), ...env };
const [trail, chain, keys] = [createAttributions(tables), createDynamoChain(tables), createKeyIds(tables)];
const bus = createEventBus({ client: eventBridgeClient(), busName: env.busName });
const queue = createLookQueue({ client: sqsClient(), queueUrl: env.lookQueueUrl });
export const handler = door(
  createObserve({ bus, ledger: createDynamoLedger(tables), keys, trail, chain, queue, clock, ...tools }),
  tools,
);
