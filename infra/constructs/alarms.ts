/** Few alarms, each of which needs a person, whatever the number of integrations. */
import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { ALARMS, AUDIT_STALE_SECONDS, METRICS, type Names, OVERDUE_SECONDS } from '../../lambdas/contract.ts';

/** One alarm. Its name is its heading in `docs/runbook.md`. */
export interface AlarmSpec {
  readonly name: string;
  /** For a tired person: what is wrong, what it means for the shop, what to do first. */
  readonly wrong: string;
  readonly shop: string;
  readonly first: string;
  readonly metric: IMetric;
  /** So much and more is bad. */
  readonly threshold: number;
  /** How many periods are looked at; all must be bad, unless `bad` says how many. */
  readonly periods: number;
  readonly bad?: number;
  /** With the reason, beside it, why missing data is what it is taken for. */
  readonly missing: TreatMissingData;
  /** Somebody is told as well when there is no data at all any more. */
  readonly tellsOfSilence?: boolean;
}

const ours = (namespace: string, metricName: string, minutes: number, statistic: string = Stats.SUM) =>
  new Metric({ namespace, metricName, statistic, period: Duration.minutes(minutes) });
const depth = (queue: IQueue) =>
  queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: Stats.MAXIMUM });

/**
 * The share of runs that failed: Lambda writes a 0 or a 1 of each run, so the average is 1 when none succeeded. 1 also where there is
 * no data: CloudWatch alone would look back further until it finds some. One metric, where runs less errors would be priced as two.
 */
const failedRuns = (functionName: string): MathExpression =>
  new MathExpression({
    expression: 'FILL(failed, 1)',
    label: `Share of failed runs of ${functionName}`,
    usingMetrics: {
      failed: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Errors',
        dimensionsMap: { FunctionName: functionName },
        statistic: Stats.AVERAGE,
      }),
    },
    period: Duration.minutes(5),
  });

/**
 * What becomes of rotations and revocations. What lasts is counted once an hour at least, so these look back far enough not to
 * go off and on in between.
 */
export const rotationAlarms = (names: Names): AlarmSpec[] => [
  {
    name: ALARMS.revokedTokenServed,
    wrong: 'A page, a report of a deployment or a target serves a client-side token that is revoked.',
    shop: 'Checkout is DOWN there. Most often somebody has rolled back to an older build.',
    first: 'npx paddlewheel status <integration> names the page. Deploy a build with the current token, now.',
    metric: ours(names.metrics, METRICS.revokedTokenServed, 1),
    threshold: 1,
    // Written when it is seen, and about every four minutes while it lasts: the alarm must not end in between.
    periods: 10,
    bad: 1,
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.deploymentOverdue,
    wrong:
      'A deploy hook took the call, and neither a report nor a page shows the new token: the build has probably failed.',
    shop: 'Checkouts work, with the prior token, which is not revoked. But nothing new is deployed.',
    first: 'npx paddlewheel status <integration> names the hook. What does that build say?',
    metric: ours(names.metrics, METRICS.deploymentOverdue, 60),
    threshold: 1,
    periods: 2,
    bad: 1,
    // Written once an hour at least while it lasts.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.overdue,
    wrong: 'A rotation or a reconcile at an integration is more than two hours overdue.',
    shop: 'Checkouts work: the current tokens stay valid. They are only not replaced.',
    first: 'The log line names the integration: docs/runbook.md has the command. Then npx paddlewheel status.',
    metric: ours(names.metrics, METRICS.overdueSeconds, 15, Stats.MAXIMUM),
    threshold: OVERDUE_SECONDS,
    periods: 5,
    bad: 1,
    // That nothing is written is the other alarm's business, and says nothing of what was overdue before.
    missing: TreatMissingData.IGNORE,
  },
  {
    name: ALARMS.heartbeatSilent,
    wrong: 'The heartbeat has not run for a quarter of an hour: nothing finds out what is due.',
    shop: 'Checkouts work: the current tokens stay valid. They are only not replaced, and nothing is revoked.',
    first: `Is the schedule ${names.heartbeat} enabled? What does the log of the function say?`,
    metric: failedRuns(names.heartbeat),
    threshold: 1,
    periods: 3,
    // While older data is still in sight, FILL makes ones of the silence. When none is left, the state is INSUFFICIENT_DATA, which
    // is told as well; a new installation begins in that state, and nobody is told.
    missing: TreatMissingData.MISSING,
    tellsOfSilence: true,
  },
  {
    name: ALARMS.rotationFailure,
    wrong: 'Rotations have been failing for more than half an hour. Paddlewheel keeps trying, at least once an hour.',
    shop: 'Checkouts work: the current token stays valid until a new one is published everywhere.',
    first: 'npx paddlewheel status <integration> names the step, the code and the cause.',
    // Two failing half-hours of four, and not one blip.
    metric: ours(names.metrics, METRICS.rotationFailure, 30),
    threshold: 1,
    periods: 4,
    bad: 2,
    // Written only when a step failed.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.holdOverdue,
    wrong:
      'A superseded token should have been revoked long ago and is still held: something still uses it. Or a pause has lasted for more than a week.',
    shop: 'Checkouts work, with both tokens. But the old one lives on, which is what rotating is to prevent.',
    first: 'npx paddlewheel status <integration> names the page or the build to deploy again.',
    metric: ours(names.metrics, METRICS.holdOverdue, 60),
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
    metric: ours(names.metrics, METRICS.revocationStuck, 60),
    threshold: 1,
    periods: 2,
    bad: 1,
    // Written only while a revocation is stuck.
    missing: TreatMissingData.NOT_BREACHING,
  },
];

/** What Paddle and its webhooks tell. */
export const paddleAlarms = (names: Names): AlarmSpec[] => [
  {
    name: ALARMS.outOfBandChange,
    wrong:
      'Somebody other than Paddlewheel changed or revoked a token that Paddlewheel manages; or a lost current token is not replaced yet.',
    shop: 'If it was the current token, pages that hold it CANNOT CHECK OUT until they are built and deployed again.',
    first:
      'npx paddlewheel status <integration>: is there a new current token? Then deploy every page that uses it, now.',
    metric: ours(names.metrics, METRICS.outOfBandChange, 5),
    threshold: 1,
    // Written when it happens, and every few minutes while checkout is down: the alarm must not end in between.
    periods: 3,
    bad: 1,
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.signatureFailures,
    wrong: 'Webhooks came that are not signed with the account’s secret: the secret is wrong here, or somebody forges.',
    shop: 'Checkouts work. Changes made outside Paddlewheel are noticed late, and the audit trail lacks events.',
    first: 'Compare the webhook secret that is stored for the account with its destination in Paddle’s dashboard.',
    // The address is public, and anybody can send what is not signed: only what lasts for hours is worth a call at night.
    metric: ours(names.metrics, METRICS.signatureFailure, 60),
    threshold: 3,
    periods: 4,
    bad: 3,
    // Written only when one is refused.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    name: ALARMS.apiKeyProblem,
    wrong: 'The API key of a Paddle account expires within days, has ended, was found in public, or is not accepted.',
    shop: 'Checkouts work: client-side tokens do not depend on the key. Without a key, nothing is rotated or revoked.',
    first: 'Make a new API key in Paddle’s dashboard and store it where the configuration says.',
    metric: ours(names.metrics, METRICS.apiKeyProblem, 60),
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
    first: `npx paddlewheel doctor names the account. May its API key read events? Is ${names.backfill} enabled?`,
    // Two runs of the backfill are in every such period, so that a late one leaves none empty.
    metric: ours(names.metrics, METRICS.auditAgeSeconds, 120, Stats.MAXIMUM),
    threshold: AUDIT_STALE_SECONDS,
    periods: 1,
    // Every run writes how old its knowledge is, also when Paddle refuses to list events: silence means that none ran, and is told. A
    // new installation begins in that state, and nobody is told.
    missing: TreatMissingData.MISSING,
    tellsOfSilence: true,
  },
];

/** What was put aside because it failed for good. */
export const queueAlarms = (names: Names, reconcileDeadLetters: IQueue, failures: IQueue): AlarmSpec[] => [
  {
    name: ALARMS.reconcileDeadLetters,
    wrong: 'A reconcile at an integration failed a hundred times in a row: a defect, or a permission that is missing.',
    shop: 'Checkouts work: the current token stays valid. That integration is not rotated.',
    first: `Read the message in ${names.reconcileDeadLetters}: it names the integration.`,
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
    first: `Read the message in ${names.failures}: it says what failed, when and why.`,
    metric: depth(failures),
    threshold: 1,
    periods: 1,
    // An idle queue stops reporting.
    missing: TreatMissingData.NOT_BREACHING,
  },
];
