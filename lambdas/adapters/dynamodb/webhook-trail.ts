/** The audit trail as the webhook sees it: one conditional put, no reading, no changing. */
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { WebhookTrail } from '../../webhook/ports.ts';
import { conditionHeld } from './conditional.ts';

/**
 * For the client that is handed in: two attempts of 2 s and the pause between them end within the 5 s that Paddle waits. After a
 * lost answer the second attempt finds the record, which is a `duplicate` and as good.
 */
export const withinPaddlesPatience = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};

const NOT_THERE_YET = 'attribute_not_exists(pk)';
/** Can hold for no item at all. */
const NEVER = 'attribute_exists(pk) AND attribute_not_exists(pk)';

export function createWebhookTrail({ client, table }: { client: DynamoDBClient; table: string }): WebhookTrail {
  const put = async (item: object, condition: string): Promise<boolean> => {
    const Item = attributes(item);
    return conditionHeld(client.send(new PutItemCommand({ TableName: table, Item, ConditionExpression: condition })));
  };
  return {
    append: async (item) => ((await put(item, NOT_THERE_YET)) ? 'stored' : 'duplicate'),
    // The very call of `append`, so that everything on its way is open and compiled, under a condition that never holds.
    warm: async () => {
      await put({ pk: 'WARM', sk: 'WARM' }, NEVER).catch(() => undefined);
    },
  };
}

/** Every property as a DynamoDB text or number; absent ones are left out. */
function attributes(item: object): Record<string, { S: string } | { N: string }> {
  const entries = Object.entries(item).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'number' ? { N: String(value) } : { S: String(value) }]),
  );
}
