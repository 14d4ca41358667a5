/** The ledger's and the trail's part of the backfill, in DynamoDB. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { BackfillLedger, BackfillTrail } from '../../backfill/ports.ts';
import { freshWatermark, type Watermark } from '../../backfill/watermark.ts';
import { auditPartition, auditSortKey } from '../../domain/audit-keys.ts';
import { ConflictError, TransientError } from '../../domain/errors.ts';
import type { Account, IntegrationConfig, IntegrationState, PaddleToken } from '../../domain/model.ts';
import { batchesOf } from './batches.ts';
import { fromItem, toItem } from './items.ts';
import { ledgerKeys } from './keys.ts';
import { registryKey } from './registry.ts';

type Key = { readonly pk: string; readonly sk: string };
const MOST_KEYS = 100;
const MOST_TRIES = 5;

export function createBackfillLedger({ client, table }: { client: DynamoDBClient; table: string }): BackfillLedger {
  const get = async (key: Key) =>
    (await client.send(new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }))).Item;

  /** Whole, or an error: a state that was not read would make its tokens look foreign. */
  async function getAll(keys: readonly Key[]): Promise<Map<string, Record<string, AttributeValue>>> {
    const found = new Map<string, Record<string, AttributeValue>>();
    for (const batch of batchesOf(MOST_KEYS, keys)) {
      let left: Record<string, AttributeValue>[] = batch.map((key) => marshall(key));
      for (let tries = 1; left.length > 0; tries += 1) {
        if (tries > MOST_TRIES) throw new TransientError('unprocessed_keys', 'the ledger did not answer all keys');
        const answer = await client.send(
          new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
        );
        for (const item of answer.Responses?.[table] ?? []) found.set(`${item.pk?.S} ${item.sk?.S}`, item);
        left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
      }
    }
    return found;
  }

  async function integrations(): Promise<readonly string[]> {
    const names: string[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: marshall({ ':pk': registryKey('').pk }),
          ExclusiveStartKey: start,
        }),
      );
      names.push(...(page.Items ?? []).map((item) => String(unmarshall(item).integration)));
      start = page.LastEvaluatedKey;
    } while (start);
    return names;
  }

  return {
    async account(name) {
      const item = await get(ledgerKeys.account(name));
      return item && fromItem<Account>(item);
    },

    async states(account) {
      const names = await integrations();
      const items = await getAll(names.flatMap((name) => [ledgerKeys.config(name), ledgerKeys.state(name)]));
      const at = ({ pk, sk }: Key) => items.get(`${pk} ${sk}`);
      return names.flatMap((name) => {
        const [config, state] = [at(ledgerKeys.config(name)), at(ledgerKeys.state(name))];
        if (!config || fromItem<IntegrationConfig>(config).account !== account) return [];
        return [
          state
            ? fromItem<IntegrationState>(state)
            : { integration: name, version: 0, tokens: [], sweeps: [], requests: [] },
        ];
      });
    },

    async watermark(account) {
      const item = await get(ledgerKeys.watermark(account));
      return item ? fromItem<Watermark>(item) : freshWatermark(account);
    },

    async save(previous, next) {
      const isFirst = 'attribute_not_exists(pk)';
      const isNext = 'version = :previous';
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: toItem({ ...next, version: previous.version + 1, ...ledgerKeys.watermark(next.account) }),
            ConditionExpression: previous.version === 0 ? isFirst : isNext,
            ExpressionAttributeValues: previous.version === 0 ? undefined : marshall({ ':previous': previous.version }),
          }),
        );
      } catch (cause) {
        if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
        throw new ConflictError(`another run wrote the watermark of ${next.account} first`, { cause });
      }
    },
  };
}

/** Should Paddle round the one notation of an instant and cut the other, an event's two keys are this close. */
const NEIGHBOURHOOD_MS = 1_000;

export function createBackfillTrail({ client, table }: { client: DynamoDBClient; table: string }): BackfillTrail {
  const put = async (item: object): Promise<'stored' | 'duplicate'> => {
    const condition = 'attribute_not_exists(pk)';
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: toItem(item), ConditionExpression: condition }));
      return 'stored';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'duplicate';
      throw error;
    }
  };
  const isNear = async (pk: string, at: string, id: string): Promise<boolean> => {
    const near = (ms: number) => new Date(Date.parse(at) + ms).toISOString().slice(0, 23);
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ProjectionExpression: 'id',
        ExpressionAttributeValues: marshall({
          ':pk': pk,
          ':from': near(-NEIGHBOURHOOD_MS),
          ':to': `${near(NEIGHBOURHOOD_MS)}~`,
        }),
      }),
    );
    return Items.some((item) => item.id?.S === id);
  };

  return {
    async append(item) {
      if (item.kind !== 'unreadable' && (await isNear(item.pk, item.at, item.id))) return 'duplicate';
      return put(item);
    },

    /** Keyed by the token's creation, so that there is one record for it, whenever it was seen. */
    async reportForeign(account: string, token: PaddleToken, now: string) {
      const id = `foreign_${token.id}`;
      return put({
        pk: auditPartition({ account }),
        sk: auditSortKey(token.createdAt, id),
        day: now.slice(0, 10),
        kind: 'action',
        id,
        type: 'token.foreign',
        at: now,
        account,
        tokenId: token.id,
        message: `${token.id} is active at Paddle and is none of Paddlewheel's; it is reported once and never touched.`,
        details: { createdAt: token.createdAt },
      });
    },
  };
}
