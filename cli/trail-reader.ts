/** The audit trail as it is stored, chains included. */
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { queried, scanned } from '../lambdas/adapters/dynamodb/pages.ts';
import type { TrailRecord } from '../lambdas/domain/audit-chain.ts';

/** 1 MB each; a single partition is one token, integration or account. */
const MAX_PAGES = 2_000;
const MAX_SCAN_PAGES = 100_000;

/** Every item of a partition, read consistently. */
export async function trailItems(client: DynamoDBClient, table: string, pk: string): Promise<TrailRecord[]> {
  const query = {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: marshall({ ':pk': pk }),
  };
  const orElse = `${pk} is larger than ${MAX_PAGES} MB`;
  const items = queried(client, query, { maxPages: MAX_PAGES, orElse });
  return Array.fromAsync(items, (item) => unmarshall(item) as TrailRecord);
}

export async function trailItem(
  client: DynamoDBClient,
  TableName: string,
  pk: string,
  sk: string,
): Promise<TrailRecord | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName, Key: marshall({ pk, sk }), ConsistentRead: true }),
  );
  return Item && (unmarshall(Item) as TrailRecord);
}

/** The name of every partition. Reads the whole table. */
export async function trailPartitions(client: DynamoDBClient, table: string): Promise<string[]> {
  const scan = { TableName: table, ConsistentRead: true, ProjectionExpression: 'pk' };
  const orElse = 'the trail is too large to be read in one go; verify by --integration or --token';
  const found = new Set<string>();
  for await (const item of scanned(client, scan, { maxPages: MAX_SCAN_PAGES, orElse })) {
    found.add(String(unmarshall(item).pk));
  }
  return [...found].sort();
}
