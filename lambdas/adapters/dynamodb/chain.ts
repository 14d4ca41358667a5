/** The chains of the audit trail in DynamoDB: only ever added to. */
import {
  type DynamoDBClient,
  QueryCommand,
  TransactionCanceledException,
  TransactionInProgressException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { chainKeys, genesis, type Head, type Link, linkBehind, type TrailRecord } from '../../domain/audit-chain.ts';
import type { TrailChain } from '../../observe/ports.ts';
import { isNew } from './audit-trail.ts';
import { toItem } from './items.ts';

/** Two observers that get into each other's way take turns; a record that finds no place in so many tries comes again. */
const MAX_TRIES = 8;
/** Heads of chains that this process has lately added to. */
const MAX_HEADS = 1_000;

export interface DynamoChainOptions {
  readonly client: DynamoDBClient;
  readonly auditTable: string;
  /** Pauses between tries, milliseconds. */
  readonly pause?: (ms: number) => Promise<void>;
}

export function createDynamoChain(options: DynamoChainOptions): TrailChain {
  const { client, auditTable, pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms)) } = options;
  // A remembered head that is out of date costs one try: its successor's place is taken.
  const heads = new Map<string, Head>();

  const readHead = async (pk: string): Promise<Head> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: auditTable,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: marshall({
          ':pk': chainKeys.partition(pk),
          ':first': chainKeys.firstLink,
          ':last': chainKeys.lastLink,
        }),
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    const [last] = Items;
    if (!last) return genesis(pk);
    const { seq, chain } = unmarshall(last) as Link;
    return { seq, chain };
  };

  const put = async (record: TrailRecord, head: Head): Promise<'chained' | 'already' | 'taken'> => {
    const { link, mark } = linkBehind(head, record);
    const puts = [mark, link].map((item) => ({
      Put: { TableName: auditTable, Item: toItem(item), ConditionExpression: isNew },
    }));
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: puts }));
      remember(heads, record.pk, { seq: link.seq, chain: link.chain });
      return 'chained';
    } catch (error) {
      if (error instanceof TransactionInProgressException) return 'taken';
      if (!(error instanceof TransactionCanceledException)) throw error;
      const [marked, linked] = (error.CancellationReasons ?? []).map(({ Code }) => Code);
      if (marked === 'ConditionalCheckFailed') return 'already';
      if (linked === 'ConditionalCheckFailed' || [marked, linked].some((code) => COLLISIONS.has(code ?? '')))
        return 'taken';
      throw error;
    }
  };

  return {
    async append(record) {
      let head = heads.get(record.pk) ?? (await readHead(record.pk));
      for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
        const outcome = await put(record, head);
        if (outcome !== 'taken') return outcome;
        heads.delete(record.pk);
        await pause(10 * 2 ** Math.min(tries, 5) * Math.random());
        head = await readHead(record.pk);
      }
      throw new Error(`no place in the chain of ${record.pk} within ${MAX_TRIES} tries`);
    },
  };
}

const COLLISIONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

function remember(heads: Map<string, Head>, pk: string, head: Head): void {
  heads.delete(pk);
  heads.set(pk, head);
  const [oldest] = heads.keys();
  if (heads.size > MAX_HEADS && oldest !== undefined) heads.delete(oldest);
}
