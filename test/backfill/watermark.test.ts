import fc from 'fast-check';
import {
  advanced,
  ageOf,
  freshWatermark,
  OVERLAP_MS,
  startOf,
  VISIBILITY_MS,
  type Watermark,
} from '../../lambdas/backfill/watermark.ts';

const T0 = Date.parse('2026-11-22T00:00:00.000Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (ms: number) => new Date(T0 + ms).toISOString();
const event = (n: number, ms: number) => ({ id: `evt_${String(n).padStart(4, '0')}`, occurredAt: at(ms) });

/** A run at an instant: it takes no time. */
function run(mark: Watermark, ms: number, last?: ReturnType<typeof event>, reachedTheEnd = true): Watermark {
  return advanced(mark, { start: startOf(mark, at(ms)), now: at(ms), last, reachedTheEnd });
}
const afterFirst = () => run(freshWatermark('a'), 0, event(1, -1000));

test('the first run reads everything that is kept', () => {
  expect(startOf(freshWatermark('a'), at(0))).toEqual({ after: undefined, startedAt: at(0), gap: false });
});

test('what is before an event is read again until a finished reading began when that event had long been in the list', () => {
  const mark = afterFirst();
  // Old enough by now, but nobody has read what may have been listed before it meanwhile.
  expect(startOf(mark, at(OVERLAP_MS)).after).toBeUndefined();
  expect(startOf(run(mark, OVERLAP_MS - 1), at(2 * OVERLAP_MS)).after).toBeUndefined();
  expect(startOf(run(mark, OVERLAP_MS), at(OVERLAP_MS)).after).toBe('evt_0001');
});

test('runs that were missed settle nothing', () => {
  const mark = run(afterFirst(), HOUR, event(2, HOUR - 1000));
  expect(startOf(mark, at(10 * DAY)).after).toBeUndefined();
  const next = run(mark, 10 * DAY, event(3, 10 * DAY));
  expect(startOf(next, at(10 * DAY)).after).toBe('evt_0002');
});

test('a reading that was cut off settles nothing, however long it takes', () => {
  const cut = run(afterFirst(), 1, event(7, 0), false);
  const done = run(cut, 5 * DAY, event(9, 0));
  // It began a millisecond after the first event was seen.
  expect(startOf(done, at(5 * DAY)).after).toBeUndefined();
});

test('events that a later one has replaced are forgotten', () => {
  let mark = freshWatermark('a');
  for (let hour = 0; hour < 200; hour += 1) mark = run(mark, hour * HOUR, event(hour, hour * HOUR - 1));
  expect(mark.anchors.length).toBeLessThanOrEqual(OVERLAP_MS / HOUR + 1);
  expect(mark.settled).toMatchObject({ id: 'evt_0175' });
});

test('many runs in a short time do not make it grow', () => {
  let mark = freshWatermark('a');
  for (let n = 0; n < 500; n += 1) mark = run(mark, n, event(n, n));
  expect(mark.anchors.length).toBeLessThanOrEqual(48);
  expect(mark.anchors[0]?.id).toBe('evt_0000');
});

test('a quiet hour moves the watermark, and no event', () => {
  const mark = afterFirst();
  const quiet = run(mark, 5 * HOUR);
  expect(quiet.anchors).toEqual(mark.anchors);
  expect(quiet.completeThrough).toBe(at(5 * HOUR - VISIBILITY_MS));
  expect(ageOf(quiet, at(5 * HOUR))).toBe(VISIBILITY_MS / 1000);
});

test('a run that is cut off promises nothing, and the reading promises only what was to be seen when it began', () => {
  const mark = afterFirst();
  const cut = run(mark, HOUR, event(7, HOUR), false);
  expect(cut.completeThrough).toBe(mark.completeThrough);
  expect(startOf(cut, at(2 * HOUR))).toEqual({ after: 'evt_0007', startedAt: at(HOUR), gap: false });
  const cutAgain = run(cut, 20 * HOUR, event(8, 20 * HOUR), false);
  expect(startOf(cutAgain, at(21 * HOUR))).toEqual({ after: 'evt_0008', startedAt: at(HOUR), gap: false });
  const done = run(cutAgain, 22 * HOUR, event(9, 22 * HOUR));
  expect(done.reading).toBeUndefined();
  expect(done.completeThrough).toBe(at(HOUR - VISIBILITY_MS));
});

test('an event that happened while its reading went on has been in the list since the end of it', () => {
  const start = startOf(freshWatermark('a'), at(0));
  const mark = advanced(freshWatermark('a'), { start, now: at(HOUR), last: event(1, HOUR), reachedTheEnd: true });
  expect(startOf(run(mark, OVERLAP_MS), at(OVERLAP_MS)).after).toBeUndefined();
  expect(startOf(run(mark, HOUR + OVERLAP_MS), at(HOUR + OVERLAP_MS)).after).toBe('evt_0001');
});

test('a run that has read nothing changes nothing', () => {
  const mark = run(afterFirst(), HOUR, event(7, HOUR), false);
  expect(run(mark, 2 * HOUR, undefined, false)).toBe(mark);
});

test('a reading goes on although older events are too old to begin behind', () => {
  // A quiet quarter, and then more events than a run reads.
  const busy = run(run(afterFirst(), 86 * DAY), 86 * DAY, event(7, 86 * DAY), false);
  expect(startOf(busy, at(86 * DAY + HOUR)).after).toBe('evt_0007');
});

test('a reading that was left alone for a quarter begins again', () => {
  const cut = run(afterFirst(), HOUR, event(7, HOUR), false);
  expect(startOf(cut, at(100 * DAY))).toEqual({ after: undefined, startedAt: at(100 * DAY), gap: true });
});

test('after longer than Paddle keeps events, the trail has a gap, and says since when it is whole', () => {
  const mark = afterFirst();
  const now = 100 * DAY;
  expect(startOf(mark, at(now))).toMatchObject({ after: undefined, gap: true });
  expect(run(mark, now).completeSince).toBe(at(15 * DAY));
  const cut = run(mark, now, event(2, now), false);
  expect(run(cut, now + HOUR, event(3, now)).completeSince).toBe(at(15 * DAY));
});

test('a trail of which nothing is known yet is as old as the attempts to know', () => {
  expect(ageOf(freshWatermark('a'), at(0))).toBe(0);
  // Tried, and failed ever since.
  expect(ageOf({ ...freshWatermark('a'), version: 1, begunAt: at(0) }, at(7 * HOUR))).toBe(7 * 3_600);
  // Of an installation that did not write down when it began.
  expect(ageOf({ ...freshWatermark('a'), version: 1 }, at(0))).toBe(85 * 86_400);
});

test('whichever runs are missed or cut off, no event that is listed within the overlap is skipped, and no promise is broken', () => {
  const events = fc.array(fc.record({ gap: fc.nat(6 * HOUR), lag: fc.nat(OVERLAP_MS - 1) }), { maxLength: 30 });
  const runs = fc.array(
    fc.record({ gap: fc.integer({ min: 1, max: 30 * HOUR }), most: fc.integer({ min: 1, max: 6 }) }),
    {
      minLength: 1,
      maxLength: 25,
    },
  );
  fc.assert(
    fc.property(events, runs, fc.boolean(), (happened, made, prompt) => {
      let clock = 0;
      const all = happened.map(({ gap, lag }, n) => {
        clock += gap;
        return { ...event(n, clock), listed: clock + (prompt ? lag % VISIBILITY_MS : lag), ms: clock };
      });
      const read = new Set<string>();
      let mark = freshWatermark('a');
      const once = (now: number, most: number) => {
        const start = startOf(mark, at(now));
        const visible = all.filter(({ id, ms, listed }) => ms <= now && listed <= now && id > (start.after ?? ''));
        const page = visible.slice(0, most);
        for (const { id } of page) read.add(id);
        const last = page.at(-1);
        mark = advanced(mark, {
          ...{ start, now: at(now), reachedTheEnd: visible.length <= most },
          last: last && { id: last.id, occurredAt: last.occurredAt },
        });
        if (!prompt) return;
        const promised = all.filter(({ occurredAt }) => occurredAt <= (mark.completeThrough ?? ''));
        expect(promised.filter(({ id }) => !read.has(id))).toEqual([]);
      };
      let now = 0;
      for (const { gap, most } of made) {
        now += gap;
        once(now, most);
      }
      // Long after the last event, with nothing in the way: a reading under way ends, and then a whole one is made.
      now = Math.max(now, clock) + OVERLAP_MS;
      once(now, 1_000);
      once(now, 1_000);
      expect(all.filter(({ id }) => !read.has(id))).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});
