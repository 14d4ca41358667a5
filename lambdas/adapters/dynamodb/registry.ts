import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Account, IntegrationConfig, IntegrationState } from '../../domain/model.ts';
import type { Registry, RegistryEntry } from '../../registrar/register.ts';
import { conditionHeld } from './conditional.ts';
import { untilTaken } from './contended.ts';
import type { Item } from './items.ts';
import { dueShard, ledgerKeys } from './keys.ts';
import { registeredIn, registryKey } from './registered.ts';
import { createTargetIndex } from './target-index.ts';

interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** The ledger in DynamoDB, as the registrar uses it. Errors are the SDK's. */
export function createDynamoRegistry({ client, table }: { client: DynamoDBClient; table: string }): Registry {
  const index = createTargetIndex({ client, ledgerTable: table });
  const get = async <T>(key: Key): Promise<T | undefined> => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }),
    );
    if (!Item) return undefined;
    const { pk, sk, ...value } = unmarshall(Item);
    return value as T;
  };
  const put = async (key: Key, value: object, condition?: Condition) => {
    const command = { TableName: table, Item: toItem(key, value), ...condition };
    await untilTaken(() => client.send(new PutItemCommand(command)));
  };
  /** A new request each time: under the token of a cancelled one, DynamoDB would cancel it again. */
  const transact = (writes: TransactWriteItem[]) =>
    untilTaken(() => client.send(new TransactWriteItemsCommand({ TransactItems: writes })));
  /** Nobody deletes: an entry that is out of date leads to a configuration that knows better. */
  const targetPuts = ({ name, targets }: IntegrationConfig): TransactWriteItem[] =>
    targets.map((target) => transactionPut(ledgerKeys.target(target), { integration: name }));
  const transactionPut = (key: Key, value: object, condition?: Condition): TransactWriteItem => ({
    Put: { TableName: table, Item: toItem(key, value), ...condition },
  });
  const entryOf = ({ name, account }: IntegrationConfig, reconcileOwed?: true) =>
    transactionPut(registryKey(name), { integration: name, account, reconcileOwed });

  return {
    account: (name) => get<Account>(ledgerKeys.account(name)),
    config: (integration) => get<IntegrationConfig>(ledgerKeys.config(integration)),
    publishedAt: ({ kind, name }) => index.publishedAt(kind, name),
    putAccount: (account) => put(ledgerKeys.account(account.name), account, notTheApis),
    async reconcileRequested({ reconcileOwed: _, ...entry }) {
      // Whoever has taken the name over, or changed it, meanwhile owes a reconcile of their own.
      await conditionHeld(put(registryKey(entry.integration), entry, isStillOf(entry)));
    },

    async change(config) {
      const writes = [
        transactionPut(ledgerKeys.config(config.name), config, notTheApis),
        entryOf(config, true),
        ...(config.managed ? targetPuts(config) : []),
      ];
      await transact(writes);
    },

    integrations: () => registeredIn(client, table),

    async create(config, dueAt) {
      const { name } = config;
      const state: IntegrationState = { integration: name, version: 1, tokens: [], sweeps: [], requests: [], dueAt };
      const write = (...writes: TransactWriteItem[]) => transact(writes);
      const putNew = transactionPut(ledgerKeys.config(name), config, notTheApis);
      const isNew = { ConditionExpression: 'attribute_not_exists(pk)' };
      const firstState = transactionPut(ledgerKeys.state(name), { ...state, dueShard: dueShard(name) }, isNew);
      try {
        await write(putNew, entryOf(config), firstState, ...targetPuts(config));
      } catch (error) {
        if (!stateExists(error)) throw error;
        // Of an earlier life of the integration: it is `rotate`'s, stays as it is, and may be due much later.
        await write(putNew, entryOf(config, true), ...targetPuts(config));
      }
    },
  };
}

const toItem = (key: Key, value: object) => marshall({ ...value, ...key }, { removeUndefinedValues: true });

interface Condition {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Item;
}

const isStillOf = ({ owner, revision }: Pick<RegistryEntry, 'owner' | 'revision'>): Condition => {
  const ofOwner = owner === undefined ? 'attribute_not_exists(#owner)' : '#owner = :owner';
  const ofRevision = revision === undefined ? 'attribute_not_exists(revision)' : 'revision = :revision';
  const values = marshall({ ':owner': owner, ':revision': revision }, { removeUndefinedValues: true });
  return {
    ConditionExpression: `${ofOwner} AND ${ofRevision}`,
    ExpressionAttributeNames: { '#owner': 'owner' },
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  };
};

/** A deploy has refused what the API owns; this is for what came in between. */
const notTheApis: Condition = {
  ConditionExpression: 'attribute_not_exists(#owner) OR managed = :unmanaged',
  ExpressionAttributeNames: { '#owner': 'owner' },
  ExpressionAttributeValues: marshall({ ':unmanaged': false }),
};

/** The reasons stand in the order of the writes: the configuration's, the registry's, the state's. */
const stateExists = (error: unknown): boolean =>
  error instanceof TransactionCanceledException && error.CancellationReasons?.[2]?.Code === 'ConditionalCheckFailed';
