import fc from 'fast-check';
import { anchorAfter, nextRotationAt, nextSlot } from '../../lambdas/domain/schedule.ts';
import { DAY, HOUR, later, millis } from '../../lambdas/domain/time.ts';
import { freshState } from '../../lambdas/rotation/snapshot.ts';
import { anIntegration } from '../builders/integration.ts';

/** Wall-clock reading by the platform's own zone data, independent of the cron library. */
function wallClock(at: string, timezone: string) {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(new Date(at));
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? '';
  return { date: `${part('year')}-${part('month')}-${part('day')}`, time: `${part('hour')}:${part('minute')}` };
}

const slots = (schedule: { cron: string; timezone: string }, after: string, count: number): string[] => {
  const found: string[] = [];
  for (let at = after; found.length < count; ) {
    at = nextSlot(schedule, at);
    found.push(at);
  }
  return found;
};

describe('slots at the edges of the calendar', () => {
  test.each([
    [
      'monthly at three, London winter',
      '0 3 1 * *',
      'Europe/London',
      '2026-01-15T00:00:00.000Z',
      '2026-02-01T03:00:00.000Z',
    ],
    [
      'monthly at three, London summer',
      '0 3 1 * *',
      'Europe/London',
      '2026-06-15T00:00:00.000Z',
      '2026-07-01T02:00:00.000Z',
    ],
    ['29 February waits for a leap year', '0 12 29 2 *', 'UTC', '2026-03-01T00:00:00.000Z', '2028-02-29T12:00:00.000Z'],
    ['the 31st skips short months', '0 0 31 * *', 'UTC', '2026-04-01T00:00:00.000Z', '2026-05-31T00:00:00.000Z'],
    [
      'a quarter of an hour off the hour',
      '30 9 * * *',
      'Asia/Kathmandu',
      '2026-04-01T00:00:00.000Z',
      '2026-04-01T03:45:00.000Z',
    ],
    ['the slot itself is past', '0 3 1 * *', 'UTC', '2026-02-01T03:00:00.000Z', '2026-03-01T03:00:00.000Z'],
    [
      'a skipped hour falls at the change',
      '30 1 * * *',
      'Europe/London',
      '2026-03-28T12:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'a repeated hour falls once',
      '30 1 * * *',
      'Europe/London',
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'and not again an hour later',
      '30 1 * * *',
      'Europe/London',
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ],
  ])('%s', (_, cron, timezone, after, expected) => {
    expect(nextSlot({ cron, timezone }, after)).toBe(expected);
  });
});

const zones = Intl.supportedValuesOf('timeZone');
const anyInstant = fc
  .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2037-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

describe('properties over all zones', () => {
  test('a slot is always later than the instant it is asked for', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.nat(59), fc.nat(23), anyInstant, (timezone, minute, hour, after) => {
        expect(nextSlot({ cron: `${minute} ${hour} * * *`, timezone }, after) > after).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('a daily schedule falls on every local day exactly once, whatever the clocks do', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.nat(59), fc.nat(23), anyInstant, (timezone, minute, hour, after) => {
        const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
        const found = slots({ cron: `${minute} ${hour} * * *`, timezone }, after, 40);
        const days = found.map((at) => wallClock(at, timezone));
        expect(new Set(days.map((day) => day.date)).size).toBe(days.length);
        // Only a day whose wall clock skips the time may show another one, later by no more than the skip.
        const odd = days.filter((day) => day.time !== time);
        expect(odd.length).toBeLessThanOrEqual(2);
        for (let i = 1; i < found.length; i += 1) {
          const gap = millis(found[i] ?? '') - millis(found[i - 1] ?? '');
          expect(gap).toBeGreaterThanOrEqual(20 * HOUR);
          expect(gap).toBeLessThanOrEqual(52 * HOUR);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('an interval is the same length across every clock change', () => {
    fc.assert(
      fc.property(fc.integer({ min: HOUR, max: 400 * DAY }), anyInstant, (every, after) => {
        expect(millis(nextSlot({ every }, after)) - millis(after)).toBe(every);
      }),
    );
  });
});

describe('what is due', () => {
  const config = anIntegration({ schedule: { every: 30 * DAY }, scheduleSince: '2026-03-01T00:00:00.000Z' });

  test('many missed slots are one rotation', () => {
    const daily = anIntegration({ schedule: { cron: '0 3 * * *', timezone: 'UTC' } });
    const state = { ...freshState('pricing-page'), scheduleAnchor: '2026-03-01T03:00:00.000Z' };
    expect(nextRotationAt(daily, state)).toBe('2026-03-02T03:00:00.000Z');
    const caughtUp = { ...state, scheduleAnchor: '2026-03-20T10:00:00.000Z' };
    expect(nextRotationAt(daily, caughtUp)).toBe('2026-03-21T03:00:00.000Z');
  });

  test('a shorter schedule counts from the deploy that brought it, so a deploy makes nothing due', () => {
    const state = { ...freshState('pricing-page'), scheduleAnchor: '2026-03-01T00:00:00.000Z' };
    const deployed = later('2026-03-01T00:00:00.000Z', 20 * DAY);
    const shorter = { ...config, schedule: { every: DAY }, scheduleSince: deployed };
    expect(nextRotationAt(shorter, state)).toBe(later(deployed, DAY));
  });
});

describe('a spread schedule', () => {
  const monthly = { cron: '0 3 1 * *', timezone: 'UTC', spreadMs: 1_800_000 };
  const named = (name: string, schedule: object) =>
    anIntegration({ name, schedule: schedule as never, scheduleSince: '2026-11-02T00:00:00.000Z' });
  const state = (name: string, scheduleAnchor?: string) => ({ ...freshState(name), scheduleAnchor });
  const names = Array.from({ length: 3_000 }, (_, n) => `shop-${n}`);

  test('comes within its time after the slot, even over it, and for each integration always at the same place', () => {
    const minutes = names.map((name) => {
      const due = nextRotationAt(named(name, monthly), state(name));
      expect(nextRotationAt(named(name, monthly), state(name, '2026-11-20T00:00:00.000Z'))).toBe(due);
      return Math.floor((millis(due) - millis('2026-12-01T03:00:00.000Z')) / 60_000);
    });
    for (let minute = 0; minute < 30; minute += 1)
      expect(minutes.filter((each) => each === minute).length).toBeGreaterThan(60);
    expect(Math.min(...minutes)).toBe(0);
    expect(Math.max(...minutes)).toBe(29);
  });

  test('passes over no slot and repeats none', () => {
    for (const name of names.slice(0, 100)) {
      const first = nextRotationAt(named(name, monthly), state(name));
      const second = nextRotationAt(named(name, monthly), state(name, first));
      expect(millis(second) - millis(first)).toBe(31 * DAY);
    }
  });

  test('leaves a slot alone in which a person has just rotated', () => {
    const anchor = '2026-12-01T03:00:00.001Z';
    expect(nextRotationAt(named('shop', monthly), state('shop', anchor)).slice(0, 10)).toBe('2027-01-01');
  });

  test('of a fixed distance is spread once, and keeps its distance', () => {
    const every = { every: 30 * DAY, spreadMs: 6 * HOUR };
    const now = '2026-11-02T00:01:00.000Z';
    const firsts = names.map((name) => anchorAfter(named(name, every), { isFirst: true }, now));
    expect(new Set(firsts).size).toBeGreaterThan(2_000);
    const [first = ''] = firsts;
    const config = named(names[0] ?? '', every);
    expect(nextRotationAt(config, state(config.name, first))).toBe(later(first, 30 * DAY));
    expect(anchorAfter(config, { isFirst: false }, now)).toBe(now);
  });

  test('without spread every slot is kept to the minute', () => {
    const { spreadMs, ...exact } = monthly;
    expect(nextRotationAt(named('shop', exact), state('shop'))).toBe('2026-12-01T03:00:00.000Z');
  });
});
