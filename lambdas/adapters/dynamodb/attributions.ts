/** Attributions in the audit trail: one conditional put each. */
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Attributions } from '../../observe/ports.ts';
import { conditionHeld } from './conditional.ts';

const NOT_ATTRIBUTED_YET = 'attribute_not_exists(pk)';

export function createAttributions({
  client,
  auditTable,
}: {
  client: DynamoDBClient;
  auditTable: string;
}): Attributions {
  return {
    async append(item) {
      const Item = marshall(item, { removeUndefinedValues: true });
      const put = new PutItemCommand({ TableName: auditTable, Item, ConditionExpression: NOT_ATTRIBUTED_YET });
      return (await conditionHeld(client.send(put))) ? 'stored' : 'duplicate';
    },
  };
}
