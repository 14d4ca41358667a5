import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  ALARMS,
  AUDIT_STALE_SECONDS,
  METRIC_NAMESPACE,
  METRICS,
  NAMES,
  OVERDUE_SECONDS,
} from '../../lambdas/contract.ts';

export interface MonitoringProps {
  readonly email: readonly string[];
  readonly reconcileDeadLetters: IQueue;
  readonly failures: IQueue;
}

/** One alarm. Its name is its heading in `docs/runbook.md`. */
interface AlarmSpec {
  readonly name: string;
  /** For a tired person: what is wrong, what it means for the shop, what to do first. */
  readonly wrong: string;
  readonly shop: string;
  readonly first: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** How many periods are evaluated; one bad one is enough, unless `bad` says how many. */
  readonly periods: number;
  readonly bad?: number;
  /** With the reason, beside it, why missing data is what it is taken for. */
  readonly missing: TreatMissingData;
}

const ours = (metricName: string, minutes: number, statistic: string = Stats.SUM, dimensionsMap?: { reason: string }) =>
  new Metric({ namespace: METRIC_NAMESPACE, metricName, statistic, period: Duration.minutes(minutes), dimensionsMap });
const depth = (queue: IQueue) =>
  queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: Stats.MAXIMUM });

/**
 * Few alarms, each of which needs a person, whatever the number of integrations: ten, and no more. What lasts is counted
 * once an hour at least, so those alarms look back far enough not to go off and on in between.
 */
const alarms = ({ reconcileDeadLetters, failures }: MonitoringProps): AlarmSpec[] => [
  {
    name: ALARMS.overdue,
    wrong:
      'A rotation or a reconcile at an integration is more than two hours overdue, or the heartbeat has been silent for a quarter of an hour.',
    shop: 'Checkouts work: the current tokens stay valid. They are only not replaced.',
    first: 'See whether the graph has data. None: is the schedule paddlewheel-heartbeat enabled?',
    metric: ours(METRICS.overdueSeconds, 15, Stats.MAXIMUM),
    threshold: OVERDUE_SECONDS,
    periods: 5,
    bad: 1,
    // The heartbeat writes a zero every minute when nothing is due: silence means that it does not run.
    missing: TreatMissingData.BREACHING,
  },
  {
    name: ALARMS.rotationFailure,
    wrong: 'Rotations have been failing for more than half an hour. Paddlewheel keeps trying, at least once an hour.',
    shop: 'Checkouts work: the current token stays valid until a new one is published everywhere.',
    first: 'npx paddlewheel status <integration> names the step, the code and the cause.',
    // Two failing half-hours of four, and not one blip.
    metric: ours(METRICS.rotationFailure, 30),
    threshold: 1,
    periods: 4,
    bad: 2,
    // Written only when a step failed.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.holdOverdue,
    wrong: 'A superseded token should have been revoked long ago and is still held: something still uses it.',
    shop: 'Checkouts work, with both tokens. But the old one lives on, which is what rotating is to prevent.',
    first: 'npx paddlewheel status <integration> names the page or the build to deploy again.',
    metric: ours(METRICS.holdOverdue, 60),
    threshold: 1,
    periods: 2,
    bad: 1,
    // Written only while a hold lasts too long.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.revocationStuck,
    wrong: 'Nothing uses a superseded token any more, and Paddle has refused five times to revoke it.',
    shop: 'Checkouts work, with the current token. The old one is still valid for whoever has it.',
    first: 'npx paddlewheel status <integration> says what Paddle answered.',
    metric: ours(METRICS.revocationStuck, 60),
    threshold: 1,
    periods: 2,
    bad: 1,
    // Written only while a revocation is stuck.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.outOfBandChange,
    wrong: 'Somebody other than Paddlewheel changed or revoked a token that Paddlewheel manages.',
    shop: 'If it was the current token, pages that hold it CANNOT CHECK OUT until they are built and deployed again.',
    first:
      'npx paddlewheel status <integration>: is there a new current token? Then deploy every page that uses it, now.',
    metric: ours(METRICS.outOfBandChange, 5),
    threshold: 1,
    periods: 1,
    // Written only when it happens.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.signatureFailures,
    wrong: 'Webhooks came that are not signed with the account’s secret: the secret is wrong here, or somebody forges.',
    shop: 'Checkouts work. Changes made outside Paddlewheel are noticed late, and the audit trail lacks events.',
    first: 'Compare the webhook secret that is stored for the account with its destination in Paddle’s dashboard.',
    // Paddle sends the same event three times within a quarter of an hour; an odd request comes once.
    metric: ours(METRICS.webhookRefused, 60, Stats.SUM, { reason: 'signature' }),
    threshold: 3,
    periods: 2,
    bad: 1,
    // Written only when one is refused.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.apiKeyProblem,
    wrong: 'The API key of a Paddle account expires within days, has ended, was found in public, or is not accepted.',
    shop: 'Checkouts work: client-side tokens do not depend on the key. Without a key, nothing is rotated or revoked.',
    first: 'Make a new API key in Paddle’s dashboard and store it where the configuration says.',
    metric: ours(METRICS.apiKeyProblem, 60),
    threshold: 1,
    periods: 2,
    bad: 1,
    // Written only when Paddle says so. A key that nobody uses for weeks says nothing; its webhooks do.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.auditStale,
    wrong: 'For six hours nobody could make sure that the audit trail holds every event that Paddle has sent.',
    shop: 'Checkouts work. A report made now could lack events.',
    first: 'npx paddlewheel doctor names the account. May its API key read events? Is paddlewheel-backfill enabled?',
    // Two runs of the backfill are in every such period, so that a late one leaves none empty.
    metric: ours(METRICS.auditAgeSeconds, 120, Stats.MAXIMUM),
    threshold: AUDIT_STALE_SECONDS,
    periods: 2,
    bad: 1,
    // Every run writes how old its knowledge is, also when Paddle refuses to list events: silence means that none ran.
    missing: TreatMissingData.BREACHING,
  },
  {
    name: ALARMS.reconcileDeadLetters,
    wrong: 'Reconciles at an integration failed ten times in a row: a defect, or a permission that is missing.',
    shop: 'Checkouts work: the current token stays valid. That integration is not rotated.',
    first: 'Read the message in paddlewheel-reconcile-dead-letters.fifo: it names the integration.',
    metric: depth(reconcileDeadLetters),
    threshold: 1,
    periods: 1,
    // An idle queue stops reporting.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.failures,
    wrong: 'An invocation, a tick, a part of the audit trail’s stream or a deploy hook failed for good.',
    shop: 'Checkouts work. But if it was a deploy hook, a build was not started, and pages keep the superseded token.',
    first: 'Read the message in paddlewheel-failures: it says what failed, when and why.',
    metric: depth(failures),
    threshold: 1,
    periods: 1,
    // An idle queue stops reporting.
    missing: TreatMissingData.NOT_BREACHING,
  },
];

/** What the e-mail says. */
const description = ({ name, wrong, shop, first }: AlarmSpec): string =>
  [
    `What is wrong: ${wrong}`,
    `For the shop: ${shop}`,
    `First: ${first}`,
    `Runbook: docs/runbook.md, section ${name}.`,
  ].join('\n');

/** The alarms and the topic that they speak to. */
export class Monitoring extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Alarms', {
      topicName: NAMES.alarmTopic,
      displayName: 'Paddlewheel',
      enforceSSL: true,
    });
    for (const address of props.email) this.topic.addSubscription(new EmailSubscription(address));
    for (const spec of alarms(props)) this.add(spec);
  }

  private add(spec: AlarmSpec): void {
    const { name, metric, threshold, periods, bad, missing } = spec;
    new Alarm(this, name, {
      alarmName: name,
      alarmDescription: description(spec),
      metric,
      threshold,
      evaluationPeriods: periods,
      datapointsToAlarm: bad,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing,
    }).addAlarmAction(new SnsAction(this.topic));
  }
}
