/** What things cost in units: counted from the real items and calls, not reckoned. */
import { marshall } from '@aws-sdk/util-dynamodb';
import { auditItem } from '../../lambdas/adapters/dynamodb/audit-trail.ts';
import { ledgerKeys } from '../../lambdas/adapters/dynamodb/keys.ts';
import { stateItem } from '../../lambdas/adapters/dynamodb/ledger.ts';
import { webhookItem } from '../../lambdas/paddle/webhook-record.ts';
import { ledgerCalls, WRITES } from '../calls.ts';
import { PacingWorld } from '../pacing/world.ts';
import { writeUnits } from './units.ts';

/** A record is chained by two items in one transaction, and stands in the index of hours, which is compared. */
const CHAIN = { writes: 4 + 1, reads: 1 };

export interface Counts {
  readonly writes: number;
  readonly reads: number;
  /** Lines in the audit trail. */
  readonly records: number;
  readonly invocations: number;
  readonly paddle: number;
}

/** A rotation that meets nothing unusual, from the intent to the revocation. */
export async function rotationCounts(): Promise<Counts> {
  const world = new PacingWorld({ addresses: 1, due: { quiet: 1 } });
  const noted = world.ledger.onSave;
  let writes = 0;
  let records = 0;
  world.ledger.onSave = (before, after, added) => {
    noted?.(before, after, added);
    // In a transaction everything is written twice; out of the index by due date and into it again.
    writes += 2 * writeUnits(stateItem(after)) + (before.dueAt === after.dueAt ? 0 : 2);
    for (const record of added) {
      const units = writeUnits(auditItem(record));
      // And once into the index by day, whole.
      writes += 2 * units + units + CHAIN.writes;
    }
    records += added.length;
  };
  await world.run(30);
  for (const claim of world.ledger.owners.values())
    writes +=
      2 * writeUnits(marshall({ ...ledgerKeys.owner(claim.tokenId), ...claim }, { removeUndefinedValues: true }));
  const isOther = (op: string) => WRITES.test(op) && op !== 'ledger.save';
  writes += ledgerCalls(world.ops, isOther) + (world.ops.get('cap.reserve') ?? 0);
  const reads = ledgerCalls(world.ops, (op) => op.startsWith('ledger.') && !WRITES.test(op)) + records * CHAIN.reads;
  const paddle = [...world.paddle.calls.values()].reduce((a, b) => a + b, 0);
  return { writes, reads, records, invocations: world.queue.sent, paddle };
}

/** One that is stored: a transaction of a shop, 1 KB of which is kept. */
export function webhookCounts(): Pick<Counts, 'writes' | 'reads'> {
  const data = { id: 'txn_01j9zv4tnmk8w2f7q3c5x6y7z8', status: 'completed', items: 'x'.repeat(500) };
  const event_id = 'evt_01j9zv4tnmk8w2f7q3c5x6y7z8';
  const event = { event_id, event_type: 'transaction.completed', occurred_at: '2026-11-22T03:00:00.000000Z', data };
  const item = webhookItem(
    { ...event, notification_id: event_id.replace('evt', 'ntf') },
    'live',
    '2026-11-22T03:00:01.000Z',
  );
  const units = writeUnits(marshall(item, { removeUndefinedValues: true }));
  return { writes: 2 * units + CHAIN.writes, reads: CHAIN.reads };
}
