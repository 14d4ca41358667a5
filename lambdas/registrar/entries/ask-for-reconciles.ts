/** Every change is followed by a reconcile, however its call ended. */
import { batchesOf } from '../../domain/batches.ts';
import type { EntryCall, EntryPorts } from './ports.ts';

const SIDE_BY_SIDE = 25;

/**
 * Asks for what this call has `changed`, and for what earlier ones that broke off still owe. What is not struck out for want of time
 * is asked for once more by the next call, which is harmless.
 */
export async function askForReconciles(
  changed: readonly string[],
  { ledger, queue }: EntryPorts,
  { requestId: key, signal }: EntryCall,
): Promise<void> {
  const owed = (await ledger.integrations()).filter(({ reconcileOwed }) => reconcileOwed);
  // Named by itself, too: another call may have struck out a change that it did not know of.
  const names = new Set([...changed, ...owed.map(({ integration }) => integration)]);
  await queue.send([...names].map((integration) => ({ integration, cause: 'deploy', key })));
  for (const batch of batchesOf(SIDE_BY_SIDE, owed)) {
    if (signal.aborted) return;
    await Promise.all(batch.map((entry) => ledger.reconcileRequested(entry)));
  }
}
