/** What the backfill writes into the audit trail. */
import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { BackfillTrail } from '../../backfill/ports.ts';
import { auditPartition, auditSortKey, hourOf } from '../../domain/audit-keys.ts';
import type { PaddleToken } from '../../domain/model.ts';
import { conditionHeld } from './conditional.ts';
import { toItem } from './items.ts';

/** Should Paddle round the one notation of an instant and cut the other, an event's two keys are this close. */
const NEIGHBOURHOOD_MS = 1_000;

export function createBackfillTrail({ client, table }: { client: DynamoDBClient; table: string }): BackfillTrail {
  const put = async (item: object): Promise<'stored' | 'duplicate'> => {
    const condition = 'attribute_not_exists(pk)';
    const write = client.send(
      new PutItemCommand({ TableName: table, Item: toItem(item), ConditionExpression: condition }),
    );
    return (await conditionHeld(write)) ? 'stored' : 'duplicate';
  };
  const isNear = async (pk: string, at: string, id: string): Promise<boolean> => {
    const near = (ms: number) => new Date(Date.parse(at) + ms).toISOString().slice(0, 23);
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ProjectionExpression: 'id',
        ExpressionAttributeValues: marshall({
          ':pk': pk,
          ':from': near(-NEIGHBOURHOOD_MS),
          ':to': `${near(NEIGHBOURHOOD_MS)}~`,
        }),
      }),
    );
    return Items.some((item) => item.id?.S === id);
  };

  return {
    async append(item) {
      if (item.kind !== 'unreadable' && (await isNear(item.pk, item.at, item.id))) return 'duplicate';
      return put(item);
    },

    /** Keyed by the token's creation, so that there is one record for it, whenever it was seen. */
    async reportForeign(account: string, token: PaddleToken, now: string) {
      const id = `foreign_${token.id}`;
      return put({
        pk: auditPartition({ account }),
        sk: auditSortKey(token.createdAt, id),
        day: now.slice(0, 10),
        writtenIn: hourOf(now),
        kind: 'action',
        id,
        type: 'token.foreign',
        at: now,
        account,
        tokenId: token.id,
        message: `${token.id} is active at Paddle and is none of Paddlewheel's; it is reported once and never touched.`,
        details: { createdAt: token.createdAt },
      });
    },
  };
}
