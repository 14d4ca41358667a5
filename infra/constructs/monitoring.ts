import { Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { namesOf } from '../naming.ts';
import { type AlarmSpec, paddleAlarms, queueAlarms, rotationAlarms } from './alarms.ts';

export interface MonitoringProps {
  readonly email: readonly string[];
  readonly reconcileDeadLetters: IQueue;
  readonly failures: IQueue;
}

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
  /** By their names in the runbook. */
  readonly alarms: Readonly<Record<string, Alarm>>;

  constructor(scope: Construct, id: string, { email, reconcileDeadLetters, failures }: MonitoringProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Alarms', {
      topicName: namesOf(this).alarmTopic,
      displayName: namesOf(this).metrics,
      enforceSSL: true,
    });
    for (const address of email) this.topic.addSubscription(new EmailSubscription(address));
    const names = namesOf(this);
    const specs = [
      ...rotationAlarms(names),
      ...paddleAlarms(names),
      ...queueAlarms(names, reconcileDeadLetters, failures),
    ];
    this.alarms = Object.fromEntries(specs.map((spec) => [spec.name, this.add(spec)]));
    this.allowToPublish(Object.values(this.alarms));
  }

  private add(spec: AlarmSpec): Alarm {
    const { name, metric, threshold, periods, bad, missing, tellsOfSilence } = spec;
    const alarm = new Alarm(this, name, {
      alarmName: namesOf(this).alarm(name),
      alarmDescription: description(spec),
      metric,
      threshold,
      evaluationPeriods: periods,
      datapointsToAlarm: bad,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    if (tellsOfSilence) alarm.addInsufficientDataAction(new SnsAction(this.topic));
    return alarm;
  }

  /** A topic with any policy of its own, such as that against plain http, loses SNS's default, which let the alarms publish. */
  private allowToPublish(alarms: readonly Alarm[]): void {
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
          ArnLike: { 'aws:SourceArn': alarms.map(({ alarmArn }) => alarmArn) },
        },
      }),
    );
  }
}
