/** Accounts that the registrar's API has registered, and why their notification destinations are not in order. */
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { FailingParts } from '../../rotation/failing.ts';
import { ledgerKeys } from './keys.ts';
import { apiAccountsIn } from './registered.ts';

export function createAccountFailures({
  client,
  ledgerTable,
}: {
  client: DynamoDBClient;
  ledgerTable: string;
}): NonNullable<FailingParts['accounts']> {
  const get = async (key: object) => {
    const { Item } = await client.send(new GetItemCommand({ TableName: ledgerTable, Key: marshall(key) }));
    return Item && unmarshall(Item);
  };
  return {
    names: () => apiAccountsIn(client, ledgerTable),
    async failure(account) {
      const failure = (await get(ledgerKeys.destination(account)))?.failure;
      if (!failure) return undefined;
      // Whoever has left is nobody's concern, nor are webhooks that are kept by hand by now.
      const entry = await get(ledgerKeys.account(account));
      const isOurs = entry?.owner === 'api' && entry.managed !== false && entry.webhooks !== 'manual';
      return isOurs ? { account, ...failure } : undefined;
    },
  };
}
