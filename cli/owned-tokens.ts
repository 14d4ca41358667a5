/** The tokens of an integration, those included that its state has long forgotten: the ledger's owner items are for ever. */
import { type AttributeValue, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ledgerKeys } from '../lambdas/adapters/dynamodb/keys.ts';

const PREFIX = ledgerKeys.owner('').pk;
/** 1 MB each. A ledger of ten thousand integrations with ten years of tokens has a few hundred. */
const MAX_PAGES = 2_000;

/** Reads the whole ledger once: there is no index by owner, because nothing but a report ever asks this. */
export async function tokensOf(client: DynamoDBClient, table: string, integration: string): Promise<string[]> {
  const ids: string[] = [];
  let start: Record<string, AttributeValue> | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.send(
      new ScanCommand({
        TableName: table,
        FilterExpression: 'begins_with(pk, :token) AND sk = :owner AND integration = :integration',
        ExpressionAttributeValues: marshall({
          ':token': PREFIX,
          ':owner': ledgerKeys.owner('').sk,
          ':integration': integration,
        }),
        ProjectionExpression: 'pk',
        ExclusiveStartKey: start,
      }),
    );
    ids.push(...(answer.Items ?? []).map((item) => String(unmarshall(item).pk).slice(PREFIX.length)));
    start = answer.LastEvaluatedKey;
    if (!start) return ids.sort();
  }
  throw new RangeError(`the ledger is larger than ${MAX_PAGES} MB; ask by --token`);
}
