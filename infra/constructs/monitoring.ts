import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRIC_NAMESPACE, METRICS } from '../../lambdas/contract.ts';

export interface MonitoringProps {
  readonly email: readonly string[];
  readonly lookDeadLetters: IQueue;
  readonly failures: IQueue;
}

/** One alarm. Its name is its heading in `docs/runbook.md`. */
interface AlarmSpec {
  readonly name: string;
  /** One sentence for the e-mail. */
  readonly says: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** How many periods are looked at, and how many of them must be bad (all, when absent). */
  readonly periods: number;
  readonly bad?: number;
  /** Why missing data is what it is taken for. */
  readonly missing: TreatMissingData;
}

const ours = (metricName: string, statistic: string, minutes = 5) =>
  new Metric({ namespace: METRIC_NAMESPACE, metricName, statistic, period: Duration.minutes(minutes) });
const depth = (queue: IQueue) =>
  queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: Stats.MAXIMUM });

/** Few alarms, each of which needs a person, whatever the number of integrations. */
const alarms = ({ lookDeadLetters, failures }: MonitoringProps): AlarmSpec[] => [
  {
    name: 'PaddlewheelOverdue',
    says: 'An integration is overdue by more than 15 minutes, or the heartbeat has stopped.',
    metric: ours(METRICS.overdueSeconds, Stats.MAXIMUM),
    threshold: 900,
    periods: 3,
    // The heartbeat writes a zero when nothing is due: silence means that it does not beat.
    missing: TreatMissingData.BREACHING,
  },
  {
    name: 'PaddlewheelRotationTrouble',
    says: 'Rotations have been failing for more than half an hour; Paddlewheel keeps trying, and the current tokens stay valid.',
    // Retries back off up to an hour: two troubled half-hours of four, and not one blip.
    metric: ours(METRICS.rotationTrouble, Stats.SUM, 30),
    threshold: 1,
    periods: 4,
    bad: 2,
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: 'PaddlewheelRevocationStuck',
    says: 'A superseded token could not be revoked for so long that a person must look.',
    metric: ours(METRICS.revocationStuck, Stats.SUM),
    threshold: 1,
    periods: 1,
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: 'PaddlewheelOutOfBandChange',
    says: 'Somebody other than Paddlewheel changed a token that Paddlewheel manages.',
    metric: ours(METRICS.outOfBandChange, Stats.SUM),
    threshold: 1,
    periods: 1,
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: 'PaddlewheelLookDeadLetters',
    says: 'Looks at an integration failed ten times in a row: a defect, or a permission that is missing.',
    metric: depth(lookDeadLetters),
    threshold: 1,
    periods: 1,
    // An idle queue stops reporting.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: 'PaddlewheelFailures',
    says: 'An invocation, a beat or a part of the audit trail’s stream failed for good.',
    metric: depth(failures),
    threshold: 1,
    periods: 1,
    missing: TreatMissingData.NOT_BREACHING,
  },
];

/** The alarms and the topic that they speak to. */
export class Monitoring extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Alarms', { displayName: 'Paddlewheel', enforceSSL: true });
    for (const address of props.email) this.topic.addSubscription(new EmailSubscription(address));
    for (const spec of alarms(props)) this.add(spec);
  }

  private add({ name, says, metric, threshold, periods, bad, missing }: AlarmSpec): void {
    new Alarm(this, name, {
      alarmName: name,
      alarmDescription: `${says} See docs/runbook.md, section ${name}.`,
      metric,
      threshold,
      evaluationPeriods: periods,
      datapointsToAlarm: bad,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing,
    }).addAlarmAction(new SnsAction(this.topic));
  }
}
