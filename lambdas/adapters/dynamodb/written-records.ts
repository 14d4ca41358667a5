/** The records of the audit trail by the hour in which they were written, and which of them are chained. */
import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { WRITTEN_INDEX } from '../../contract.ts';
import { chainKeys, type TrailRecord } from '../../domain/audit-chain.ts';
import type { RecordKey, WrittenRecords } from '../../observe/ports.ts';
import { getAll } from './get-all.ts';

/** As many keys as one reading of marks takes. */
const PAGE = 100;

export function createWrittenRecords({
  client,
  auditTable,
}: {
  readonly client: DynamoDBClient;
  readonly auditTable: string;
}): WrittenRecords {
  return {
    async page(hour, after) {
      const { name, partitionKey } = WRITTEN_INDEX;
      const query = new QueryCommand({
        TableName: auditTable,
        IndexName: name,
        KeyConditionExpression: '#hour = :hour',
        ExpressionAttributeNames: { '#hour': partitionKey },
        ExpressionAttributeValues: marshall({ ':hour': hour }),
        ExclusiveStartKey: after && marshall({ ...after, [partitionKey]: hour }),
        Limit: PAGE,
      });
      const { Items = [], LastEvaluatedKey } = await client.send(query);
      const records = Items.map(keyOf);
      const marks = records.map(({ pk, sk }) => chainKeys.mark(pk, sk));
      // Marks are an hour old here, or come again as `already`: the cheaper reading will do.
      const found = await getAll(client, { table: auditTable, keys: marks, ProjectionExpression: 'pk, sk' });
      const chained = new Set(found.map((item) => idOf(keyOf(item))));
      const unchained = records.filter(({ pk, sk }) => !chained.has(idOf(chainKeys.mark(pk, sk))));
      return { records: records.length, unchained, ...(LastEvaluatedKey ? { next: keyOf(LastEvaluatedKey) } : {}) };
    },

    async read(key) {
      const { Item } = await client.send(new GetItemCommand({ TableName: auditTable, Key: marshall(key) }));
      return Item && (unmarshall(Item) as TrailRecord);
    },
  };
}

const keyOf = (item: Parameters<typeof unmarshall>[0]): RecordKey => {
  const { pk, sk } = unmarshall(item) as RecordKey;
  return { pk, sk };
};

const idOf = ({ pk, sk }: RecordKey): string => `${pk} ${sk}`;
