/** What a page of Paddle's list showed, for all runs of the account: one item of about 7 KB, which the next page replaces. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Log } from '../../domain/ports.ts';
import type { Reading, Readings } from '../../rotation/ports.ts';
import { fromItem, toItem } from './items.ts';
import { ledgerKeys } from './keys.ts';

const KEPT_S = 3_600;

export function createReadings(options: {
  client: DynamoDBClient;
  ledgerTable: string;
  log: Pick<Log, 'warn'>;
}): Readings {
  const { client, ledgerTable: TableName, log } = options;
  const failed = (account: string) => (error: unknown) => {
    log.warn('What Paddle listed could not be shared', { account, error });
    return undefined;
  };
  return {
    async find(account) {
      const read = new GetItemCommand({ TableName, Key: marshall(ledgerKeys.reading(account)) });
      const answer = await client.send(read).catch(failed(account));
      return answer?.Item && fromItem<Reading>(answer.Item);
    },
    async store(account, reading) {
      const expiresAt = Math.floor(Date.parse(reading.readAt) / 1_000) + KEPT_S;
      const Item = toItem({ ...ledgerKeys.reading(account), ...reading, expiresAt });
      await client.send(new PutItemCommand({ TableName, Item })).catch(failed(account));
    },
  };
}
