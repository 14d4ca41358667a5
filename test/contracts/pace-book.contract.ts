import type { PaceBook } from '../../lambdas/paddle/pace.ts';

const NOW = Date.parse('2026-11-22T06:00:00.000Z');
const wanted = { now: NOW, calls: 1, everyMs: 250, mostWaitMs: 5_000 };

/** What every book of turns must do. `make` gives a new one, of an address of its own. */
export function paceBookContract(make: () => PaceBook | Promise<PaceBook>): void {
  test('turns are one after the other, as far apart as they should be', async () => {
    const book = await make();
    expect(await book.book(wanted)).toEqual({ at: NOW });
    expect(await book.book(wanted)).toEqual({ at: NOW + 250 });
    expect(await book.book({ ...wanted, now: NOW + 100 })).toEqual({ at: NOW + 500 });
  });

  test('a turn that nobody took may be taken for a second, and no longer', async () => {
    const book = await make();
    await book.book(wanted);
    expect(await book.book({ ...wanted, now: NOW + 1_249 })).toEqual({ at: NOW + 1_249 });
    // The next turn was due since 500 ms after the start.
    expect(await book.book({ ...wanted, now: NOW + 1_249 })).toEqual({ at: NOW + 1_249 });
    expect(await book.book({ ...wanted, now: NOW + 60_000 })).toEqual({ at: NOW + 60_000 });
    expect(await book.book({ ...wanted, now: NOW + 60_000 })).toEqual({ at: NOW + 60_250 });
  });

  test('calls that went out before are booked along', async () => {
    const book = await make();
    await book.book({ ...wanted, calls: 4 });
    expect(await book.book(wanted)).toEqual({ at: NOW + 1_000 });
  });

  test('who would wait too long books nothing, and is told when the turn would be', async () => {
    const book = await make();
    await book.book({ ...wanted, calls: 4 });
    expect(await book.book({ ...wanted, mostWaitMs: 999 })).toEqual({ retryAt: NOW + 1_000, why: 'busy' });
    expect(await book.book({ ...wanted, mostWaitMs: 1_000 })).toEqual({ at: NOW + 1_000 });
  });

  test('nothing is booked during a lock-out, until its very end', async () => {
    const book = await make();
    expect((await book.read()).blockedUntil > NOW).toBe(false);
    await book.block(NOW + 60_000);
    expect((await book.read()).blockedUntil).toBe(NOW + 60_000);
    expect(await book.book({ ...wanted, now: NOW + 59_999 })).toEqual({ retryAt: NOW + 60_000, why: 'locked out' });
    expect(await book.book({ ...wanted, now: NOW + 60_000 })).toEqual({ at: NOW + 60_000 });
  });

  test('a lock-out in the middle of the turns stops them too', async () => {
    const book = await make();
    await book.book(wanted);
    await book.block(NOW + 30_000);
    expect(await book.book(wanted)).toEqual({ retryAt: NOW + 30_000, why: 'locked out' });
  });

  test('a longer lock-out is never shortened, one that is over is replaced', async () => {
    const book = await make();
    await book.block(NOW + 60_000);
    await book.block(NOW + 1_000);
    expect((await book.read()).blockedUntil).toBe(NOW + 60_000);
    await book.block(NOW + 90_000);
    expect((await book.read()).blockedUntil).toBe(NOW + 90_000);
  });

  test('says when the next turn is free', async () => {
    const book = await make();
    expect((await book.read()).next > NOW).toBe(false);
    await book.book(wanted);
    expect((await book.read()).next).toBe(NOW + 250);
  });

  test('what is noted further ahead than anybody may note binds nobody, and is noted over', async () => {
    const book = await make();
    const HOUR = 3_600_000;
    await book.book({ ...wanted, now: NOW + HOUR });
    expect(await book.book(wanted)).toEqual({ at: NOW });
    expect(await book.book(wanted)).toEqual({ at: NOW + 250 });
    await book.block(NOW + HOUR);
    expect(await book.book(wanted)).toEqual({ at: NOW + 500 });
    await book.block(NOW + 60_000);
    expect(await book.book(wanted)).toEqual({ retryAt: NOW + 60_000, why: 'locked out' });
  });

  test('of many at once each has a turn of its own, or is told that others go first', async () => {
    const book = await make();
    const turns = await Promise.all(Array.from({ length: 12 }, () => book.book({ ...wanted, mostWaitMs: 60_000 })));
    const given = turns.flatMap((turn) => ('at' in turn ? [turn.at] : []));
    expect(new Set(given).size).toBe(given.length);
    expect(given.length).toBeGreaterThanOrEqual(9);
  });
}
