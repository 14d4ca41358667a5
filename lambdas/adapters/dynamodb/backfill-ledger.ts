/** The ledger as the backfill uses it, in DynamoDB. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { BackfillLedger } from '../../backfill/ports.ts';
import { freshWatermark, type Watermark } from '../../backfill/watermark.ts';
import { ConflictError } from '../../domain/errors.ts';
import type { Account, IntegrationConfig, IntegrationState } from '../../domain/model.ts';
import { getAll } from './get-all.ts';
import { fromItem, toItem } from './items.ts';
import { ledgerKeys } from './keys.ts';
import { apiAccountsIn, registeredIn } from './registered.ts';

type Key = { readonly pk: string; readonly sk: string };

export function createBackfillLedger({ client, table }: { client: DynamoDBClient; table: string }): BackfillLedger {
  const get = async (key: Key) =>
    (await client.send(new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }))).Item;

  return {
    async account(name) {
      const item = await get(ledgerKeys.account(name));
      return item && fromItem<Account>(item);
    },

    sellers: () => apiAccountsIn(client, table),

    async states(account) {
      const entries = await registeredIn(client, table);
      // Who registered before that was noted may be of any account.
      const possible = entries.filter((entry) => entry.account === undefined || entry.account === account);
      const names = possible.map(({ integration }) => integration);
      const keys = names.flatMap((name) => [ledgerKeys.config(name), ledgerKeys.state(name)]);
      // Whole, or an error: a state that was not read would make its tokens look foreign.
      const found = await getAll(client, { table, keys, ConsistentRead: true });
      const items = new Map(found.map((item) => [`${item.pk?.S} ${item.sk?.S}`, item]));
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
