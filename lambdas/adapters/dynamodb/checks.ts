/** What a check saw: written by `rotate`, read by `status`, gone after a day. A partition of its own, which `status` may read. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Answer } from '../../rotation/answer.ts';
import type { CheckAnswers } from '../../rotation/check-answers.ts';
import { fromItem, toItem } from './items.ts';
import { ledgerKeys } from './keys.ts';

const KEPT_SECONDS = 86_400;

export function createCheckAnswers(options: {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
}): CheckAnswers {
  const { client, ledgerTable: TableName } = options;
  return {
    async store(checkId, answer, now) {
      const expiresAt = Math.floor(now / 1_000) + KEPT_SECONDS;
      const Item = toItem({ ...ledgerKeys.check(answer.integration, checkId), answer, expiresAt });
      await client.send(new PutItemCommand({ TableName, Item }));
    },

    async find(integration, checkId) {
      const Key = marshall(ledgerKeys.check(integration, checkId));
      const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      return Item && fromItem<{ answer: Answer }>(Item).answer;
    },
  };
}
