/** The audit trail as it is stored, chains included. */
import { type AttributeValue, type DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { TrailRecord } from '../lambdas/domain/audit-chain.ts';

type Key = Record<string, AttributeValue>;
/** 1 MB each; a single partition is one token, integration or account. */
const MAX_PAGES = 2_000;
const MAX_SCAN_PAGES = 100_000;

/** Every item of a partition, read consistently. */
export async function trailItems(client: DynamoDBClient, table: string, pk: string): Promise<TrailRecord[]> {
  const items: TrailRecord[] = [];
  let start: Key | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: marshall({ ':pk': pk }),
        ExclusiveStartKey: start,
      }),
    );
    items.push(...(answer.Items ?? []).map((item) => unmarshall(item) as TrailRecord));
    start = answer.LastEvaluatedKey;
    if (!start) return items;
  }
  throw new RangeError(`${pk} is larger than ${MAX_PAGES} MB`);
}

/** The name of every partition. Reads the whole table. */
export async function trailPartitions(client: DynamoDBClient, table: string): Promise<string[]> {
  const found = new Set<string>();
  let start: Key | undefined;
  for (let page = 0; page < MAX_SCAN_PAGES; page += 1) {
    const answer = await client.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ProjectionExpression: 'pk', ExclusiveStartKey: start }),
    );
    for (const item of answer.Items ?? []) found.add(String(unmarshall(item).pk));
    start = answer.LastEvaluatedKey;
    if (!start) return [...found].sort();
  }
  throw new RangeError('the trail is too large to be read in one go; verify by --integration or --token');
}
