import { formatDuration, parseDuration } from '../../lambdas/configuration/duration.ts';

test.each([
  ['90 seconds', 90_000],
  ['1 minute', 60_000],
  ['48 hours', 172_800_000],
  ['30 days', 2_592_000_000],
  ['2 weeks', 1_209_600_000],
  ['3days', 259_200_000],
  [' 5 minutes ', 300_000],
])('%s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  '',
  '48',
  '-1 hours',
  '1.5 days',
  '1e3 days',
  '2 months',
  '1 year',
  'a day',
  '1 day 2 hours',
  '48h',
  '9999999999 days',
])('"%s" is not a length of time', (text) => {
  expect(() => parseDuration(text)).toThrow('is not a length of time; write for instance "90 seconds"');
});

test.each([
  [3_600_000, '1 hour'],
  [5_400_000, '90 minutes'],
  [31_536_000_000, '365 days'],
  [1, '1 ms'],
])('%d ms reads as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
