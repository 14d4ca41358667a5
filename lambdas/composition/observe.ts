/** Puts `observe` together: what follows from each record of the audit trail, and the chains behind all of them. */
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { dynamoClient, eventBridgeClient, sqsClient } from '../adapters/aws/clients.ts';
import { createDirectReconcile } from '../adapters/aws/direct-reconcile.ts';
import { createEventBus } from '../adapters/aws/event-bus.ts';
import { createReconcileQueue } from '../adapters/aws/reconcile-queue.ts';
import { createKeyIds } from '../adapters/dynamodb/api-keys.ts';
import { createAttributions } from '../adapters/dynamodb/attributions.ts';
import { createDynamoChain } from '../adapters/dynamodb/chain.ts';
import { createComparisons } from '../adapters/dynamodb/comparisons.ts';
import { createDynamoLedger } from '../adapters/dynamodb/ledger.ts';
import { createReports } from '../adapters/dynamodb/reports.ts';
import { createWrittenRecords } from '../adapters/dynamodb/written-records.ts';
import type { ChainRequest } from '../contract.ts';
import { type Compared, createChainMissing } from '../observe/chain-missing.ts';
import { createObserve } from '../observe/observe.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import type { Instruments } from '../runtime/handler.ts';

export interface ObserveSettings {
  readonly ledgerTable: string;
  readonly auditTable: string;
  readonly reconcileQueueUrl: string;
  readonly busName: string;
  readonly rotateFunction: string;
}

/** The stream's batches, and the schedule's word that every record is to be chained. */
export function createObserver(settings: ObserveSettings, tools: Instruments) {
  const tables = { client: dynamoClient(), ...settings };
  const parts = {
    bus: createEventBus({ client: eventBridgeClient(), busName: settings.busName }),
    ledger: createDynamoLedger(tables),
    keys: createKeyIds(tables),
    trail: createAttributions(tables),
    chain: createDynamoChain(tables),
    reports: createReports(tables),
    queue: createReconcileQueue({ client: sqsClient(), queueUrl: settings.reconcileQueueUrl }),
    direct: createDirectReconcile(settings.rotateFunction),
    clock,
    ...tools,
  };
  const observe = createObserve(parts);
  const chainMissing = createChainMissing({
    ...parts,
    written: createWrittenRecords(tables),
    comparisons: createComparisons(tables),
  });
  return async (event: DynamoDBStreamEvent | ChainRequest): Promise<DynamoDBBatchResponse | Compared> =>
    'action' in event ? chainMissing() : observe(event);
}
