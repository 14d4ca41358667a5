/** Messages of the reconcile queue. A message that could not be answered comes back within seconds, not minutes. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { ALARMS, type CheckRequest, METRICS, type ReconcileRequest } from '../contract.ts';
import type { Log, Metrics } from '../domain/ports.ts';
import type { Deliveries } from './ports.ts';

type Message = ReconcileRequest | CheckRequest;

/** Another run is at work, or there is more to do than one run does: come back soon. */
export class NotNowError extends Error {
  override readonly name = 'NotNowError';
}

/** Whoever meets another run, and what got no answer of Paddle, tries again after this (s). */
const SOON_S = 5;
/** After a defect: a message that fails again and again ends in the dead-letter queue within two hours. */
const LATER_S = 60;
/** While its run lives a message is out of sight for so long at a time (s), so that a crash brings it back soon. */
const HOLD_S = 30;
const HOLD_EVERY_MS = 10_000;

export interface DeliveryParts {
  readonly deliveries: Deliveries;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** @param reconcile throws `NotNowError` when the message is to come back soon, anything else for a defect */
export async function reconcileAll(
  event: SQSEvent,
  reconcile: (request: Message) => Promise<void>,
  parts: DeliveryParts,
): Promise<SQSBatchResponse> {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const record of event.Records) {
    const letGo = hold(record, parts);
    try {
      await reconcile(JSON.parse(record.body) as Message);
    } catch (error) {
      await letGo();
      if (await comesBack(record, error, parts)) batchItemFailures.push({ itemIdentifier: record.messageId });
    } finally {
      await letGo();
    }
  }
  return { batchItemFailures };
}

async function comesBack(record: SQSRecord, error: unknown, parts: DeliveryParts): Promise<boolean> {
  const { integration, cause } = readable(record.body);
  const about = { integration, messageId: record.messageId, cause, error };
  if (error instanceof NotNowError) {
    parts.log.info('A reconcile comes back soon', about);
    await comeBackIn(record, SOON_S, parts);
    return true;
  }
  parts.log.error('A reconcile failed', { alarm: ALARMS.rotationFailure, ...about });
  parts.metrics.count(METRICS.rotationFailure);
  // What is due stays due, and the heartbeat asks again in a minute. Kept, the message would stand in the way of those
  // that bring new evidence, which nobody would repeat: a group is handled in order.
  // And nobody waits for a check that failed.
  if (cause === 'due' || cause === 'check') return false;
  await comeBackIn(record, LATER_S, parts);
  return true;
}

/** Keeps the message out of sight while this process lives. @returns what ends it, with no change under way behind it */
function hold(record: SQSRecord, parts: DeliveryParts): () => Promise<void> {
  let last = comeBackIn(record, HOLD_S, parts);
  const timer = setInterval(() => {
    last = last.then(() => comeBackIn(record, HOLD_S, parts));
  }, HOLD_EVERY_MS);
  return () => {
    clearInterval(timer);
    return last;
  };
}

/** Without it the message comes back later, after the queue's own timeout. */
async function comeBackIn({ receiptHandle }: SQSRecord, seconds: number, parts: DeliveryParts): Promise<void> {
  try {
    await parts.deliveries.comeBackIn(receiptHandle, seconds);
  } catch (error) {
    parts.log.warn('The visibility of a message could not be changed', { seconds, error });
  }
}

function readable(body: string): Partial<Message> {
  try {
    return (JSON.parse(body) as Message | null) ?? {};
  } catch {
    return {};
  }
}
