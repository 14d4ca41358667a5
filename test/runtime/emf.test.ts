import { emfFaults } from './emf.ts';

const metric = (Dimensions: unknown, more: object = {}) =>
  JSON.stringify({
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [{ Namespace: 'Paddlewheel', Dimensions, Metrics: [{ Name: 'HoldOverdue', Unit: 'Count' }] }],
    },
    HoldOverdue: 1,
    ...more,
  });

test.each([
  ['a line that is no metric', '{"level":"INFO"}'],
  ['a metric in the empty set of dimensions', metric([[]])],
  ['a metric in one dimension', metric([['reason']], { reason: 'signature' })],
])('%s is as AWS wants it', (_, line) => {
  expect(emfFaults(line)).toEqual([]);
});

test.each([
  ['no set of dimensions, not even the empty one', metric([])],
  ['a dimension without a value', metric([['reason']])],
  ['a metric whose value is a text', metric([[]], { HoldOverdue: '1' })],
  ['a unit that AWS does not know', metric([[]]).replace('"Count"', '"Pieces"')],
  ['half a line', metric([[]]).slice(0, -1)],
])('%s: CloudWatch would find nothing', (_, line) => {
  expect(emfFaults(line)).not.toEqual([]);
});

test('a test that writes such a line fails', () => {
  expect(() => process.stdout.write(metric([]))).toThrow('CloudWatch finds no metric');
});
