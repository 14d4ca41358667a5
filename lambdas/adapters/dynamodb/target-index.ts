/** Which integration publishes where: items that the registrar writes beside the configuration. */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Target } from '../../domain/model.ts';
import type { Claim } from '../../registrar/register.ts';
import type { TargetIndex } from '../../usage/observe-reads.ts';
import { ledgerKeys } from './keys.ts';
import { queried } from './pages.ts';

/** About 5,000 parameters each. */
const MAX_PAGES = 20;

export interface ClaimIndex extends TargetIndex {
  publishedAt(kind: Target['kind'], name: string): Promise<readonly Claim[]>;
}

export function createTargetIndex({
  client,
  ledgerTable,
}: {
  client: DynamoDBClient;
  ledgerTable: string;
}): ClaimIndex {
  return {
    async publishedAt(kind, name) {
      const { pk, sk } = ledgerKeys.target({ kind, name });
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: ledgerTable,
          ConsistentRead: true,
          // The place itself and its keys: nothing that a longer name may go on with sorts before `#`.
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :name AND :keys',
          ExpressionAttributeValues: marshall({ ':pk': pk, ':name': sk, ':keys': `${sk}#\u{10ffff}` }),
        }),
      );
      return Items.map((item) => {
        const { sk: found, integration, revision } = unmarshall(item);
        const jsonKey = String(found).slice(sk.length + 1);
        const target: Target = kind === 'secret' && jsonKey !== '' ? { kind, name, jsonKey } : { kind, name };
        return { target, integration: String(integration), ...(revision === undefined ? {} : { revision }) };
      });
    },

    async parametersBelow(path) {
      const { pk, sk } = ledgerKeys.target({ kind: 'ssm', name: path });
      const query = {
        TableName: ledgerTable,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :path)',
        ExpressionAttributeValues: marshall({ ':pk': pk, ':path': sk }),
      };
      const orElse = `more parameters are below ${path} than can be followed up`;
      return Array.fromAsync(queried(client, query, { maxPages: MAX_PAGES, orElse }), (item) => {
        const { sk: name, integration } = unmarshall(item);
        return { name: String(name), integration: String(integration) };
      });
    },
  };
}
