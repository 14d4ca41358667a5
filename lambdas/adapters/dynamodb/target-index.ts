/** Which integration publishes where: items that the registrar writes beside the configuration. */
import { type AttributeValue, type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { TargetIndex } from '../../usage/observe-reads.ts';
import { ledgerKeys } from './keys.ts';

/** About 5,000 parameters each. */
const MAX_PAGES = 20;

export function createTargetIndex({
  client,
  ledgerTable,
}: {
  client: DynamoDBClient;
  ledgerTable: string;
}): TargetIndex {
  return {
    async integrationOf(kind, name) {
      const Key = marshall(ledgerKeys.target({ kind, name }));
      const { Item } = await client.send(new GetItemCommand({ TableName: ledgerTable, Key, ConsistentRead: true }));
      return Item && String(unmarshall(Item).integration);
    },

    async parametersBelow(path) {
      const { pk, sk } = ledgerKeys.target({ kind: 'ssm', name: path });
      const found: { name: string; integration: string }[] = [];
      let start: Record<string, AttributeValue> | undefined;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const answer = await client.send(
          new QueryCommand({
            TableName: ledgerTable,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :path)',
            ExpressionAttributeValues: marshall({ ':pk': pk, ':path': sk }),
            ExclusiveStartKey: start,
          }),
        );
        for (const item of answer.Items ?? []) {
          const { sk: name, integration } = unmarshall(item);
          found.push({ name: String(name), integration: String(integration) });
        }
        start = answer.LastEvaluatedKey;
        if (!start) return found;
      }
      throw new RangeError(`more parameters are below ${path} than can be followed up`);
    },
  };
}
