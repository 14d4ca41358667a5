/** Our own records in the append-only audit trail. Webhook events lie in the same partitions, with another `kind`. */
import { type DynamoDBClient, PutItemCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { DAY_INDEX } from '../../contract.ts';
import { auditPartition, auditSortKey, hourOf } from '../../domain/audit-keys.ts';
import type { AuditRecord } from '../../domain/model.ts';
import { conditionHeld } from './conditional.ts';
import { type Item, toItem } from './items.ts';

/** One line of the trail as it is stored: `kind: 'action'` for ours, with the fields of `AuditRecord`. */
export interface AuditEntry {
  readonly pk: string;
  readonly sk: string;
  /** `2026-11-22`, in UTC. */
  readonly day: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

export interface Page {
  readonly entries: readonly AuditEntry[];
  /** Where the next page begins; absent on the last one. Opaque. */
  readonly cursor?: string;
}

export interface PageRequest {
  /** At most this many entries, 1 to 1000; default 100. */
  readonly limit?: number;
  readonly cursor?: string;
  readonly newestFirst?: boolean;
  /** Only what happened then or later (an instant). */
  readonly from?: string;
}

export interface AuditTrail {
  /** False: the record was there already. */
  append(record: AuditRecord): Promise<boolean>;
  /** One token's life, in order. */
  byToken(tokenId: string, page?: PageRequest): Promise<Page>;
  /** What concerns the integration but no token of it (started rotations, retries, pauses). */
  byIntegration(integration: string, page?: PageRequest): Promise<Page>;
  /** Everything that happened on a day (`2026-11-22`, UTC), in order. */
  byDay(day: string, page?: PageRequest): Promise<Page>;
}

export const auditItem = (record: Omit<AuditRecord, 'integration'> & { readonly integration?: string }): Item =>
  toItem({
    ...record,
    pk: auditPartition(record),
    sk: auditSortKey(record.at, record.id),
    day: record.at.slice(0, 10),
    writtenIn: hourOf(record.at),
    kind: 'action',
  });

/** What makes the trail append-only: an entry that is there is never written again. */
export const isNew = 'attribute_not_exists(pk)';

export function createDynamoAuditTrail({
  client,
  auditTable,
}: {
  client: DynamoDBClient;
  auditTable: string;
}): AuditTrail {
  const query = async (partition: Partial<QueryCommandInput>, name: string, value: string, page: PageRequest = {}) => {
    const { limit = 100, cursor, newestFirst = false, from } = page;
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new RangeError(`limit is 1 to 1000, not ${limit}`);
    const answer = await client.send(
      new QueryCommand({
        ...partition,
        TableName: auditTable,
        KeyConditionExpression: `#partition = :partition${from === undefined ? '' : ' AND sk >= :from'}`,
        ExpressionAttributeNames: { '#partition': name },
        ExpressionAttributeValues: marshall({
          ':partition': value,
          ...(from !== undefined && { ':from': from.replace('Z', '') }),
        }),
        ScanIndexForward: !newestFirst,
        Limit: limit,
        ExclusiveStartKey: cursor === undefined ? undefined : readCursor(cursor),
      }),
    );
    return {
      entries: (answer.Items ?? []).map((item) => unmarshall(item) as AuditEntry),
      cursor: answer.LastEvaluatedKey && writeCursor(answer.LastEvaluatedKey),
    };
  };
  const byPartition = (pk: string, page?: PageRequest) => query({ ConsistentRead: true }, 'pk', pk, page);

  return {
    async append(record) {
      return conditionHeld(
        client.send(new PutItemCommand({ TableName: auditTable, Item: auditItem(record), ConditionExpression: isNew })),
      );
    },
    byToken: (tokenId, page) => byPartition(auditPartition({ tokenId, account: '' }), page),
    byIntegration: (integration, page) => byPartition(auditPartition({ integration, account: '' }), page),
    byDay: (day, page) => query({ IndexName: DAY_INDEX.name }, DAY_INDEX.partitionKey, day, page),
  };
}

const writeCursor = (key: Item): string => Buffer.from(JSON.stringify(unmarshall(key))).toString('base64url');

function readCursor(cursor: string): Item {
  try {
    return marshall(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw new RangeError('not a cursor of this trail', { cause });
  }
}
