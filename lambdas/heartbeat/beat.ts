/** Once a minute: whatever is due gets looked at. What is to be done about it, and whether, is not decided here. */
import { ALARMS, METRICS, OVERDUE_SECONDS } from '../contract.ts';
import type { Instant } from '../rotation/model.ts';
import type { Clock } from '../rotation/ports.ts';
import type { Log } from '../shared/log.ts';
import type { LookQueue } from '../shared/look-queue.ts';
import type { Meter } from '../shared/metrics.ts';

export interface Due {
  readonly integration: string;
  readonly dueAt: Instant;
}

export interface DueFinder {
  /** Everything whose `dueAt` is not after `now`, in any order. */
  findDue(now: Instant): Promise<readonly Due[]>;
}

/**
 * More than the looks that one address can take in a minute (Paddle answers 240 calls, a rotation needs two), few enough
 * that a beat is over long before the next one.
 */
export const MOST_PER_BEAT = 1_000;

/**
 * One beat. The longest overdue go first, the rest is still due at the next beat, so nobody waits for ever. A repeated beat
 * within the minute sends nothing twice.
 * @throws what the finder and the queue throw: the platform repeats the beat, and alarms
 */
export function createBeat(parts: { due: DueFinder; queue: LookQueue; clock: Clock; log: Log; meter: Meter }) {
  const { due, queue, clock, log, meter } = parts;
  return async (): Promise<void> => {
    const now = clock.now();
    const waiting = longestOverdueFirst(await due.findDue(new Date(now).toISOString()));
    const late = waiting[0] === undefined ? 0 : (now - Date.parse(waiting[0].dueAt)) / 1_000;
    // Also when nothing is due: an alarm tells "all is well" from "no heartbeat" by it. And before sending, which may fail.
    meter.seconds(METRICS.overdueSeconds, Math.max(0, late));
    if (late >= OVERDUE_SECONDS)
      log.warn('A look is overdue', { alarm: ALARMS.overdue, integration: waiting[0]?.integration, seconds: late });
    if (waiting.length === 0) return;
    const minute = new Date(now).toISOString().slice(0, 16);
    const taken = waiting.slice(0, MOST_PER_BEAT);
    await queue.send(
      taken.map(({ integration, dueAt }) => ({ integration, cause: 'due' as const, key: `${dueAt} ${minute}` })),
    );
    log.info('Asked for a look at what is due', {
      sent: taken.length,
      leftForTheNextBeat: waiting.length - taken.length,
    });
  };
}

const longestOverdueFirst = (due: readonly Due[]): readonly Due[] =>
  due.toSorted((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt));
