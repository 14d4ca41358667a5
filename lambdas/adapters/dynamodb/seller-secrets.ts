/** Where the webhook secrets of accounts are kept that came by the registrar's API. Without the marshaller: the webhook starts with it. */
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { SecretDirectory } from '../../webhook/ports.ts';
import { ledgerKeys } from './keys.ts';

export function createSecretDirectory({
  client,
  ledgerTable,
}: {
  client: DynamoDBClient;
  ledgerTable: string;
}): SecretDirectory {
  return {
    async placeOf(account) {
      const { pk, sk } = ledgerKeys.account(account);
      const read = new GetItemCommand({
        TableName: ledgerTable,
        Key: { pk: { S: pk }, sk: { S: sk } },
        ProjectionExpression: '#owner, managed, webhookSecret',
        ExpressionAttributeNames: { '#owner': 'owner' },
      });
      const { Item } = await client.send(read);
      const secret = Item?.webhookSecret?.M?.secret?.S;
      // Those of the file are in the deploy, or have left it: this role may not read their secrets. Who has left is unknown, as there.
      return Item?.owner?.S === 'api' && Item.managed?.BOOL !== false && secret !== undefined ? { secret } : undefined;
    },
  };
}
