/** One entry per integration that was ever registered, in one partition, so that those that left can be found. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { RegistryEntry } from '../../registrar/register.ts';
import { queried } from './pages.ts';

/** About 10,000 entries each. */
const MAX_PAGES = 100;

export const registryKey = (integration: string) => ({ pk: 'REGISTRY', sk: `INTEGRATION#${integration}` });

export async function registeredIn(client: DynamoDBClient, table: string): Promise<RegistryEntry[]> {
  const query = {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: marshall({ ':pk': registryKey('').pk }),
  };
  const items = queried(client, query, { maxPages: MAX_PAGES, orElse: 'more integrations than can be listed' });
  return Array.fromAsync(items, (item) => {
    const { integration, reconcileOwed } = unmarshall(item);
    return { integration: String(integration), reconcileOwed: reconcileOwed === true };
  });
}
