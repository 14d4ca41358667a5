/**
 * The pace of all calls to one address of Paddle, in the ledger's item `PACE#address / PACE`: `next`, when the next turn is free,
 * and `blockedUntil`, before which nothing may be sent; numbers, epoch ms.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  FARTHEST_TURN_MS,
  isBlocked,
  LATE_MS,
  LONGEST_BLOCK_MS,
  type PaceBook,
  type Wanted,
} from '../../paddle/pace.ts';
import type { Turn } from '../../paddle/throttle.ts';
import type { Item } from './items.ts';
import { ledgerKeys } from './keys.ts';

export interface DynamoPaceBookOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Of Paddle's API. */
  readonly apiUrl: string;
}

/** Whoever is overtaken so often while booking goes by what it saw last. */
const MOST_TRIES = 3;

const isOpen = '(attribute_not_exists(blockedUntil) OR blockedUntil <= :now OR blockedUntil > :longest)';
const isInUse = '#next > :idle AND #next <= :limit';
const isIdle = '(attribute_not_exists(#next) OR #next <= :idle OR #next > :farthest)';

export function createDynamoPaceBook({ client, table, apiUrl }: DynamoPaceBookOptions): PaceBook {
  const { pk, sk } = ledgerKeys.pace(apiUrl);
  const Key = { pk: { S: pk }, sk: { S: sk } };

  /** @returns the item as it was before; or, when the condition does not hold, as it is */
  async function update(expression: string, condition: string, values: Readonly<Record<string, number>>) {
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key,
          UpdateExpression: expression,
          ConditionExpression: condition,
          ...(/#next/.test(expression + condition) ? { ExpressionAttributeNames: { '#next': 'next' } } : {}),
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(values).map(([name, value]) => [name, { N: String(value) }]),
          ),
          ReturnValues: 'ALL_OLD',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { done: true, item: Attributes ?? {} };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { done: false, item: error.Item ?? {} };
    }
  }

  async function book({ now, calls, everyMs, mostWaitMs }: Wanted): Promise<Turn> {
    const idle = { ':now': now, ':idle': now - LATE_MS, ':longest': now + LONGEST_BLOCK_MS };
    const after = { ...idle, ':limit': now + mostWaitMs, ':turns': calls * everyMs };
    const fromNow = { ...idle, ':farthest': now + FARTHEST_TURN_MS, ':next': now + calls * everyMs };
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { done, item } = await update('SET #next = #next + :turns', `${isOpen} AND ${isInUse}`, after);
      if (done) return { at: Math.max(now, numberIn(item, 'next')) };
      const refusal = refused(item, now, mostWaitMs);
      if (refusal) return refusal;
      if ((await update('SET #next = :next', `${isOpen} AND ${isIdle}`, fromNow)).done) return { at: now };
    }
    return { retryAt: now + mostWaitMs, why: 'busy' };
  }

  return {
    book,
    /** Eventually consistent: a lock-out is a matter of seconds, and the worker that was locked out remembers it itself. */
    async read() {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key }));
      return { next: numberIn(Item, 'next'), blockedUntil: numberIn(Item, 'blockedUntil') };
    },
    async block(until) {
      const condition = 'attribute_not_exists(blockedUntil) OR blockedUntil < :until OR blockedUntil > :longest';
      const values = { ':until': Math.ceil(until), ':longest': Math.ceil(until) + LONGEST_BLOCK_MS };
      // Where the condition does not hold, somebody has recorded a longer one, which serves as well.
      await update('SET blockedUntil = :until', condition, values);
    },
  };
}

function refused(item: Item, now: number, mostWaitMs: number): Turn | undefined {
  const [blocked, next] = [numberIn(item, 'blockedUntil'), numberIn(item, 'next')];
  if (isBlocked(blocked, now)) return { retryAt: blocked, why: 'locked out' };
  const isLate = next > now + mostWaitMs && next <= now + FARTHEST_TURN_MS;
  return isLate ? { retryAt: next, why: 'busy' } : undefined;
}

/** NaN compares with nothing: what is not there neither blocks nor is taken. */
const numberIn = (item: Item | undefined, name: string): number => Number(item?.[name]?.N ?? Number.NaN);
