/** Entries of the registrar's API: each with its line in the registry and its record in the audit trail, in one transaction. */
import {
  type DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ConflictError } from '../../domain/errors.ts';
import type { IntegrationState } from '../../domain/model.ts';
import type { SellerRegistry } from '../../registrar/destinations/sellers.ts';
import type { EntryLedger, EntryRecord } from '../../registrar/entries/ports.ts';
import { auditItem, isNew } from './audit-trail.ts';
import { untilTaken } from './contended.ts';
import { toItem } from './items.ts';
import { dueShard, ledgerKeys } from './keys.ts';
import { apiAccountsIn, registryAccountKey, registryKey, sellersIn } from './registered.ts';
import { createDynamoRegistry } from './registry.ts';
import { createTargetIndex } from './target-index.ts';

export interface EntryTables {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
  readonly auditTable: string;
}

export function createEntryLedger({ client, ledgerTable, auditTable }: EntryTables): EntryLedger {
  const registry = createDynamoRegistry({ client, table: ledgerTable });
  const index = createTargetIndex({ client, ledgerTable });
  const put = (key: object, value: object, condition: object = {}): TransactWriteItem => ({
    Put: { TableName: ledgerTable, Item: toItem({ ...value, ...key }), ...condition },
  });
  const putRecord = (record: EntryRecord): TransactWriteItem => ({
    Put: { TableName: auditTable, Item: auditItem(record), ConditionExpression: isNew },
  });
  /** An integration must not come to an account that leaves at the same moment, or was not written itself. */
  const accountIsThere = (account: string): TransactWriteItem => ({
    ConditionCheck: {
      TableName: ledgerTable,
      Key: toItem(ledgerKeys.account(account)),
      ConditionExpression: '#owner = :api AND (attribute_not_exists(managed) OR managed = :managed)',
      ExpressionAttributeNames: { '#owner': 'owner' },
      ExpressionAttributeValues: marshall({ ':api': 'api', ':managed': true }),
    },
  });
  /** The entry is the first of the writes. */
  const transact = async (name: string, ...writes: TransactWriteItem[]) => {
    try {
      await untilTaken(() => client.send(new TransactWriteItemsCommand({ TransactItems: writes })));
    } catch (cause) {
      const guards = writes.flatMap((write, at) => (at === 0 || write.ConditionCheck ? [at] : []));
      if (!guards.some((at) => codeAt(cause, at) === 'ConditionalCheckFailed')) throw cause;
      throw new ConflictError(`somebody else wrote ${name} first`, { cause });
    }
  };

  return {
    account: registry.account,
    config: registry.config,
    integrations: registry.integrations,
    reconcileRequested: registry.reconcileRequested,
    accounts: () => apiAccountsIn(client, ledgerTable),
    publishedAt: async ({ kind, name }) => (await index.publishedAt(kind, name)).map(({ integration }) => integration),

    async putAccount(account, before, record) {
      const { name, owner, managed, webhooks } = account;
      const webhooksOwed = managed !== false && webhooks === 'managed' ? true : undefined;
      await transact(
        name,
        put(ledgerKeys.account(name), account, as(before)),
        put(registryAccountKey(name), { account: name, owner, webhooksOwed }),
        putRecord(record),
      );
    },

    async putIntegration(config, before, record, dueAt) {
      const { name, account, owner, managed, targets } = config;
      const entry = (reconcileOwed?: true) =>
        put(registryKey(name), { integration: name, account, owner, reconcileOwed });
      const more = [
        putRecord(record),
        // Nobody deletes: an entry that is out of date leads to a configuration that knows better.
        ...(managed ? targets.map((target) => put(ledgerKeys.target(target), { integration: name })) : []),
        ...(managed ? [accountIsThere(account)] : []),
      ];
      const write = put(ledgerKeys.config(name), config, as(before));
      if (before) return transact(name, write, entry(true), ...more);
      const state: IntegrationState = { integration: name, version: 1, tokens: [], sweeps: [], requests: [], dueAt };
      const first = put(
        ledgerKeys.state(name),
        { ...state, dueShard: dueShard(name) },
        { ConditionExpression: 'attribute_not_exists(pk)' },
      );
      try {
        await transact(name, write, entry(), first, ...more);
      } catch (error) {
        if (codeAt(error, 2) !== 'ConditionalCheckFailed') throw error;
        // Of an earlier life of the integration: it is `rotate`'s, stays as it is, and may be due much later.
        await transact(name, write, entry(true), ...more);
      }
    },
  };
}

export function createSellerRegistry({ client, ledgerTable }: Omit<EntryTables, 'auditTable'>): SellerRegistry {
  return {
    sellers: () => sellersIn(client, ledgerTable),
    async webhooksSettled(account) {
      const Item = toItem({ ...registryAccountKey(account), account, owner: 'api' });
      await untilTaken(() => client.send(new PutItemCommand({ TableName: ledgerTable, Item })));
    },
  };
}

/** The stored entry is the one that was read. */
const as = (before: { readonly revision?: number } | undefined) =>
  before === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: '#owner = :api AND revision = :revision',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: marshall({ ':api': 'api', ':revision': before.revision ?? 0 }),
      };

/** The reasons stand in the order of the writes. */
const codeAt = (error: unknown, at: number): string | undefined =>
  error instanceof TransactionCanceledException ? error.CancellationReasons?.[at]?.Code : undefined;
