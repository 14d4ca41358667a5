import { randomUUID } from 'node:crypto';
import {
  type CancellationReason,
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactionInProgressException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ConflictError } from '../../domain/errors.ts';
import type { Account, AuditRecord, HookCall, IntegrationConfig, IntegrationState, Usage } from '../../domain/model.ts';
import { type Ledger, type TokenClaim, TokenTakenError } from '../../rotation/ports.ts';
import { heals } from '../../rotation/precedence.ts';
import { auditItem, isNew } from './audit-trail.ts';
import { fromItem, type Item, toItem } from './items.ts';
import { dueShard, HEALING_SHARD, ledgerKeys } from './keys.ts';
import { queried } from './pages.ts';
import { createProvenance } from './provenance.ts';
import { createReports } from './reports.ts';
import { createSeenReports } from './seen.ts';

/** DynamoDB's limit for one transaction. */
const MAX_WRITES = 100;
/** A transaction that collided with another one is tried so often in all. */
const MAX_TRIES = 4;
/** More consumers than this many pages hold is an error: evidence from half of them would be none. */
const MAX_USAGE_PAGES = 20;

export interface DynamoLedgerOptions {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
  readonly auditTable: string;
  /** Pauses between tries of a transaction that collided; milliseconds. */
  readonly pause?: (ms: number) => Promise<void>;
}

/**
 * The ledger in DynamoDB. Errors other than those of the port are the SDK's own: nothing is known then, the run ends,
 * and the next reconcile reads what is there.
 */
export function createDynamoLedger(options: DynamoLedgerOptions): Ledger {
  const {
    client,
    ledgerTable,
    auditTable,
    pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  } = options;

  const get = async (key: { pk: string; sk: string }): Promise<Item | undefined> => {
    const read = new GetItemCommand({ TableName: ledgerTable, Key: marshall(key), ConsistentRead: true });
    return (await client.send(read)).Item;
  };

  return {
    /**
     * Two consistent reads side by side. One BatchGetItem may leave keys unread, and a TransactGetItems costs twice as
     * much and makes concurrent saves fail. A snapshot of both is not needed: the deploy may change the
     * configuration between any two reconciles, and only the state decides who may act.
     */
    async load(integration) {
      const [config, state] = await Promise.all([
        get(ledgerKeys.config(integration)),
        get(ledgerKeys.state(integration)),
      ]);
      if (!config) return undefined;
      return {
        config: fromItem<IntegrationConfig>(config),
        state: state ? fromItem<IntegrationState>(state) : unsavedState(integration),
      };
    },

    async account(name) {
      const item = await get(ledgerKeys.account(name));
      return item && fromItem<Account>(item);
    },

    async owner(tokenId) {
      const item = await get(ledgerKeys.owner(tokenId));
      return item && fromItem<TokenClaim>(item).integration;
    },

    provenance: createProvenance({ client, ledgerTable, auditTable }),
    ...createReports({ client, ledgerTable }),
    ...createSeenReports({ client, ledgerTable }),

    async hookCalls(integration) {
      const query = {
        TableName: ledgerTable,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: marshall({ ':pk': ledgerKeys.hookCall(integration, '').pk }),
      };
      return Array.fromAsync(queried(client, query, { maxPages: 1 }), (item) => fromItem<HookCall>(item));
    },

    async usage(integration) {
      const orElse = `${integration} has more consumers than one reconcile can read`;
      const items = queried(client, usageQuery(ledgerTable, integration), { maxPages: MAX_USAGE_PAGES, orElse });
      return Array.fromAsync(items, (item) => fromItem<Usage>(item));
    },

    async save(previous, next, records, claims) {
      if (next.version !== previous.version + 1) throw new RangeError('the next version is the previous one plus one');
      if (1 + records.length + claims.length > MAX_WRITES) throw new RangeError('too much for one transaction');
      const command = new TransactWriteItemsCommand({
        // The same for every attempt, ours and the SDK's: an attempt after a lost answer is the same transaction.
        ClientRequestToken: randomUUID(),
        TransactItems: [
          stateWrite(ledgerTable, previous, next),
          ...records.map((record) => recordWrite(auditTable, record)),
          ...claims.map((claim) => claimWrite(ledgerTable, claim)),
        ],
      });
      for (let tries = 1; ; tries += 1) {
        try {
          await client.send(command);
          return;
        } catch (error) {
          if (tries < MAX_TRIES && collided(error)) await pause(25 * 2 ** tries * (0.5 + Math.random()));
          else throw translated(error, next, records, claims);
        }
      }
    },
  };
}

/** What is known of an integration before its first reconcile. */
const unsavedState = (integration: string): IntegrationState => ({
  integration,
  version: 0,
  tokens: [],
  sweeps: [],
  requests: [],
});

/** The state item. Without `dueAt` it has no `dueShard` either, and is not in the index. */
export const stateItem = (state: IntegrationState): Item =>
  toItem({
    ...state,
    ...ledgerKeys.state(state.integration),
    dueShard: state.dueAt === undefined ? undefined : shardOf(state),
  });

const shardOf = (state: IntegrationState): string => (heals(state) ? HEALING_SHARD : dueShard(state.integration));

function stateWrite(table: string, previous: IntegrationState, next: IntegrationState): TransactWriteItem {
  const isUnsaved = 'attribute_not_exists(pk)';
  const isUnchanged = '#version = :previous';
  const Put = { TableName: table, Item: stateItem(next) };
  if (previous.version === 0) return { Put: { ...Put, ConditionExpression: isUnsaved } };
  return {
    Put: {
      ...Put,
      ConditionExpression: isUnchanged,
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: marshall({ ':previous': previous.version }),
    },
  };
}

const recordWrite = (table: string, record: AuditRecord): TransactWriteItem => ({
  Put: { TableName: table, Item: auditItem(record), ConditionExpression: isNew },
});

function claimWrite(table: string, claim: TokenClaim): TransactWriteItem {
  const isFree = 'attribute_not_exists(pk)';
  const isOurs = 'integration = :integration';
  return {
    Put: {
      TableName: table,
      Item: toItem({ ...ledgerKeys.owner(claim.tokenId), ...claim }),
      ConditionExpression: `${isFree} OR ${isOurs}`,
      ExpressionAttributeValues: marshall({ ':integration': claim.integration }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

const usageQuery = (table: string, integration: string) => {
  const { pk, sk } = ledgerKeys.usage(integration, '');
  return {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :usage)',
    ExpressionAttributeValues: marshall({ ':pk': pk, ':usage': sk }),
  };
};

const COLLISIONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);
const failed = ({ Code }: CancellationReason) => Code !== undefined && Code !== 'None';

/** Nothing was decided: another transaction held one of the items, or there was no capacity. Worth the same try again. */
function collided(error: unknown): boolean {
  if (error instanceof TransactionInProgressException) return true;
  if (!(error instanceof TransactionCanceledException)) return false;
  const reasons = (error.CancellationReasons ?? []).filter(failed);
  return reasons.length > 0 && reasons.every(({ Code }) => COLLISIONS.has(Code ?? ''));
}

/**
 * The reasons stand in the order of the writes: state, records, claims. The state's comes first: whoever was overtaken
 * yields and reads again before it judges anything else. A record that exists is a defect and stays what it is.
 */
function translated(
  error: unknown,
  next: IntegrationState,
  records: readonly AuditRecord[],
  claims: readonly TokenClaim[],
): unknown {
  if (!(error instanceof TransactionCanceledException)) return error;
  const reasons = error.CancellationReasons ?? [];
  const state = reasons[0]?.Code;
  if (state === 'ConditionalCheckFailed' || state === 'TransactionConflict') {
    return new ConflictError(`somebody else wrote ${next.integration} first`, { cause: error });
  }
  const taken = claims.flatMap((claim, at) => {
    const reason = reasons[1 + records.length + at];
    return reason?.Code === 'ConditionalCheckFailed' ? [{ claim, owner: reason.Item }] : [];
  })[0];
  if (!taken) return error;
  const owner = taken.owner ? String(unmarshall(taken.owner).integration) : 'another integration';
  return new TokenTakenError(taken.claim.tokenId, owner, { cause: error });
}
