/** The tokens of an integration, those included that its state has long forgotten: the ledger's owner items are for ever. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ledgerKeys } from '../lambdas/adapters/dynamodb/keys.ts';
import { scanned } from '../lambdas/adapters/dynamodb/pages.ts';

const PREFIX = ledgerKeys.owner('').pk;
/** 1 MB each. A ledger of ten thousand integrations with ten years of tokens has a few hundred. */
const MAX_PAGES = 2_000;

/** Reads the whole ledger once: there is no index by owner, because nothing but a report ever asks this. */
export async function tokensOf(client: DynamoDBClient, table: string, integration: string): Promise<string[]> {
  const scan = {
    TableName: table,
    FilterExpression: 'begins_with(pk, :token) AND sk = :owner AND integration = :integration',
    ExpressionAttributeValues: marshall({
      ':token': PREFIX,
      ':owner': ledgerKeys.owner('').sk,
      ':integration': integration,
    }),
    ProjectionExpression: 'pk',
  };
  const orElse = `the ledger is larger than ${MAX_PAGES} MB; ask by --token`;
  const items = scanned(client, scan, { maxPages: MAX_PAGES, orElse });
  const ids = await Array.fromAsync(items, (item) => String(unmarshall(item).pk).slice(PREFIX.length));
  return ids.sort();
}
