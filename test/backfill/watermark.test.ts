import {
  advanced,
  ageOf,
  freshWatermark,
  OVERLAP_MS,
  startOf,
  VISIBILITY_MS,
} from '../../lambdas/backfill/watermark.ts';

const T0 = Date.parse('2026-11-22T00:00:00.000Z');
const HOUR = 3_600_000;
const at = (ms: number) => new Date(T0 + ms).toISOString();
const event = (n: number, ms: number) => ({ id: `evt_${String(n).padStart(4, '0')}`, occurredAt: at(ms) });
const whole = { reachedTheEnd: true, gap: false };

test('the first run reads everything that is kept', () => {
  expect(startOf(freshWatermark('a'), at(0))).toEqual({ after: undefined, gap: false });
});

test('what follows an event is read again until that event has been in the list for the overlap', () => {
  const mark = advanced(freshWatermark('a'), { startedAt: at(0), last: event(1, -1000), ...whole });
  expect(startOf(mark, at(OVERLAP_MS - 1)).after).toBeUndefined();
  expect(startOf(mark, at(OVERLAP_MS)).after).toBe('evt_0001');
  const later = advanced(mark, { startedAt: at(HOUR), last: event(2, HOUR - 1000), ...whole });
  expect(startOf(later, at(OVERLAP_MS)).after).toBe('evt_0001');
  expect(startOf(later, at(HOUR + OVERLAP_MS)).after).toBe('evt_0002');
});

test('anchors that a newer one has replaced are forgotten', () => {
  let mark = freshWatermark('a');
  for (let hour = 0; hour < 100; hour += 1)
    mark = advanced(mark, { startedAt: at(hour * HOUR), last: event(hour, hour * HOUR - 1), ...whole });
  expect(mark.anchors.length).toBeLessThanOrEqual(4);
});

test('a quiet hour moves the watermark, and no anchor', () => {
  const mark = advanced(freshWatermark('a'), { startedAt: at(0), last: event(1, -1000), ...whole });
  const quiet = advanced(mark, { startedAt: at(5 * HOUR), ...whole });
  expect(quiet.anchors).toEqual(mark.anchors);
  expect(quiet.completeThrough).toBe(at(5 * HOUR - VISIBILITY_MS));
  expect(ageOf(quiet, at(5 * HOUR))).toBe(VISIBILITY_MS / 1000);
});

test('a run that is cut off promises nothing, and the next goes on from its end', () => {
  const mark = advanced(freshWatermark('a'), { startedAt: at(0), last: event(1, -1000), ...whole });
  const cut = advanced(mark, { startedAt: at(HOUR), last: event(7, HOUR), reachedTheEnd: false, gap: false });
  expect(cut.completeThrough).toBe(mark.completeThrough);
  expect(startOf(cut, at(2 * HOUR)).after).toBe('evt_0007');
  const done = advanced(cut, { startedAt: at(2 * HOUR), last: event(9, HOUR), ...whole });
  expect(done.resumeAfter).toBeUndefined();
  expect(startOf(done, at(2 * HOUR)).after).toBe('evt_0001');
});

test('after longer than Paddle keeps events, the trail has a gap, and says since when it is whole', () => {
  const mark = advanced(freshWatermark('a'), { startedAt: at(0), last: event(1, -1000), ...whole });
  const now = at(100 * 24 * HOUR);
  expect(startOf(mark, now)).toEqual({ after: undefined, gap: true });
  const next = advanced(mark, { startedAt: now, reachedTheEnd: true, gap: true });
  expect(next.completeSince).toBe(at(15 * 24 * HOUR));
});

test('a trail of which nothing is known is as old as the retention', () => {
  expect(ageOf(freshWatermark('a'), at(0))).toBe(85 * 86_400);
});
