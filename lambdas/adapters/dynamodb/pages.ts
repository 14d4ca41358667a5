/** Queries and scans of several pages: all of it, or an error. */
import {
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './items.ts';

interface Bound {
  /** Of 1 MB each. */
  readonly maxPages: number;
  /** Says what is too large. Absent: what is beyond the pages is left out, because the asker comes again. */
  readonly orElse?: string;
}

export function queried(client: DynamoDBClient, query: QueryCommandInput, bound: Bound): AsyncGenerator<Item> {
  return pages((ExclusiveStartKey) => client.send(new QueryCommand({ ...query, ExclusiveStartKey })), bound);
}

export function scanned(client: DynamoDBClient, scan: ScanCommandInput, bound: Bound): AsyncGenerator<Item> {
  return pages((ExclusiveStartKey) => client.send(new ScanCommand({ ...scan, ExclusiveStartKey })), bound);
}

interface Page {
  readonly Items?: Item[];
  readonly LastEvaluatedKey?: Item;
}

/** @throws RangeError */
async function* pages(read: (start?: Item) => Promise<Page>, { maxPages, orElse }: Bound): AsyncGenerator<Item> {
  let start: Item | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const { Items = [], LastEvaluatedKey } = await read(start);
    yield* Items;
    start = LastEvaluatedKey;
    if (!start) return;
  }
  if (orElse !== undefined) throw new RangeError(orElse);
}
