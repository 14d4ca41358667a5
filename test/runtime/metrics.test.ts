import { METRICS } from '../../lambdas/contract.ts';
import { createMetrics } from '../../lambdas/runtime/metrics.ts';
import { capturedOutput } from './captured-output.ts';

const written = async (run: () => void) => (await capturedOutput(run)).map((line) => JSON.parse(line));

describe('the metrics', () => {
  test('writes metrics without any dimension, so that an alarm on the bare name sees them', async () => {
    const metrics = createMetrics();
    const [line, ...more] = await written(() => {
      metrics.count(METRICS.holdOverdue);
      metrics.seconds(METRICS.overdueSeconds, 61.5);
      metrics.flush();
    });
    expect(more).toEqual([]);
    expect(line).toMatchObject({ HoldOverdue: 1, OverdueSeconds: 61.5 });
    const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
    expect({ Namespace, Dimensions }).toEqual({ Namespace: 'Paddlewheel', Dimensions: [[]] });
    expect(Metrics).toEqual([
      { Name: 'HoldOverdue', Unit: 'Count' },
      { Name: 'OverdueSeconds', Unit: 'Seconds' },
    ]);
  });

  test('writes nothing when nothing was counted, and nothing twice', async () => {
    const metrics = createMetrics();
    metrics.count(METRICS.holdOverdue);
    expect(await written(() => metrics.flush())).toHaveLength(1);
    expect(await written(() => metrics.flush())).toEqual([]);
  });

  test('loses none of more values than one line takes', async () => {
    const metrics = createMetrics();
    const lines = await written(() => {
      for (let at = 0; at < 250; at += 1) metrics.seconds(METRICS.overdueSeconds, at);
      metrics.count(METRICS.holdOverdue);
      metrics.flush();
    });
    expect(lines.flatMap(({ OverdueSeconds }) => OverdueSeconds)).toEqual(Array.from({ length: 250 }, (_, at) => at));
    for (const { _aws } of lines) expect(_aws.CloudWatchMetrics[0].Dimensions).toEqual([[]]);
  });
});
