import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { DUE_INDEX } from '../../contract.ts';
import type { Instant } from '../../domain/model.ts';
import type { Item } from './items.ts';
import { dueShards, HEALING_SHARD, ledgerKeys } from './keys.ts';
import { queried } from './pages.ts';

export interface Due {
  readonly integration: string;
  readonly dueAt: Instant;
  readonly heals?: true;
}

/** Pages of up to 1 MB: about 8,000 integrations each. What is beyond them is due in a minute still, and later than these. */
const MAX_PAGES = 20;
const PREFIX = ledgerKeys.state('').pk;

/**
 * What is due at `now`, the longest overdue first: one query per shard when little is due. The index follows the table
 * within about a second, so an integration may appear once more just after its reconcile; a reconcile is idempotent.
 */
export function createDueFinder({ client, ledgerTable }: { client: DynamoDBClient; ledgerTable: string }) {
  const inShard = (shard: string, now: Instant): Promise<Due[]> => {
    const query = {
      TableName: ledgerTable,
      IndexName: DUE_INDEX.name,
      KeyConditionExpression: '#shard = :shard AND #at <= :now',
      ExpressionAttributeNames: { '#shard': DUE_INDEX.partitionKey, '#at': DUE_INDEX.sortKey },
      ExpressionAttributeValues: marshall({ ':shard': shard, ':now': now }),
      // Keys only: the name is in the key, so the index need not project anything.
      ProjectionExpression: 'pk, #at',
    };
    return Array.fromAsync(queried(client, query, { maxPages: MAX_PAGES }), (item) => readDue(item, shard));
  };

  return {
    async findDue(now: Instant): Promise<readonly Due[]> {
      const shards = await Promise.all(dueShards.map((shard) => inShard(shard, now)));
      return shards.flat().sort((a, b) => (a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : 0));
    },
  };
}

function readDue(item: Item, shard: string): Due {
  const { pk, dueAt } = unmarshall(item);
  const due = { integration: String(pk).slice(PREFIX.length), dueAt: String(dueAt) };
  return shard === HEALING_SHARD ? { ...due, heals: true } : due;
}
