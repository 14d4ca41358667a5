/** The lock-out of an account, in the ledger's item `ACCOUNT#a / THROTTLE`: `blockedUntil`, a number, epoch ms. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Throttle } from '../../paddle/throttle.ts';
import { ledgerKeys } from './keys.ts';

export interface DynamoThrottleOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly account: string;
  /** How long "not blocked" is believed (ms). Default 2 000: at most a handful of calls into somebody else's lock-out. */
  readonly cacheMs?: number;
  /** Told when the ledger could not be read; the answer then is the blind one, below. */
  readonly onReadFailure?: (error: unknown) => void;
}

/**
 * While the ledger cannot be read, one call goes out per process and this many ms. Blocking for as long as it cannot be
 * read would turn a missing permission into rotations that never happen, under the name of a throttle; calling freely
 * would let every worker hammer a locked-out address. At this pace twenty workers stay within 240 calls a minute, and
 * what this process itself knows of a lock-out is still heeded.
 */
const BLIND_PACE_MS = 5_000;

export function createDynamoThrottle(options: DynamoThrottleOptions): Throttle {
  const { client, table, account, cacheMs = 2_000, onReadFailure } = options;
  const { pk, sk } = ledgerKeys.throttle(account);
  const Key = { pk: { S: pk }, sk: { S: sk } };
  /** The latest block that this process has seen or made. */
  let known = Number.NEGATIVE_INFINITY;
  let openUntil = Number.NEGATIVE_INFINITY;
  let nextBlindCall = Number.NEGATIVE_INFINITY;

  /** Eventually consistent: a lock-out is a matter of seconds, and the worker that was locked out remembers it itself. */
  async function read(): Promise<number> {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key }));
    const stored = Number(Item?.blockedUntil?.N);
    return Number.isFinite(stored) ? stored : Number.NEGATIVE_INFINITY;
  }

  function blind(now: number): number | undefined {
    if (now < nextBlindCall) return nextBlindCall;
    nextBlindCall = now + BLIND_PACE_MS;
    return undefined;
  }

  return {
    async blockedUntil(now) {
      if (known > now) return known;
      if (now < openUntil) return undefined;
      try {
        known = Math.max(known, await read());
      } catch (error) {
        onReadFailure?.(error);
        return blind(now);
      }
      if (known > now) return known;
      openUntil = now + cacheMs;
      return undefined;
    },

    async block(until) {
      // First here, so that this process keeps silent even if the ledger cannot be written.
      known = Math.max(known, until);
      const never = 'attribute_not_exists(blockedUntil)';
      const longer = 'blockedUntil < :until';
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key,
            UpdateExpression: 'SET blockedUntil = :until',
            ConditionExpression: `${never} OR ${longer}`,
            ExpressionAttributeValues: { ':until': { N: String(Math.ceil(until)) } },
          }),
        );
      } catch (error) {
        // Somebody recorded a longer one, which serves as well.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
