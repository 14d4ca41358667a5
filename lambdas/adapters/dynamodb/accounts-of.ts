/** Which account an integration belongs to, from its configuration. */
import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { batchesOf } from '../../domain/batches.ts';
import type { AccountFinder } from '../../heartbeat/ports.ts';
import { ledgerKeys } from './keys.ts';

/** Of one request; and so many requests side by side answer one question. The rest is asked for another time. */
const MOST_KEYS = 100;
const MOST_BATCHES = 20;
const PREFIX = ledgerKeys.config('').pk;

export function createAccountFinder(options: { client: DynamoDBClient; ledgerTable: string }): AccountFinder {
  const { client, ledgerTable } = options;
  /** Keys that were not answered are asked for another time as well. */
  const some = async (names: readonly string[]) => {
    const Keys = names.map((name) => marshall(ledgerKeys.config(name)));
    const ExpressionAttributeNames = { '#pk': 'pk', '#account': 'account' };
    const read = { Keys, ProjectionExpression: '#pk, #account', ExpressionAttributeNames };
    const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { [ledgerTable]: read } }));
    return Responses?.[ledgerTable] ?? [];
  };
  return {
    async accountsOf(integrations) {
      const batches = batchesOf(MOST_KEYS, integrations).slice(0, MOST_BATCHES);
      const items = (await Promise.all(batches.map(some))).flat();
      return new Map(items.map(({ pk, account }) => [String(pk?.S).slice(PREFIX.length), String(account?.S)]));
    },
  };
}
