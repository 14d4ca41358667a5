/**
 * What is known of an account's API key, never the key itself: the ledger's item `ACCOUNT#a / KEY`. `keyId`: under which id
 * Paddle knows it; `rotate` writes it, and `observe`, which must not read keys, learns from it whose key a webhook tells of.
 * `fingerprint` and `provenBy`: which key was found to be the account's, and by which token; whoever calls Paddle writes them.
 */
import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { KnownKeys } from '../../paddle/account-key.ts';
import { toEffectError } from '../aws/errors.ts';
import { conditionHeld } from './conditional.ts';
import { ledgerKeys } from './keys.ts';

export interface KeyIds {
  /** Was the account registered by the API? */
  isSellers(account: string): Promise<boolean>;
  /** `undefined`: no key was used yet, or it is a legacy one without an id. */
  read(account: string): Promise<string | undefined>;
  /** Writes only what is new: a key lives for months, and processes for minutes. */
  note(account: string, keyId: string): Promise<void>;
}

interface Table {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
}

export function createKeyIds(table: Table): KeyIds {
  const read = async (account: string) => (await load(table, account))?.keyId?.S;
  return {
    read,
    async isSellers(account) {
      const Key = marshall(ledgerKeys.account(account));
      const { Item } = await table.client.send(new GetItemCommand({ TableName: table.ledgerTable, Key }));
      return Item?.owner?.S === 'api';
    },
    async note(account, keyId) {
      if ((await read(account)) !== keyId) await set(table, account, { keyId });
    },
  };
}

export function createKnownKeys(table: Table): KnownKeys {
  const subject = (account: string) => `what is known of the API key of ${account}`;
  const mapped = async <T>(write: boolean, account: string, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw toEffectError(error, { write, subject: subject(account) });
    }
  };
  return {
    read: (account) =>
      mapped(false, account, async () => {
        const item = await load(table, account);
        return { fingerprint: item?.fingerprint?.S, provenBy: item?.provenBy?.S };
      }),
    verified: (account, fingerprint) =>
      mapped(true, account, async () => void (await set(table, account, { fingerprint }))),
    proven: (account, provenBy, fingerprint) =>
      mapped(true, account, () => set(table, account, { provenBy, fingerprint }, FIRST)),
  };
}

async function load({ client, ledgerTable: TableName }: Table, account: string) {
  const Key = marshall(ledgerKeys.key(account));
  return (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
}

/** Of two processes at once, the first names the token. */
const FIRST = 'attribute_not_exists(provenBy)';

/** @returns false when the condition is not met */
async function set(
  { client, ledgerTable: TableName }: Table,
  account: string,
  values: Readonly<Record<string, string>>,
  ConditionExpression?: string,
): Promise<boolean> {
  const names = Object.keys(values);
  const update = new UpdateItemCommand({
    TableName,
    Key: marshall(ledgerKeys.key(account)),
    UpdateExpression: `SET ${names.map((name) => `${name} = :${name}`).join(', ')}`,
    ...(ConditionExpression ? { ConditionExpression } : {}),
    ExpressionAttributeValues: marshall(Object.fromEntries(names.map((name) => [`:${name}`, values[name]]))),
  });
  return conditionHeld(client.send(update));
}
