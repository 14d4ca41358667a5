/** The oldest Node that package.json and the README name is one that every dependency runs on: `npm ci` warns of nothing. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const read = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../..', name), 'utf8');
const lock = JSON.parse(read('package-lock.json')) as {
  packages: Record<string, { version?: string; engines?: { node?: string }; optional?: boolean }>;
};
const oldest = /^>=(\d+\.\d+)$/.exec(JSON.parse(read('package.json')).engines.node)?.[1] ?? '';

/** `20`, `20.19` or `20.19.3`, and what is missing is 0. */
const numbers = (version: string) => [0, 1, 2].map((at) => Number(version.split('.')[at] ?? 0));
const compare = (a: readonly number[], b: readonly number[]) =>
  (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0);

/** As npm reads ranges, as far as they occur. @throws RangeError for what is not known here */
function accepts(range: string, version: string): boolean {
  const here = numbers(version);
  return range.split('||').some((all) =>
    all
      .replace(/([<>=^~]+)\s+/g, '$1')
      .trim()
      .split(/\s+/)
      .every((one) => {
        if (one === '' || one === '*') return true;
        const [, operator = '', wanted = ''] = /^(>=|<=|>|<|\^|~)?v?([\d.]+?)(?:\.[x*])*$/.exec(one) ?? [];
        if (wanted === '') throw new RangeError(`a range that is not known here: ${range}`);
        const there = numbers(wanted);
        const same = (parts: number) => here.slice(0, parts).every((part, at) => part === there[at]);
        if (operator === '<') return compare(here, there) < 0;
        if (operator === '<=') return compare(here, there) <= 0;
        if (operator === '>') return compare(here, there) > 0;
        if (operator === '') return same(wanted.split('.').length);
        return compare(here, there) >= 0 && (operator === '>=' || same(operator === '^' ? 1 : 2));
      }),
  );
}

test('every dependency runs on the oldest Node that is named', () => {
  expect(oldest).not.toBe('');
  const others = Object.entries(lock.packages)
    // What is optional is left out where it cannot run.
    .filter(([, { optional, engines }]) => !optional && engines?.node && !accepts(engines.node, oldest))
    .map(([name, { version, engines }]) => `${name} ${version} wants Node ${engines?.node}`);
  expect(others).toEqual([]);
});

test('the README names the same', () => {
  expect(read('README.md')).toContain(`Needs Node ${oldest} or newer`);
});

test.each([
  ['>=22', false],
  ['^22.17.0 || >=24.0.0', false],
  ['^20.19.0 || >=22.12.0', true],
  ['18 || 20 || >=22', true],
  ['>= 0.6', true],
  ['>=0.6.11 <=0.7.0 || >=0.7.3', true],
  ['>=0.6.11 <=0.7.0', false],
  ['20.x || 22.x', true],
  ['^18.18.0', false],
])('"%s" accepts 20.19: %s', (range, expected) => {
  expect(accepts(range, '20.19')).toBe(expected);
});
