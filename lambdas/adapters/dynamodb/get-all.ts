/** Items by their keys. */
import { BatchGetItemCommand, type DynamoDBClient, type KeysAndAttributes } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { batchesOf } from '../../domain/batches.ts';
import { TransientError } from '../../domain/errors.ts';
import type { Item } from './items.ts';

const MOST_KEYS = 100;
const MOST_TRIES = 5;

export interface Wanted extends Pick<KeysAndAttributes, 'ConsistentRead' | 'ProjectionExpression'> {
  readonly table: string;
  readonly keys: readonly { readonly pk: string; readonly sk: string }[];
}

/** Those that are there, in any order. @throws TransientError when some were not answered: what was not read is not "not there" */
export async function getAll(client: DynamoDBClient, { table, keys, ...options }: Wanted): Promise<Item[]> {
  const found: Item[] = [];
  for (const batch of batchesOf(MOST_KEYS, keys)) {
    let left: Item[] = batch.map((key) => marshall(key));
    for (let tries = 1; left.length > 0; tries += 1) {
      if (tries > MOST_TRIES) throw new TransientError('unprocessed_keys', 'the table did not answer all keys');
      const RequestItems = { [table]: { ...options, Keys: left } };
      const answer = await client.send(new BatchGetItemCommand({ RequestItems }));
      found.push(...(answer.Responses?.[table] ?? []));
      left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
  }
  return found;
}
