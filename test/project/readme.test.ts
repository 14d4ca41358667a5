import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../infra/root.ts';

test('the README is two screens, and no line of it is wider than 100 columns', () => {
  const lines = readFileSync(path.join(ROOT, 'README.md'), 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(120);
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});
