/** The ledger and the audit trail as deploy hooks use them. Errors are the SDK's: nothing is known then, and the queue comes again. */
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DeployHook } from '../../contract.ts';
import { auditPartition, auditSortKey, hourOf } from '../../domain/audit-keys.ts';
import type { HookLedger, HookTrail, Publication } from '../../hooks/ports.ts';
import { isNew } from './audit-trail.ts';
import { conditionHeld } from './conditional.ts';
import { fromItem, toItem } from './items.ts';
import { ledgerKeys } from './keys.ts';

export function createHookLedger({ client, ledgerTable }: { client: DynamoDBClient; ledgerTable: string }): HookLedger {
  return {
    async hooks(integration) {
      const Key = marshall(ledgerKeys.config(integration));
      const { Item } = await client.send(new GetItemCommand({ TableName: ledgerTable, Key, ConsistentRead: true }));
      if (!Item) return [];
      const { managed, deployHooks = [] } = fromItem<{ managed: boolean; deployHooks?: readonly DeployHook[] }>(Item);
      return managed ? deployHooks : [];
    },
    async accepted(call) {
      const Item = toItem({ ...ledgerKeys.hookCall(call.integration, call.hook), ...call });
      await client.send(new PutItemCommand({ TableName: ledgerTable, Item }));
    },
  };
}

/** Right behind the publication's own line, in the same partition: the token's life then reads in order. */
const keyOf = (publication: Publication, id: string) => ({
  pk: auditPartition(publication),
  sk: auditSortKey(publication.at, id),
});

export function createHookTrail({
  client,
  auditTable: TableName,
}: {
  client: DynamoDBClient;
  auditTable: string;
}): HookTrail {
  return {
    /** A condition alone, in a transaction that writes nothing: it needs no permission to read the trail. */
    async has(publication, id) {
      const Key = marshall(keyOf(publication, id));
      const ConditionCheck = { TableName, Key, ConditionExpression: isNew };
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck }] }));
        return false;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        if (error.CancellationReasons?.[0]?.Code === 'ConditionalCheckFailed') return true;
        throw error;
      }
    },

    async append(publication, record) {
      const day = publication.at.slice(0, 10);
      const writtenIn = hourOf(record.at);
      const Item = toItem({ ...record, ...keyOf(publication, record.id), day, writtenIn, kind: 'action' });
      const write = client.send(new PutItemCommand({ TableName, Item, ConditionExpression: isNew }));
      return (await conditionHeld(write)) ? 'stored' : 'duplicate';
    },
  };
}
