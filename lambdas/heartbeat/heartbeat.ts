/** Once a minute: whatever is due gets reconciled. What is to be done about it, and whether, is not decided here. */
import { ALARMS, METRICS, OVERDUE_SECONDS } from '../contract.ts';
import type { Instant } from '../domain/model.ts';
import type { Clock, Log, Metrics, ReconcileQueue } from '../domain/ports.ts';

export interface Due {
  readonly integration: string;
  readonly dueAt: Instant;
}

export interface DueFinder {
  /** Everything whose `dueAt` is not after `now`, in any order. */
  findDue(now: Instant): Promise<readonly Due[]>;
}

/**
 * More than the reconciles that one address can take in a minute (Paddle answers 240 calls, a rotation needs two), few enough
 * that a tick is over long before the next one.
 */
export const MOST_PER_TICK = 1_000;

/**
 * One tick. The longest overdue go first, the rest is still due at the next tick, so nobody waits for ever. A repeated tick
 * within the minute sends nothing twice.
 * @throws what the finder and the queue throw: the platform repeats the tick, and alarms
 */
export function createHeartbeat(parts: {
  due: DueFinder;
  queue: ReconcileQueue;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}) {
  const { due, queue, clock, log, metrics } = parts;
  return async (): Promise<void> => {
    const now = clock.now();
    const waiting = longestOverdueFirst(await due.findDue(new Date(now).toISOString()));
    const late = waiting[0] === undefined ? 0 : (now - Date.parse(waiting[0].dueAt)) / 1_000;
    // Also when nothing is due: an alarm tells "all is well" from "no heartbeat" by it. And before sending, which may fail.
    metrics.seconds(METRICS.overdueSeconds, Math.max(0, late));
    if (late >= OVERDUE_SECONDS)
      log.warn('A reconcile is overdue', {
        alarm: ALARMS.overdue,
        integration: waiting[0]?.integration,
        seconds: late,
      });
    if (waiting.length === 0) return;
    const minute = new Date(now).toISOString().slice(0, 16);
    const taken = waiting.slice(0, MOST_PER_TICK);
    await queue.send(
      taken.map(({ integration, dueAt }) => ({ integration, cause: 'due' as const, key: `${dueAt} ${minute}` })),
    );
    log.info('Asked for a reconcile at what is due', {
      sent: taken.length,
      leftForTheNextTick: waiting.length - taken.length,
    });
  };
}

const longestOverdueFirst = (due: readonly Due[]): readonly Due[] =>
  due.toSorted((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt));
