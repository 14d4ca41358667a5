import { createIds } from '../../lambdas/runtime/clock.ts';

test('ids are ULIDs that sort in the order in which they were made, even within a millisecond', () => {
  const ids = createIds();
  const made = Array.from({ length: 500 }, () => ids.next());
  expect(made).toEqual(made.toSorted());
  expect(new Set(made).size).toBe(500);
  for (const id of made) expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
});
