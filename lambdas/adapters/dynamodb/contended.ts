/** Writes that DynamoDB turns away for the moment. The SDK does not repeat a transaction that was cancelled. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';

/** With pauses of at most 5 s: half a minute in all. What takes longer is no mere load. */
const ATTEMPTS = 10;
const FIRST_MS = 50;
const MOST_MS = 5_000;

const PASSING_REASONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);
const PASSING_NAMES = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionConflictException',
  'TransactionInProgressException',
]);

/** Nothing of it was written, and the same request may succeed a moment later. A condition that failed will fail again. */
export function passes(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) {
    const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None').filter((code) => code !== 'None');
    return codes.length > 0 && codes.every((code) => PASSING_REASONS.has(code));
  }
  return error instanceof Error && PASSING_NAMES.has(error.name);
}

/** Calls `write` until it is no longer turned away. @throws its last error */
export async function untilTaken<T>(
  write: () => Promise<T>,
  rest: (ms: number) => Promise<unknown> = sleep,
  random: () => number = Math.random,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (attempt >= ATTEMPTS || !passes(error)) throw error;
      // Anything up to the bound, so that writers who met do not meet again.
      await rest(random() * Math.min(MOST_MS, FIRST_MS * 2 ** attempt));
    }
  }
}
