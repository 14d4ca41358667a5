/** When somebody is told, by the rules of CloudWatch, of a silence; and that a new installation rings no alarm. */
import { ALARMS, AUDIT_STALE_SECONDS, METRICS, OVERDUE_SECONDS } from '../../lambdas/contract.ts';
import { type State, statesOf, type Written } from './alarm-states.ts';
import type { Json } from './resolved-template.ts';
import { ofType, synthesize } from './synth.ts';

const alarms = ofType(synthesize().resources, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
const alarmNamed = (name: string): Json => alarms.find(({ AlarmName }) => AlarmName === name);

/** Lambda's own metric: a 0 or a 1 of every run. */
const FAILED = 'Errors';

/** The heartbeat runs every minute from `from` on, and stops at `until`. */
const heartbeat = (from: number, until = Number.POSITIVE_INFINITY, fails = false): Written => {
  const running = (minute: number) => minute >= from && minute < until;
  return {
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

  test('is told of as well when it fails first, and then does not run at all', () => {
    const dying = { [FAILED]: (minute: number) => (minute < 60 ? [0] : minute < 65 ? [1, 1, 1] : []) };
    expect(toldAt(alarm, statesOf(alarm, dying, 120), 60)).toBeLessThanOrEqual(80);
  });

  test('is none as long as one run in five minutes succeeds, be it a repetition of one that failed', () => {
    const limping = { [FAILED]: (minute: number) => (minute % 5 === 2 ? [1, 1, 0] : [1, 1, 1]) };
    const states = statesOf(alarm, limping, 240);
    expect(states.slice(10).every((state) => state === 'OK')).toBe(true);
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

describe('whatever else has been wrong for a day', () => {
  type Writing = (minute: number) => readonly number[];
  const ever = (minutes: number, value: number, times = 1): Writing => {
    const values = Array.from({ length: times }, () => value);
    return (minute) => (minute % minutes === 0 ? values : []);
  };
  /** A depth is a queue's. */
  const seriesOf = ({ MetricName, Dimensions }: Json): string => MetricName + JSON.stringify(Dimensions ?? '');
  /** How the functions write a failure while it lasts, and within how many minutes somebody is told. */
  const FAILURES: Readonly<Record<string, readonly [within: number, writing: Writing]>> = {
    [ALARMS.revokedTokenServed]: [2, ever(4, 1)],
    [ALARMS.deploymentOverdue]: [61, ever(60, 1)],
    [ALARMS.overdue]: [16, ever(1, OVERDUE_SECONDS)],
    [ALARMS.heartbeatSilent]: [20, () => []],
    [ALARMS.rotationFailure]: [61, ever(30, 1)],
    [ALARMS.holdOverdue]: [61, ever(60, 1)],
    [ALARMS.revocationStuck]: [61, ever(60, 1)],
    [ALARMS.outOfBandChange]: [6, ever(5, 1)],
    [ALARMS.signatureFailures]: [181, ever(60, 1, 3)],
    [ALARMS.apiKeyProblem]: [61, ever(60, 1)],
    [ALARMS.auditStale]: [121, ever(60, AUDIT_STALE_SECONDS)],
    [ALARMS.reconcileDeadLetters]: [6, ever(1, 1)],
    [ALARMS.failures]: [6, ever(1, 1)],
  };
  /** What is written while nothing is wrong. */
  const WELL: Readonly<Record<string, Writing>> = {
    [ALARMS.overdue]: ever(1, 0),
    [ALARMS.heartbeatSilent]: ever(1, 0),
    [ALARMS.auditStale]: ever(60, 600),
  };
  const isMath = ({ Metrics }: Json) => Metrics !== undefined;
  const named = (alarm: Json): Json => (isMath(alarm) ? alarm : { ...alarm, MetricName: seriesOf(alarm) });

  test('every alarm has a failure here', () => {
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(Object.keys(FAILURES).sort());
  });

  test.each(alarms)('$AlarmName rings in its time, and no other failure hides it', (alarm) => {
    const begins = 24 * 60;
    const [within] = FAILURES[alarm.AlarmName] ?? [0];
    const series = new Map<string, Writing[]>();
    for (const each of alarms) {
      const [, wrong] = FAILURES[each.AlarmName] ?? [0, () => []];
      const well = WELL[each.AlarmName] ?? (() => []);
      const isThis = each === alarm;
      const writing: Writing = (minute) => (isThis && minute < begins ? well(minute) : wrong(minute));
      const name = isMath(each) ? FAILED : seriesOf(each);
      series.set(name, [...(series.get(name) ?? []), writing]);
    }
    // Two that share a metric are added up, as CloudWatch does: the one would hide the other.
    const written: Written = Object.fromEntries(
      [...series].map(([name, all]) => [name, (minute: number) => all.flatMap((writing) => writing(minute))]),
    );
    const states = statesOf(named(alarm), written, begins + 4 * 60);
    expect(states[begins - 1]).toBe('OK');
    const told = toldAt(alarm, states, begins) ?? Number.POSITIVE_INFINITY;
    expect(told - begins).toBeLessThanOrEqual(within);
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
    [METRICS.signatureFailure]: (minute) => (hours.includes(minute / 60) ? [1, 1, 1] : []),
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
