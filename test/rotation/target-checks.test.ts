/** The daily reading of targets is spread over the day, whenever they were published. */
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { checkEvery, lastCheckFor } from '../../lambdas/rotation/target-checks.ts';
import { START } from '../builders/integration.ts';

const names = Array.from({ length: 10_000 }, (_, index) => `shop-${index}`);

test('each integration is read once a day, and never less often', () => {
  for (const name of names) {
    expect(checkEvery(name)).toBeLessThanOrEqual(DAY);
    expect(checkEvery(name)).toBeGreaterThan(18 * HOUR);
  }
});

test('the distance is the same in every run', () => {
  expect(checkEvery('pricing-page')).toBe(69_866_389);
  expect(checkEvery('checkout')).not.toBe(checkEvery('pricing-page'));
});

test('ten thousand that were published in one minute are not read in one minute, and after days evenly', () => {
  /** The most checks in any minute of a day, counted from 1. */
  const busiest = (day: number): number => {
    const perMinute = new Map<number, number>();
    for (const [index, name] of names.entries()) {
      const [first, every] = [index * 6, checkEvery(name)];
      for (let at = first + every; at < day * DAY; at += every) {
        const minute = Math.floor(at / MINUTE);
        if (at >= (day - 1) * DAY) perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
      }
    }
    return Math.max(...perMinute.values());
  };
  // SSM answers 2,400 reads a minute to the whole account; an integration may have 20 targets.
  expect(busiest(1)).toBeLessThan(60);
  expect(busiest(7)).toBeLessThan(30);
});

test('a check that failed comes again when it should, whatever the distance', () => {
  for (const name of names.slice(0, 50))
    expect(later(lastCheckFor(name, START, HOUR), checkEvery(name))).toBe(later(START, HOUR));
});
