import { createHeartbeat, type Due, MOST_PER_TICK } from '../../lambdas/heartbeat/heartbeat.ts';
import { FakeReconcileQueue, RecordingLog, RecordingMetrics, StillClock } from '../fakes/runtime.ts';

/** Everything that waits, as the index holds it: answers what is due, in no helpful order. */
function heartbeat(waiting: Due[]) {
  const asked: string[] = [];
  const due = {
    failure: undefined as Error | undefined,
    async findDue(now: string) {
      asked.push(now);
      if (this.failure) throw this.failure;
      return waiting.filter(({ dueAt }) => dueAt <= now);
    },
  };
  const parts = {
    due,
    queue: new FakeReconcileQueue(),
    clock: new StillClock(),
    log: new RecordingLog(),
    metrics: new RecordingMetrics(),
  };
  return { ...parts, asked, waiting, tick: createHeartbeat(parts) };
}

const at = (minute: number) => new Date(Date.parse('2026-11-22T03:00:00.000Z') + minute * 60_000).toISOString();

describe('a tick', () => {
  test('with nothing due asks once, says that nothing is late, and does nothing else', async () => {
    const { tick, asked, queue, metrics, log } = heartbeat([{ integration: 'tomorrow', dueAt: at(24 * 60) }]);
    await tick();
    expect(asked).toEqual(['2026-11-22T03:00:00.000Z']);
    expect(queue.taken).toEqual([]);
    expect(metrics.counted).toEqual(['OverdueSeconds 0']);
    expect(log.lines).toEqual([]);
  });

  test('asks for a reconcile at each integration that is due, the longest overdue first, and says how late that is', async () => {
    const { tick, queue, metrics } = heartbeat([
      { integration: 'just-due', dueAt: at(0) },
      { integration: 'long-due', dueAt: at(-90) },
      { integration: 'not-due', dueAt: at(1) },
      { integration: 'late', dueAt: at(-2) },
    ]);
    await tick();
    expect(queue.taken.map(({ integration, cause }) => `${integration} ${cause}`)).toEqual([
      'long-due due',
      'late due',
      'just-due due',
    ]);
    expect(metrics.counted).toEqual(['OverdueSeconds 5400']);
  });

  test('that the platform repeats within the minute asks for nothing twice; the next one asks again', async () => {
    const { tick, queue, clock } = heartbeat([{ integration: 'late', dueAt: at(-2) }]);
    await tick();
    clock.advance(59_999);
    await tick();
    expect(queue.taken).toHaveLength(1);
    clock.advance(1);
    await tick();
    expect(queue.taken).toHaveLength(2);
  });

  test('asks again within the minute when the integration has become due anew', async () => {
    const { tick, queue, clock, waiting } = heartbeat([{ integration: 'late', dueAt: at(-2) }]);
    await tick();
    clock.advance(30_000);
    waiting[0] = { integration: 'late', dueAt: at(0.25) };
    await tick();
    expect(queue.taken).toHaveLength(2);
  });

  test('takes only so many, and leaves the least overdue for the next', async () => {
    const crowd = Array.from({ length: MOST_PER_TICK + 5 }, (_, n) => ({
      integration: `i-${n}`,
      dueAt: at(n - 2_000),
    }));
    const { tick, queue, clock, waiting, log } = heartbeat(crowd.toReversed());
    await tick();
    expect(queue.taken).toHaveLength(MOST_PER_TICK);
    expect(queue.taken.at(-1)).toMatchObject({ integration: `i-${MOST_PER_TICK - 1}` });
    expect(log.lines.join()).toContain('"leftForTheNextTick":5');
    // The requests were taken, those integrations wait for another day.
    waiting.splice(0, waiting.length, ...crowd.slice(MOST_PER_TICK));
    clock.advance(60_000);
    await tick();
    expect(new Set(queue.taken.map(({ integration }) => integration)).size).toBe(crowd.length);
  });

  test('fails when the queue fails, for the platform to see, but has said how late things are', async () => {
    const { tick, queue, metrics } = heartbeat([{ integration: 'late', dueAt: at(-1) }]);
    queue.failure = new Error('the queue is away');
    await expect(tick()).rejects.toThrow('the queue is away');
    expect(metrics.counted).toEqual(['OverdueSeconds 60']);
  });

  test('fails when the ledger fails, and does not claim that nothing is late', async () => {
    const { tick, due, metrics } = heartbeat([]);
    due.failure = new Error('the ledger is away');
    await expect(tick()).rejects.toThrow('the ledger is away');
    expect(metrics.counted).toEqual([]);
  });
});
