import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Clock } from '../../domain/ports.ts';
import type { RevocationCap } from '../../evidence/ports.ts';
import { conditionHeld } from './conditional.ts';
import { ledgerKeys } from './keys.ts';

/** Revocations of one account are counted in windows of one hour, from the full hour. */
const WINDOW_MS = 3_600_000;

/**
 * The cap as one set of token ids per account and window. A token that asks again, after a crash or an ambiguous
 * answer, has its place already. A cap that is not a positive number allows nothing.
 */
export function createDynamoRevocationCap(options: {
  client: DynamoDBClient;
  ledgerTable: string;
  clock: Clock;
}): RevocationCap {
  const { client, ledgerTable, clock } = options;
  return {
    async reserve(account, max, tokenId) {
      if (!(max >= 1)) return false;
      const start = Math.floor(clock.now() / WINDOW_MS) * WINDOW_MS;
      const isFirst = 'attribute_not_exists(tokens)';
      const hasPlace = 'contains(tokens, :id)';
      const isRoomLeft = 'size(tokens) < :max';
      return conditionHeld(
        client.send(
          new UpdateItemCommand({
            TableName: ledgerTable,
            Key: marshall(ledgerKeys.revocations(account, new Date(start).toISOString())),
            UpdateExpression: 'ADD tokens :token SET expiresAt = :expiry',
            ConditionExpression: `${isFirst} OR ${hasPlace} OR ${isRoomLeft}`,
            ExpressionAttributeValues: {
              ...marshall({ ':id': tokenId, ':max': max, ':expiry': (start + 48 * WINDOW_MS) / 1000 }),
              ':token': { SS: [tokenId] },
            },
          }),
        ),
      );
    },
  };
}
