import { batchesOf } from '../../lambdas/domain/batches.ts';

test('batches keep the order and hold at most the given number', () => {
  expect(batchesOf(2, [1, 2, 3, 4, 5])).toEqual([[1, 2], [3, 4], [5]]);
  expect(batchesOf(2, [1, 2])).toEqual([[1, 2]]);
  expect(batchesOf(2, [])).toEqual([]);
});
