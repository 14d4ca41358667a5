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
import type { IntegrationState, Target } from '../../domain/model.ts';
import { sameTarget, withoutTargets } from '../../domain/targets.ts';
import type { SellerRegistry } from '../../registrar/destinations/sellers.ts';
import type { EntryLedger, EntryRecord } from '../../registrar/entries/ports.ts';
import type { Claim } from '../../registrar/register.ts';
import { auditItem, isNew } from './audit-trail.ts';
import { conditionHeld } from './conditional.ts';
import { untilTaken } from './contended.ts';
import { toItem } from './items.ts';
import { dueShard, ledgerKeys } from './keys.ts';
import { apiAccountsIn, registryAccountKey, registryKey, sellersIn } from './registered.ts';
import { createDynamoRegistry } from './registry.ts';

export interface EntryTables {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
  readonly auditTable: string;
}

export function createEntryLedger({ client, ledgerTable, auditTable }: EntryTables): EntryLedger {
  const registry = createDynamoRegistry({ client, table: ledgerTable });
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
  /** The first of the writes are `guarded`: they fail when somebody else was quicker. */
  const transact = async (name: string, guarded: TransactWriteItem[], ...others: TransactWriteItem[]) => {
    try {
      await untilTaken(() => client.send(new TransactWriteItemsCommand({ TransactItems: [...guarded, ...others] })));
    } catch (cause) {
      if (!guarded.some((_, at) => codeAt(cause, at) === 'ConditionalCheckFailed')) throw cause;
      throw new ConflictError(`somebody else wrote ${name} first`, { cause });
    }
  };

  return {
    account: registry.account,
    config: registry.config,
    integrations: registry.integrations,
    reconcileRequested: registry.reconcileRequested,
    accounts: () => apiAccountsIn(client, ledgerTable),
    publishedAt: registry.publishedAt,

    async putAccount(account, before, record) {
      const { name, owner, managed, webhooks, revision } = account;
      const webhooksOwed = managed !== false && webhooks === 'managed' ? true : undefined;
      await transact(
        name,
        [put(ledgerKeys.account(name), account, as(before))],
        put(registryAccountKey(name), { account: name, owner, webhooksOwed, revision }),
        putRecord(record),
      );
    },

    async putIntegration(config, before, record, dueAt, claims = []) {
      const { name, account, owner, managed, targets, revision } = config;
      const entry = (reconcileOwed?: true) =>
        put(registryKey(name), { integration: name, account, owner, revision, reconcileOwed });
      // Nobody deletes: an entry that is out of date leads to a configuration that knows better.
      const claim = (target: Target) => {
        const known = claims.find((each) => sameTarget(each.target, target));
        return put(ledgerKeys.target(target), { integration: name, revision }, asClaimed(known));
      };
      const added = managed ? withoutTargets(targets, before?.managed ? before.targets : []) : [];
      const write = put(ledgerKeys.config(name), config, as(before));
      const guarded = [write, ...added.map(claim), ...(managed ? [accountIsThere(account)] : [])];
      if (before) return transact(name, guarded, entry(true), putRecord(record));
      const state: IntegrationState = { integration: name, version: 1, tokens: [], sweeps: [], requests: [], dueAt };
      const first = put(
        ledgerKeys.state(name),
        { ...state, dueShard: dueShard(name) },
        { ConditionExpression: 'attribute_not_exists(pk)' },
      );
      try {
        await transact(name, guarded, first, entry(), putRecord(record));
      } catch (error) {
        if (codeAt(error, guarded.length) !== 'ConditionalCheckFailed') throw error;
        // Of an earlier life of the integration: it is `rotate`'s, stays as it is, and may be due much later.
        await transact(name, guarded, entry(true), putRecord(record));
      }
    },
  };
}

export function createSellerRegistry({ client, ledgerTable }: Omit<EntryTables, 'auditTable'>): SellerRegistry {
  return {
    sellers: () => sellersIn(client, ledgerTable),
    async webhooksSettled({ account, revision }) {
      const Item = toItem({ ...registryAccountKey(account), account, owner: 'api', revision });
      const put = new PutItemCommand({ TableName: ledgerTable, Item, ...ofRevision(revision) });
      await conditionHeld(untilTaken(() => client.send(put)));
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

const ofRevision = (revision: number | undefined) =>
  revision === undefined
    ? { ConditionExpression: 'attribute_not_exists(revision)' }
    : {
        ConditionExpression: 'revision = :revision',
        ExpressionAttributeValues: marshall({ ':revision': revision }),
      };

/** The target is claimed as it was read. */
const asClaimed = (known: Claim | undefined) =>
  known === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: `integration = :integration AND ${known.revision === undefined ? 'attribute_not_exists(revision)' : 'revision = :revision'}`,
        ExpressionAttributeValues: toItem({ ':integration': known.integration, ':revision': known.revision }),
      };

/** The reasons stand in the order of the writes. */
const codeAt = (error: unknown, at: number): string | undefined =>
  error instanceof TransactionCanceledException ? error.CancellationReasons?.[at]?.Code : undefined;
