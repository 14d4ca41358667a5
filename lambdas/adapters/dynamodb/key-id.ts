/**
 * Which API key an account uses, by its id alone: the ledger's item `ACCOUNT#a / KEY`. `rotate` writes it when it uses a
 * key, and `observe`, which must not read keys, learns from it whose key a webhook tells of.
 */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ledgerKeys } from './keys.ts';

export interface KeyIds {
  /** `undefined`: no key was used yet, or it is a legacy one without an id. */
  read(account: string): Promise<string | undefined>;
  /** Writes only what is new: a key lives for months, and processes for minutes. */
  note(account: string, keyId: string): Promise<void>;
}

export function createKeyIds({ client, ledgerTable }: { client: DynamoDBClient; ledgerTable: string }): KeyIds {
  const read = async (account: string): Promise<string | undefined> => {
    const Key = marshall(ledgerKeys.key(account));
    const { Item } = await client.send(new GetItemCommand({ TableName: ledgerTable, Key, ConsistentRead: true }));
    return Item?.keyId?.S;
  };
  return {
    read,
    async note(account, keyId) {
      if ((await read(account)) === keyId) return;
      const Item = marshall({ ...ledgerKeys.key(account), keyId });
      await client.send(new PutItemCommand({ TableName: ledgerTable, Item }));
    },
  };
}
