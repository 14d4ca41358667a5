/** When somebody is told, by the rules of CloudWatch, of a silence; and that a new installation rings no alarm. */
import { ALARMS, AUDIT_STALE_SECONDS, METRICS } from '../../lambdas/contract.ts';
import { type State, statesOf, type Written } from './alarm-states.ts';
import type { Json } from './resolved-template.ts';
import { ofType, synthesize } from './synth.ts';

const alarms = ofType(synthesize().resources, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
const alarmNamed = (name: string): Json => alarms.find(({ AlarmName }) => AlarmName === name);

/** Lambda's own metrics. */
const [RUNS, FAILED] = ['Invocations', 'Errors'] as const;

/** The heartbeat runs every minute from `from` on, and stops at `until`. */
const heartbeat = (from: number, until = Number.POSITIVE_INFINITY, fails = false): Written => {
  const running = (minute: number) => minute >= from && minute < until;
  return {
    [RUNS]: (minute) => (running(minute) ? [1] : []),
    [FAILED]: (minute) => (running(minute) ? [fails ? 1 : 0] : []),
    [METRICS.overdueSeconds]: (minute) => (running(minute) && !fails ? [0] : []),
  };
};

/** The minute at which somebody is told: a change of state with an action. */
function toldAt(alarm: Json, states: readonly State[], since: number): number | undefined {
  const actions: Record<State, unknown[]> = {
    ALARM: alarm.AlarmActions ?? [],
    INSUFFICIENT_DATA: alarm.InsufficientDataActions ?? [],
    OK: alarm.OKActions ?? [],
  };
  const minute = states.findIndex(
    (state, index) => index >= since && state !== states[index - 1] && actions[state].length > 0,
  );
  return minute < 0 ? undefined : minute;
}

describe('a silent heartbeat', () => {
  const alarm = alarmNamed(ALARMS.heartbeatSilent);

  test.each([60, 61, 62, 63, 64])(
    'that stops after minute %i is told of within a quarter of an hour and a period',
    (stop) => {
      const told = toldAt(alarm, statesOf(alarm, heartbeat(-600, stop), 120), stop);
      expect(told).toBeGreaterThan(stop);
      expect(told).toBeLessThanOrEqual(stop + 20);
    },
  );

  test('is told of as well when it runs and fails', () => {
    const written = heartbeat(-600);
    const failing = { ...written, [FAILED]: (minute: number) => [minute >= 60 ? 1 : 0] };
    expect(toldAt(alarm, statesOf(alarm, failing, 120), 60)).toBeLessThanOrEqual(80);
  });

  test('was not told of in time by an alarm on the bare metric, which reconciles back until it finds data', () => {
    const { Metrics: _, ...rest } = alarm;
    const bare = {
      ...rest,
      ...{
        MetricName: METRICS.overdueSeconds,
        Statistic: 'Maximum',
        Period: 900,
        EvaluationPeriods: 5,
        DatapointsToAlarm: 1,
      },
      ...{ Threshold: 7_200, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'breaching' },
    };
    const told = toldAt(bare, statesOf(bare, heartbeat(-600, 60), 300), 60);
    expect(told).toBeGreaterThan(60 + 20);
  });
});

describe('a new installation', () => {
  /** The first run after two minutes; the backfill's, five minutes after that. */
  const written: Written = {
    ...heartbeat(2),
    [METRICS.auditAgeSeconds]: (minute) => (minute === 7 || (minute > 7 && minute % 60 === 7) ? [600] : []),
  };

  test.each(alarms)('does not ring $AlarmName', (alarm) => {
    const states = statesOf(alarm, written, 24 * 60);
    expect(toldAt(alarm, states, 1)).toBeUndefined();
    expect(states).not.toContain('ALARM');
  });

  test('would ring where missing data counts as bad', () => {
    const breaching = { ...alarmNamed(ALARMS.heartbeatSilent), TreatMissingData: 'breaching' };
    expect(statesOf(breaching, written, 60)).toContain('ALARM');
  });
});

describe('webhooks that a stranger sends, unsigned or forged', () => {
  const refused = (hours: readonly number[]): Written => ({
    ...heartbeat(-600),
    [METRICS.auditAgeSeconds]: (minute) => (minute % 60 === 7 ? [600] : []),
    [METRICS.webhookRefused]: (minute) => (hours.includes(minute / 60) ? [1, 1, 1] : []),
  });

  test.each(alarms)('do not ring $AlarmName by three requests, nor by three more in the next hour', (alarm) => {
    for (const hours of [[10], [10, 11]]) {
      const states = statesOf(alarm, refused(hours), 24 * 60);
      expect(toldAt(alarm, states, 10 * 60)).toBeUndefined();
    }
  });

  test('are told of when they go on for hours: then it may be our own secret that is wrong', () => {
    const alarm = alarmNamed(ALARMS.signatureFailures);
    expect(toldAt(alarm, statesOf(alarm, refused([10, 11, 12]), 24 * 60), 10 * 60)).toBeDefined();
  });
});

test('a trail that is not compared any more is told of', () => {
  const alarm = alarmNamed(ALARMS.auditStale);
  const stopped: Written = { [METRICS.auditAgeSeconds]: (minute) => (minute < 600 && minute % 60 === 7 ? [600] : []) };
  expect(toldAt(alarm, statesOf(alarm, stopped, 24 * 60), 600)).toBeLessThanOrEqual(600 + 8 * 60);
  const old: Written = { [METRICS.auditAgeSeconds]: (minute) => (minute % 60 === 7 ? [AUDIT_STALE_SECONDS] : []) };
  expect(statesOf(alarm, old, 240).at(-1)).toBe('ALARM');
});
