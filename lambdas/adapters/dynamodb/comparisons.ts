/** How far the audit trail has been compared with its chains, in the ledger. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { ComparedThrough, Comparisons } from '../../observe/ports.ts';
import { fromItem, toItem } from './items.ts';
import { ledgerKeys } from './keys.ts';

export function createComparisons({
  client,
  ledgerTable: TableName,
}: {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
}): Comparisons {
  return {
    async read() {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: marshall(ledgerKeys.chains) }));
      return Item && fromItem<ComparedThrough>(Item);
    },
    /** Of two runs at once either may have the last word: the one that is behind reads again what the other has read. */
    async save(through) {
      await client.send(new PutItemCommand({ TableName, Item: toItem({ ...ledgerKeys.chains, ...through }) }));
    },
  };
}
