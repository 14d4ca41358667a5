import { createLocalPaceBook, createPace, MOST_WAIT_MS, type PaceBook } from '../../lambdas/paddle/pace.ts';
import type { Precedence, Throttle } from '../../lambdas/paddle/throttle.ts';
import { paceBookContract } from '../contracts/pace-book.contract.ts';
import { NOW } from './setup.ts';

describe('the book of one process', () => paceBookContract(createLocalPaceBook));

/** A book that counts what it is asked, and can fail. */
function watched(book: PaceBook = createLocalPaceBook()) {
  const asked: string[] = [];
  const failures: unknown[] = [];
  const state = { broken: false };
  const counting = <A extends unknown[], R>(name: string, ask: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      asked.push(name);
      if (state.broken) throw new Error('throttled');
      return ask(...args);
    };
  };
  const counted: PaceBook = {
    book: counting('book', (wanted) => book.book(wanted)),
    read: counting('read', () => book.read()),
    block: counting('block', (until) => book.block(until)),
  };
  const process = (addresses?: number) =>
    createPace({ book: counted, addresses, onFailure: (error) => failures.push(error) });
  return { asked, failures, state, book, process };
}

/** Takes so many turns and waits for each, as one worker does. @returns the instants */
async function take(throttle: Throttle, calls: number, from = NOW): Promise<number[]> {
  const times: number[] = [];
  for (let now = from; times.length < calls; ) {
    const turn = await throttle.turn(now);
    if (!('at' in turn)) throw new Error(`refused: ${turn.why}`);
    times.push(turn.at);
    now = turn.at;
  }
  return times;
}

const mostIn = (times: readonly number[], ms: number): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + ms).length));

describe('the pace', () => {
  test('of one process without pause keeps within 240 calls in any minute', async () => {
    const times = await take(watched().process()('schedule'), 1_000);
    expect(mostIn(times, 60_000)).toBeLessThanOrEqual(235);
    expect((times.at(-1) ?? 0) - NOW).toBeLessThan((1_000 / 228) * 60_000);
  });

  test('is shared by all processes, whatever account they call for', async () => {
    const { process } = watched();
    const workers = Array.from({ length: 5 }, () => ({ throttle: process()('schedule'), now: NOW }));
    const times: number[] = [];
    for (let calls = 0; calls < 1_000; calls += 1) {
      const [worker] = workers.sort((a, b) => a.now - b.now);
      if (!worker) break;
      const turn = await worker.throttle.turn(worker.now);
      if (!('at' in turn)) throw new Error('refused');
      times.push(turn.at);
      worker.now = turn.at + 400;
    }
    expect(mostIn(times, 60_000)).toBeLessThanOrEqual(240);
  });

  test('grows with the number of addresses', async () => {
    const times = await take(watched().process(4)('schedule'), 2_000);
    expect(mostIn(times, 60_000)).toBeGreaterThanOrEqual(4 * 228);
    expect(mostIn(times, 60_000)).toBeLessThanOrEqual(4 * 240);
  });

  test('costs a process that calls twice in a minute no write', async () => {
    const { process, asked } = watched();
    const throttle = process()('schedule');
    await take(throttle, 2);
    await take(throttle, 2, NOW + 60_001);
    expect(asked).toEqual(['read', 'read']);
  });

  test('books the calls that went out unbooked with the third', async () => {
    const { process, book } = watched();
    await take(process()('schedule'), 3);
    const turn = await book.book({ now: NOW, calls: 1, everyMs: 1, mostWaitMs: 60_000 });
    expect(turn).toEqual({ at: expect.closeTo(NOW + (3 * 60_000) / 230, 3) });
  });
});

describe('what goes out unbooked', () => {
  test('is owed for a minute, however long a process has called now and then', async () => {
    const { process, book } = watched();
    const throttle = process()('schedule');
    for (let calls = 0; calls < 200; calls += 1) await take(throttle, 1, NOW + calls * 31_000);
    const now = NOW + 200 * 31_000;
    await take(throttle, 2, now);
    const turn = await book.book({ now, calls: 1, everyMs: 1, mostWaitMs: 3_600_000 });
    expect('at' in turn && turn.at - now).toBeLessThan(2_000);
  });

  test('is nothing while others keep the address busy, however many processes begin', async () => {
    const { process } = watched();
    const bulk = process()('schedule');
    const times: number[] = [];
    for (let now = NOW, next = NOW; now < NOW + 60_000; now += 100) {
      if (now >= next) {
        const [at = now] = await take(bulk, 1, now);
        times.push(at);
        next = at;
      }
      if (now % 3_000 === 0) times.push(...(await take(process()('heal'), 2, now)));
    }
    expect(mostIn(times, 60_000)).toBeLessThanOrEqual(240);
  });
});

describe('clocks that disagree', () => {
  const HOUR = 3_600_000;

  test('a worker whose clock is an hour ahead keeps the others waiting for no longer than a turn', async () => {
    const { process } = watched();
    await take(process()('schedule'), 5, NOW + HOUR);
    for (const precedence of ['heal', 'schedule', 'sweep'] as const) {
      const [at = 0] = await take(process()(precedence), 3);
      expect(at - NOW).toBeLessThan(10_000);
    }
  });

  test('a lock-out that such a worker notes lasts no longer than any', async () => {
    const { process } = watched();
    await process()('schedule').block(NOW + HOUR + 60_000);
    expect(await take(process()('heal'), 3)).toHaveLength(3);
    await process()('schedule').block(NOW + 60_000);
    expect(await process()('heal').turn(NOW)).toEqual({ retryAt: NOW + 60_000, why: 'locked out' });
  });

  test('a clock that goes back an hour keeps no process silent', async () => {
    const { process } = watched();
    const pace = process();
    await take(pace('schedule'), 5, NOW + HOUR);
    await pace('schedule').block(NOW + HOUR + 60_000);
    expect(await take(pace('heal'), 3)).toHaveLength(3);
  });
});

describe('precedence', () => {
  /** Somebody else's turns reach so far ahead. */
  async function behind(ms: number) {
    const world = watched();
    const pace = world.process();
    await take(pace('heal'), 2);
    await world.book.book({ now: NOW, calls: 1, everyMs: ms, mostWaitMs: 0 });
    const ask = async (precedence: Precedence) => ('at' in (await pace(precedence).turn(NOW)) ? 'waits' : 'later');
    return { ask };
  }

  test.each([
    [2_000, { heal: 'waits', schedule: 'waits', sweep: 'waits' }],
    [3_000, { heal: 'waits', schedule: 'waits', sweep: 'later' }],
    [6_000, { heal: 'waits', schedule: 'later', sweep: 'later' }],
  ])('with turns taken for %d ms', async (ms, expected) => {
    for (const precedence of ['heal', 'schedule', 'sweep'] as const)
      expect(await (await behind(ms)).ask(precedence)).toBe(expected[precedence]);
  });

  test('nobody waits longer than a lease allows', () => {
    expect(Math.max(...Object.values(MOST_WAIT_MS))).toBeLessThanOrEqual(10_000);
  });
});

describe('a lock-out that one worker hears of', () => {
  test('stops all the others, heals included, until its very end', async () => {
    const { process } = watched();
    await process()('schedule').block(NOW + 60_000);
    for (const precedence of ['heal', 'schedule', 'sweep'] as const) {
      const throttle = process()(precedence);
      expect(await throttle.turn(NOW)).toEqual({ retryAt: NOW + 60_000, why: 'locked out' });
      expect(await throttle.turn(NOW + 60_000)).toEqual({ at: NOW + 60_000 });
    }
  });

  test('is heard of within two seconds by who calls now and then, at once by who books', async () => {
    const { process, book } = watched();
    const quiet = process()('schedule');
    const busy = process()('schedule');
    await take(quiet, 1);
    await take(busy, 3);
    await book.block(NOW + 60_000);
    expect(await busy.turn(NOW + 1_500)).toEqual({ retryAt: NOW + 60_000, why: 'locked out' });
    expect(await quiet.turn(NOW + 2_000)).toEqual({ retryAt: NOW + 60_000, why: 'locked out' });
  });

  test('costs nothing once it is known', async () => {
    const { process, asked } = watched();
    const throttle = process()('schedule');
    await throttle.block(NOW + 60_000);
    await throttle.turn(NOW + 1);
    expect(asked).toEqual(['block']);
  });
});

describe('a book that cannot be used', () => {
  test('lets one call through in five seconds: neither dead nor a storm', async () => {
    const { process, state, failures } = watched();
    state.broken = true;
    const throttle = process()('schedule');
    expect(await throttle.turn(NOW)).toEqual({ at: NOW });
    expect(await throttle.turn(NOW + 1)).toEqual({ retryAt: NOW + 5_000, why: 'busy' });
    expect(await throttle.turn(NOW + 5_000)).toEqual({ at: NOW + 5_000 });
    expect(failures).toHaveLength(3);
  });

  test('never keeps what heals a checkout', async () => {
    const { process, state } = watched();
    state.broken = true;
    const pace = process();
    await pace('schedule').turn(NOW);
    expect(await take(pace('heal'), 5, NOW + 1)).toHaveLength(5);
  });

  test('still heeds the lock-out that this process has seen', async () => {
    const { process, state } = watched();
    const pace = process();
    state.broken = true;
    await expect(pace('schedule').block(NOW + 60_000)).rejects.toThrow('throttled');
    expect(await pace('heal').turn(NOW + 59_999)).toEqual({ retryAt: NOW + 60_000, why: 'locked out' });
  });

  test('is as good as new once it can be used again', async () => {
    const { process, state } = watched();
    const throttle = process()('schedule');
    state.broken = true;
    await throttle.turn(NOW);
    state.broken = false;
    expect(await throttle.turn(NOW + 1)).toEqual({ at: NOW + 1 });
  });
});
