/** What beacons said, in the ledger: an item for each token and day. */
import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { IntegrationConfig, IntegrationState, SeenDay } from '../../domain/model.ts';
import { listenedTokens } from '../../domain/seen.ts';
import type { SeenReports } from '../../evidence/ports.ts';
import type { SeenLedger } from '../../seen/ports.ts';
import { conditionHeld } from './conditional.ts';
import { fromItem } from './items.ts';
import { ledgerKeys } from './keys.ts';
import { queried } from './pages.ts';

/** Longer than the longest silence that can be asked for (`lambdas/configuration/entries.ts`). */
const KEPT_SECONDS = 120 * 24 * 60 * 60;
/** Of a few thousand items each; an integration has one for each living token and day. */
const MAX_PAGES = 4;

interface Table {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
}

export function createSeenLedger({ client, ledgerTable }: Table): SeenLedger {
  const get = async <T>(key: { pk: string; sk: string }): Promise<T | undefined> => {
    const read = new GetItemCommand({ TableName: ledgerTable, Key: marshall(key), ConsistentRead: true });
    const { Item } = await client.send(read);
    return Item && fromItem<T>(Item);
  };
  return {
    async listened(integration, now) {
      const config = await get<IntegrationConfig>(ledgerKeys.config(integration));
      if (!config?.managed || !config.seen) return undefined;
      const state = await get<IntegrationState>(ledgerKeys.state(integration));
      return { seen: config.seen, ...listenedTokens(state, now) };
    },

    async record({ integration, tokenId, at, count }) {
      const day = at.slice(0, 10);
      const expiresAt = Math.floor(Date.parse(at) / 1_000) + KEPT_SECONDS;
      const update = new UpdateItemCommand({
        TableName: ledgerTable,
        Key: marshall(ledgerKeys.seen(integration, tokenId, day)),
        UpdateExpression:
          'SET #tokenId = :tokenId, #day = :day, #first = if_not_exists(#first, :at), #last = :at, #expiresAt = :expiresAt ADD #count :count',
        ConditionExpression: 'attribute_not_exists(#last) OR #last < :at',
        ExpressionAttributeNames: Object.fromEntries(
          ['tokenId', 'day', 'first', 'last', 'expiresAt', 'count'].map((name) => [`#${name}`, name]),
        ),
        ExpressionAttributeValues: marshall({
          ...{ ':tokenId': tokenId, ':day': day, ':at': at, ':expiresAt': expiresAt, ':count': count },
        }),
      });
      return conditionHeld(client.send(update));
    },
  };
}

export function createSeenReports({ client, ledgerTable }: Table): SeenReports {
  return {
    async seen(integration) {
      const query = {
        TableName: ledgerTable,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: marshall({ ':pk': ledgerKeys.seen(integration, '', '').pk }),
      };
      const orElse = `${integration} has been seen on more days than one reconcile can read`;
      const items = queried(client, query, { maxPages: MAX_PAGES, orElse });
      return Array.fromAsync(items, (item) => fromItem<SeenDay>(item));
    },
  };
}
