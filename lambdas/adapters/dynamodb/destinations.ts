/** The ledger's and the trail's part of the maintenance of destinations, in DynamoDB. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ConflictError } from '../../domain/errors.ts';
import type { Account } from '../../domain/model.ts';
import { simulationPartition } from '../../paddle/webhook-record.ts';
import { type DestinationRecord, freshRecord } from '../../registrar/destinations/model.ts';
import type { DestinationLedger, SimulationTrail } from '../../registrar/destinations/ports.ts';
import { fromItem, toItem } from './items.ts';
import { ledgerKeys } from './keys.ts';

export function createDestinationLedger({
  client,
  table,
}: {
  client: DynamoDBClient;
  table: string;
}): DestinationLedger {
  const get = async (key: { pk: string; sk: string }) =>
    (await client.send(new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }))).Item;
  return {
    async account(name) {
      const item = await get(ledgerKeys.account(name));
      return item && fromItem<Account>(item);
    },
    async load(account) {
      const item = await get(ledgerKeys.destination(account));
      return item ? fromItem<DestinationRecord>(item) : freshRecord(account);
    },
    async save(previous, next) {
      const stored = { ...next, version: previous.version + 1 };
      const isFirst = 'attribute_not_exists(pk)';
      const isNext = 'version = :previous';
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: toItem({ ...stored, ...ledgerKeys.destination(next.account) }),
            ConditionExpression: previous.version === 0 ? isFirst : isNext,
            ExpressionAttributeValues: previous.version === 0 ? undefined : marshall({ ':previous': previous.version }),
          }),
        );
      } catch (cause) {
        if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
        throw new ConflictError(`another run wrote the destination of ${next.account} first`, { cause });
      }
      return stored;
    },
  };
}

/** A simulated event is among the last that came, or has not come yet. */
const LAST = 50;

export function createSimulationTrail({ client, table }: { client: DynamoDBClient; table: string }): SimulationTrail {
  return {
    async holds(account, eventId) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: marshall({ ':pk': simulationPartition(account) }),
          ScanIndexForward: false,
          Limit: LAST,
        }),
      );
      return Items.some((item) => unmarshall(item).id === eventId);
    },
  };
}
