import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE, EVENT_TYPES } from '../../contract.ts';
import { batchesOf } from '../../domain/batches.ts';
import { TransientError } from '../../domain/errors.ts';
import type { AuditRecord } from '../../domain/model.ts';

export interface EventBus {
  /**
   * One event per record: `source` paddlewheel, `detail-type` as in the contract, `detail` the record itself.
   * @throws TransientError naming the records that were not taken. A repeat sends the others again: consumers tell
   *   repeats by `detail.id`.
   */
  announce(records: readonly AuditRecord[]): Promise<void>;
}

export function createEventBus({ client, busName }: { client: EventBridgeClient; busName: string }): EventBus {
  return {
    async announce(records) {
      const refused: string[] = [];
      for (const batch of batchesOf(10, records)) {
        const answer = await client.send(
          new PutEventsCommand({
            Entries: batch.map((record) => ({
              EventBusName: busName,
              Source: EVENT_SOURCE,
              DetailType: EVENT_TYPES[record.type],
              Time: new Date(record.at),
              Detail: JSON.stringify(record),
            })),
          }),
        );
        answer.Entries?.forEach(({ ErrorCode }, at) => {
          if (ErrorCode) refused.push(`${batch[at]?.id} (${ErrorCode})`);
        });
      }
      if (refused.length > 0) throw new TransientError('event_not_sent', `the bus did not take ${refused.join(', ')}`);
    },
  };
}
