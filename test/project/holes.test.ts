/** A hole that no longer fits its file would be counted as one that nobody notices only when somebody runs them all. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { HOLES } from '../mutation/holes.ts';
import { ROOT } from '../runner/paths.ts';

test.each(HOLES.map((hole) => [hole.name, hole] as const))('%s: fits the code', (_, { file, from, to }) => {
  expect(readFileSync(path.join(ROOT, file), 'utf8').split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
});
