import { createHeartbeat, MOST_AT_ONCE } from '../../lambdas/heartbeat/heartbeat.ts';
import type { Due } from '../../lambdas/heartbeat/ports.ts';
import { FakeReconcileQueue, RecordingLog, RecordingMetrics, StillClock } from '../fakes/runtime.ts';

/** Everything that waits, as the index holds it: answers what is due, in no helpful order. `pay-3` is of the account `pay`. */
function heartbeat(waiting: Due[]) {
  const asked: string[] = [];
  const accountsAsked: string[] = [];
  const due = {
    failure: undefined as Error | undefined,
    async findDue(now: string) {
      asked.push(now);
      if (this.failure) throw this.failure;
      return waiting.filter(({ dueAt }) => dueAt <= now);
    },
  };
  const accounts = {
    unknown: /^$/,
    /** As many as can be told at once, as the table does. */
    async accountsOf(names: readonly string[]) {
      accountsAsked.push(...names);
      const told = names.slice(0, 2_000).filter((name) => !this.unknown.test(name));
      return new Map(told.map((name) => [name, name.replace(/-\d+$/, '')]));
    },
  };
  const clock = new StillClock();
  const queue = new FakeReconcileQueue();
  const world = {
    /** What becomes of the requests while the tick rests. Default: all are done. */
    meanwhile: () => {
      const done = new Set(queue.taken.map(({ integration, key }) => `${integration} ${key.split(' ')[0]}`));
      const left = waiting.filter(({ integration, dueAt }) => !done.has(`${integration} ${dueAt}`));
      waiting.splice(0, waiting.length, ...left);
    },
  };
  const rest = async (ms: number) => {
    clock.advance(ms);
    world.meanwhile();
  };
  const parts = { due, accounts, queue, clock, rest, log: new RecordingLog(), metrics: new RecordingMetrics() };
  return { ...parts, world, asked, accountsAsked, waiting, tick: createHeartbeat(parts) };
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

  test('asks again within minutes also when the clock was set back', async () => {
    const { tick, queue, clock } = heartbeat([{ integration: 'late', dueAt: at(-120) }]);
    await tick();
    clock.advance(-60 * 60_000);
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

describe('more than can be handed out at once', () => {
  const crowd = (account: string, count: number, minute = -1) =>
    Array.from({ length: count }, (_, n) => ({ integration: `${account}-${n}`, dueAt: at(minute) }));
  const accountsOf = (queue: FakeReconcileQueue) => queue.taken.map(({ integration }) => integration.split('-')[0]);

  test('is handed out over the minute, so that the queue holds a few seconds of work', async () => {
    const { tick, queue, world, clock, log } = heartbeat(crowd('pay', 1_000));
    const { meanwhile } = world;
    const held: number[] = [];
    let done = 0;
    world.meanwhile = () => {
      held.push(queue.taken.length - done);
      done = queue.taken.length;
      meanwhile();
    };
    const begun = clock.now();
    await tick();
    expect(Math.max(...held)).toBe(MOST_AT_ONCE);
    // More than the 230 that one address bears in a minute; it ends before the next tick comes.
    expect(queue.taken.length).toBe(300);
    expect(clock.now() - begun).toBeLessThan(58_000);
    expect(log.lines.join()).toContain('"leftForTheNextTick":700');
  });

  test('is not asked for again while nothing of it is done, but others are asked for after a while', async () => {
    const { tick, queue, world } = heartbeat(crowd('pay', 1_000));
    world.meanwhile = () => {};
    await tick();
    expect(new Set(queue.taken.map(({ integration }) => integration)).size).toBe(queue.taken.length);
    // Every 15 seconds, as what is not done by then may have failed.
    expect(queue.taken.length).toBe(4 * MOST_AT_ONCE);
  });

  test('is handed out no faster than it is taken up, however long runs take', async () => {
    const { tick, queue, world, clock, waiting } = heartbeat(crowd('pay', 1_000));
    let takenUp = 0;
    // Two within three seconds: pages are read.
    world.meanwhile = () => {
      const done = new Set(queue.taken.slice(0, takenUp).map(({ integration }) => integration));
      waiting.splice(0, waiting.length, ...waiting.filter(({ integration }) => !done.has(integration)));
      takenUp = Math.min(takenUp + 2, queue.taken.length);
    };
    queue.waiting = async () => queue.taken.length - takenUp;
    const begun = clock.now();
    for (let minute = 1; minute <= 10; minute += 1) {
      await tick();
      clock.advance(begun + minute * 60_000 - clock.now());
      expect(await queue.waiting()).toBeLessThanOrEqual(MOST_AT_ONCE);
    }
    expect(takenUp).toBeGreaterThan(300);
  });

  test.each<[string, () => Promise<number>]>([
    ['any number of messages about one that fails are in the queue', async () => 500],
    ['the queue does not say how much it holds', () => Promise.reject(new Error('denied'))],
  ])('goes on while %s', async (_, waitingInQueue) => {
    const { tick, queue, waiting, world } = heartbeat([...crowd('bad', 1, -9), ...crowd('good', 100)]);
    world.meanwhile = () => {
      const done = new Set(queue.taken.map(({ integration }) => integration).filter((name) => name.startsWith('good')));
      waiting.splice(0, waiting.length, ...waiting.filter(({ integration }) => !done.has(integration)));
    };
    queue.waiting = waitingInQueue;
    await tick();
    world.meanwhile();
    expect(waiting.map(({ integration }) => integration)).toEqual(['bad-0']);
  });

  test('what fails again and again goes last', async () => {
    const { tick, queue, waiting, world, clock } = heartbeat([...crowd('bad', 300, -9), ...crowd('good', 50)]);
    world.meanwhile = () => {
      const done = new Set(queue.taken.map(({ integration }) => integration).filter((name) => name.startsWith('good')));
      waiting.splice(0, waiting.length, ...waiting.filter(({ integration }) => !done.has(integration)));
    };
    const begun = clock.now();
    for (let minute = 1; minute <= 3; minute += 1) {
      await tick();
      clock.advance(begun + minute * 60_000 - clock.now());
    }
    expect(waiting.filter(({ integration }) => integration.startsWith('good'))).toEqual([]);
  });

  test('goes first when it heals a checkout, however many others of its account were due before', async () => {
    const broken = { integration: 'hot-9000', dueAt: at(0), heals: true as const };
    const { tick, queue } = heartbeat([...crowd('hot', 9_000, -9), ...crowd('calm', 100, -9), broken]);
    await tick();
    expect(queue.taken[0]?.integration).toBe('hot-9000');
  });

  test('gets on also while any number of checkouts cannot be healed', async () => {
    const broken = crowd('broken', 2_000, -9).map((due) => ({ ...due, heals: true as const }));
    const { tick, queue, world, waiting } = heartbeat([...broken, ...crowd('calm', 100)]);
    const { meanwhile } = world;
    world.meanwhile = () => {
      meanwhile();
      // Each has failed, and is due again.
      waiting.splice(0, waiting.length, ...waiting.filter(({ heals }) => !heals), ...broken);
      for (const [n, due] of broken.entries())
        broken[n] = { ...due, dueAt: new Date(Date.parse(due.dueAt) + 1).toISOString() };
    };
    await tick();
    expect(accountsOf(queue).filter((account) => account === 'calm')).toHaveLength(100);
    expect(accountsOf(queue)).toContain('broken');
  });

  test('gets on also while they fail one by one, so that no two of both have room', async () => {
    const broken = crowd('broken', 2_000, -9).map((due) => ({ ...due, heals: true as const }));
    const { tick, queue, world, waiting, clock } = heartbeat([...broken, ...crowd('calm', 100)]);
    let takenUp = 0;
    world.meanwhile = () => {
      const one = queue.taken[takenUp];
      takenUp += 1;
      const at = waiting.findIndex(({ integration }) => integration === one?.integration);
      const [due] = waiting.splice(at, 1);
      if (due?.heals) waiting.push({ ...due, dueAt: new Date(clock.now() - 1).toISOString() });
    };
    queue.waiting = async () => queue.taken.length - takenUp;
    const begun = clock.now();
    for (let minute = 1; minute <= 10; minute += 1) {
      await tick();
      clock.advance(begun + minute * 60_000 - clock.now());
    }
    const calm = accountsOf(queue).filter((account) => account === 'calm').length;
    expect(calm).toBeGreaterThan(queue.taken.length / 3);
    expect(calm).toBeLessThan((queue.taken.length * 2) / 3);
  });

  test('goes to accounts in turn, ten at a time, however much one of them has', async () => {
    const { tick, queue } = heartbeat([...crowd('hot', 9_000, -9), ...crowd('calm', 15), ...crowd('other', 4)]);
    await tick();
    const order = accountsOf(queue);
    // The hot account's first ten, then ten of each other, then it is its turn again.
    expect(order.slice(0, 60).filter((account) => account === 'calm')).toHaveLength(15);
    expect(order.slice(0, 40).filter((account) => account === 'other')).toHaveLength(4);
  });

  test('an account that comes later waits for no other to be through, and takes no more than its turn', async () => {
    const { tick, queue, waiting, clock } = heartbeat(crowd('hot', 2_000, -9));
    await tick();
    const before = queue.taken.length;
    waiting.push(...crowd('late', 500, 0));
    clock.advance(6_000);
    await tick();
    const order = accountsOf(queue).slice(before, before + 100);
    expect(order.slice(0, 20)).toContain('late');
    expect(order.filter((account) => account === 'late').length).toBeLessThanOrEqual(60);
  });

  test('within an account, goes in the order in which it fell due', async () => {
    const due = Array.from({ length: 200 }, (_, n) => ({ integration: `pay-${n}`, dueAt: at(n - 400) }));
    const { tick, queue } = heartbeat(due.toReversed());
    await tick();
    expect(queue.taken.map(({ integration }) => integration)).toEqual(due.map(({ integration }) => integration));
  });

  test('within an account, keeps that order also while it is not known yet whose all of them are', async () => {
    const due = Array.from({ length: 9_000 }, (_, n) => ({
      integration: `${n % 3 === 0 ? 'pay' : 'shop'}-${n}`,
      dueAt: new Date(Date.parse(at(-9)) + n).toISOString(),
    }));
    const { tick, queue } = heartbeat([...due]);
    await tick();
    for (const account of ['pay', 'shop']) {
      const of = (all: readonly { integration: string }[]) =>
        all.map(({ integration }) => integration).filter((name) => name.startsWith(account));
      const order = of(queue.taken);
      expect(order).toEqual(of(due).slice(0, order.length));
    }
  });

  test('goes also when nobody knows whose it is', async () => {
    const { tick, queue, accounts } = heartbeat([...crowd('gone', 30, -9), ...crowd('pay', 100)]);
    accounts.unknown = /^gone/;
    await tick();
    expect(queue.taken.filter(({ integration }) => integration.startsWith('gone'))).toHaveLength(30);
  });

  test('goes through account by account: whoever has begun a row is not passed by those who are longer overdue', async () => {
    // Each account's first is due before any account's second, and so on.
    const due = Array.from({ length: 400 }, (_, n) => ({
      integration: `shop${n % 40}-${Math.floor(n / 40)}`,
      dueAt: new Date(Date.parse(at(-9)) + Math.floor(n / 40) * 1_000 + (n % 40)).toISOString(),
    }));
    const { tick, queue } = heartbeat(due);
    await tick();
    const order = accountsOf(queue);
    const firstTen = order.indexOf('shop0');
    expect(order.lastIndexOf('shop0') - firstTen).toBeLessThan(5 * 10 + MOST_AT_ONCE);
    // Five side by side, so that runs at the same time are of different accounts.
    expect(new Set(order.slice(0, 5)).size).toBe(5);
    expect(new Set(order.slice(0, 50)).size).toBeLessThanOrEqual(2 * 5);
  });

  test('says of which accounts so many wait that one list serves them all', async () => {
    const { tick, queue } = heartbeat([...crowd('many', 50), ...crowd('few', 1)]);
    await tick();
    const crowded = new Set(queue.taken.filter((request) => request.crowded).map(({ integration }) => integration));
    expect(crowded.has('many-0')).toBe(true);
    expect([...crowded].filter((name) => name.startsWith('few'))).toEqual([]);
  });

  test('learns whose it is only when not all can go, and only once', async () => {
    const { tick, accountsAsked, waiting, clock } = heartbeat(crowd('pay', MOST_AT_ONCE));
    await tick();
    expect(accountsAsked).toEqual([]);
    waiting.push(...crowd('shop', 100));
    clock.advance(60_000);
    await tick();
    expect(new Set(accountsAsked).size).toBe(accountsAsked.length);
  });
});
