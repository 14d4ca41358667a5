/** One entry per integration that was ever registered, and per account of the API, in one partition, so that those that left can be found. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Seller } from '../../registrar/destinations/sellers.ts';
import type { RegistryEntry } from '../../registrar/register.ts';
import { queried } from './pages.ts';

/** About 10,000 entries each. */
const MAX_PAGES = 100;

export const registryKey = (integration: string) => ({ pk: 'REGISTRY', sk: `INTEGRATION#${integration}` });
export const registryAccountKey = (account: string) => ({ pk: 'REGISTRY', sk: `ACCOUNT#${account}` });

const entriesBelow = (client: DynamoDBClient, table: string, { pk, sk }: { pk: string; sk: string }) => {
  const query = {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
    ExpressionAttributeValues: marshall({ ':pk': pk, ':sk': sk }),
  };
  return queried(client, query, { maxPages: MAX_PAGES, orElse: 'more integrations than can be listed' });
};

export const registeredIn = (client: DynamoDBClient, table: string): Promise<RegistryEntry[]> =>
  Array.fromAsync(entriesBelow(client, table, registryKey('')), (item) => {
    const { integration, reconcileOwed, account, owner, revision } = unmarshall(item);
    return {
      integration: String(integration),
      reconcileOwed: reconcileOwed === true,
      ...(account === undefined ? {} : { account: String(account) }),
      ...(owner === 'api' ? { owner } : {}),
      ...(revision === undefined ? {} : { revision }),
    };
  });

/** Names of the accounts that the API has registered, managed or not. */
export const apiAccountsIn = (client: DynamoDBClient, table: string): Promise<string[]> =>
  Array.fromAsync(entriesBelow(client, table, registryAccountKey('')), (item) => String(unmarshall(item).account));

/** The same, with what is owed to them. */
export const sellersIn = (client: DynamoDBClient, table: string): Promise<Seller[]> =>
  Array.fromAsync(entriesBelow(client, table, registryAccountKey('')), (item) => {
    const { account, webhooksOwed, revision } = unmarshall(item);
    const ofRevision = revision === undefined ? {} : { revision };
    return { account: String(account), webhooksOwed: webhooksOwed === true, ...ofRevision };
  });
