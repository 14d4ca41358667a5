/**
 * How CloudWatch judges an alarm, as its documentation says: it fetches more periods than it evaluates, prefers the latest real data among
 * them, and only then fills in what is missing. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
import type { Json } from './resolved-template.ts';

export type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
/** Metric name -> minute -> values written in it. */
export type Written = Readonly<Record<string, (minute: number) => readonly number[]>>;

/** So many periods more than it evaluates; AWS does not say how many. */
const EXTRA_PERIODS = 2;
const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
};
const STATISTICS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((a, b) => a + b, 0),
  Maximum: (values) => Math.max(...values),
  Average: (values) => values.reduce((a, b) => a + b, 0) / values.length,
};

/** The state after each of the minutes 0…`minutes`, from the alarm's creation at minute 0. */
export function statesOf(alarm: Json, written: Written, minutes: number): State[] {
  let state: State = 'INSUFFICIENT_DATA';
  const { Period } = alarm.Metrics?.find(({ MetricStat }: Json) => MetricStat).MetricStat ?? alarm;
  return Array.from({ length: minutes + 1 }, (_, now) => {
    // Whole periods are looked at: in between, nothing is new.
    if (now % (Period / 60) === 0) state = judged(alarm, seriesOf(alarm, written, now), state);
    return state;
  });
}

/** The latest whole periods, oldest first; `undefined` where there is no data. */
function seriesOf(alarm: Json, written: Written, now: number): (number | undefined)[] {
  const periods = alarm.EvaluationPeriods + EXTRA_PERIODS;
  const metric = (name: string, stat: string, seconds: number) => {
    const length = seconds / 60;
    const end = Math.floor(now / length) * length;
    return Array.from({ length: periods }, (_, index) => {
      const start = end - (periods - index) * length;
      const values = Array.from({ length }, (_, offset) => written[name]?.(start + offset) ?? []).flat();
      return values.length > 0 ? STATISTICS[stat]?.(values) : undefined;
    });
  };
  if (alarm.MetricName) return metric(alarm.MetricName, alarm.Statistic, alarm.Period);
  const [, id, filling] =
    /^FILL\((\w+), (\d)\)$/.exec(alarm.Metrics.find(({ Expression }: Json) => Expression).Expression) ?? [];
  if (filling === undefined) throw new RangeError('an expression that is not known here');
  const { Metric, Period, Stat } = alarm.Metrics.find(({ Id }: Json) => Id === id).MetricStat;
  const values = metric(Metric.MetricName, Stat, Period);
  // FILL fills the gaps of a series, and makes none out of nothing.
  return values.every((value) => value === undefined) ? values : values.map((value) => value ?? Number(filling));
}

function judged(alarm: Json, series: readonly (number | undefined)[], before: State): State {
  const { EvaluationPeriods: n, DatapointsToAlarm: m = n, Threshold, TreatMissingData: missing = 'missing' } = alarm;
  const bad = (value: number) => COMPARISONS[alarm.ComparisonOperator]?.(value, Threshold) ?? false;
  const real = series.filter((value) => value !== undefined);
  if (real.length === 0 && missing === 'missing') return 'INSUFFICIENT_DATA';
  if (real.length === 0 && missing === 'ignore') return before;
  const latest = series.slice(-n);
  const judge = (values: readonly boolean[]): State => (values.filter(Boolean).length >= m ? 'ALARM' : 'OK');
  if (real.length >= n) return judge(real.slice(-n).map(bad));
  if (missing === 'ignore') return real.some(bad) && m === 1 ? 'ALARM' : before;
  return judge(latest.map((value) => (value === undefined ? missing === 'breaching' : bad(value))));
}
