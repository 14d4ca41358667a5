/** The ledger as the backfill uses it, in DynamoDB. */
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { BackfillLedger } from '../../backfill/ports.ts';
import { freshWatermark, type Watermark } from '../../backfill/watermark.ts';
import { ConflictError, TransientError } from '../../domain/errors.ts';
import type { Account, IntegrationConfig, IntegrationState } from '../../domain/model.ts';
import { batchesOf } from './batches.ts';
import { fromItem, type Item, toItem } from './items.ts';
import { ledgerKeys } from './keys.ts';
import { registeredIn } from './registered.ts';

type Key = { readonly pk: string; readonly sk: string };
const MOST_KEYS = 100;
const MOST_TRIES = 5;

export function createBackfillLedger({ client, table }: { client: DynamoDBClient; table: string }): BackfillLedger {
  const get = async (key: Key) =>
    (await client.send(new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }))).Item;

  return {
    async account(name) {
      const item = await get(ledgerKeys.account(name));
      return item && fromItem<Account>(item);
    },

    async states(account) {
      const names = (await registeredIn(client, table)).map(({ integration }) => integration);
      const keys = names.flatMap((name) => [ledgerKeys.config(name), ledgerKeys.state(name)]);
      const items = await getAll(client, table, keys);
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

/** Whole, or an error: a state that was not read would make its tokens look foreign. */
async function getAll(client: DynamoDBClient, table: string, keys: readonly Key[]): Promise<Map<string, Item>> {
  const found = new Map<string, Item>();
  for (const batch of batchesOf(MOST_KEYS, keys)) {
    let left: Item[] = batch.map((key) => marshall(key));
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
