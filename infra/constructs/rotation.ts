import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, PrincipalWithConditions, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV } from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';
import type { NodeFunction } from './node-function.ts';

/** A run ends within this; the queue must not hand the same reconcile to a second run while the first may still act. */
export const ROTATE_TIMEOUT = Duration.minutes(5);

/**
 * An address bears four calls a second, and a reconcile that makes one lasts about a second, so four runs use it up. One more, so
 * that a run that waits for a site keeps nobody waiting; further ones would only wait for each other.
 */
const RUNS_PER_ADDRESS = 5;

/**
 * The queue of reconciles: one group per integration, so that no two runs on one integration overlap. A reconcile that
 * fails a hundred times is put aside; the heartbeat will ask for another one anyway.
 */
export class ReconcileQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      queueName: namesOf(this).reconcileDeadLetters,
      fifo: true,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Reconciles', {
      queueName: namesOf(this).reconcileQueue,
      fifo: true,
      // Senders say what a repetition is; the same body a minute later is newEvidence.
      contentBasedDeduplication: false,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: ROTATE_TIMEOUT.plus(Duration.seconds(30)),
      // "reconcile now" says nothing after hours. This also bounds what piles up while `rotate` cannot run.
      retentionPeriod: Duration.hours(4),
      // A message that meets another run comes back every five seconds: for as long as a run and its last lease may take
      // (four minutes), and then some. One that fails comes back every minute, and is put aside within two hours.
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 100 },
    });
  }

  grantSend(fn: NodeFunction): void {
    fn.env(ENV.reconcileQueueUrl, this.queue.queueUrl);
    fn.allow(['sqs:SendMessage'], [this.queue.queueArn]);
  }

  /** How much waits in it; nothing of what. */
  grantDepth(fn: NodeFunction): void {
    fn.allow(['sqs:GetQueueAttributes'], [this.queue.queueArn]);
  }

  /** The only trigger of `rotate` besides a person's own invocation. */
  feed(fn: NodeFunction, paddleAddresses: number): void {
    // For Lambda's poller, which reads the queue in the function's name.
    fn.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [this.queue.queueArn]);
    // Keeps its message while it lives, and gives it back within seconds when it cannot be answered now.
    fn.env(ENV.reconcileQueueUrl, this.queue.queueUrl);
    fn.allow(['sqs:ChangeMessageVisibility'], [this.queue.queueArn]);
    const mapping = new EventSourceMapping(this, 'Feed', {
      target: fn.lambda,
      eventSourceArn: this.queue.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: RUNS_PER_ADDRESS * paddleAddresses,
    });
    // Lambda refuses a mapping whose function may not read the queue yet.
    mapping.node.addDependency(fn.role);
  }
}

/** EventBridge Scheduler, and only on behalf of a schedule of this account. */
export const schedulerOf = (scope: Construct): PrincipalWithConditions =>
  new PrincipalWithConditions(new ServicePrincipal('scheduler.amazonaws.com'), {
    StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
  });

export interface HeartbeatProps {
  /** Of the schedule; fixed. */
  readonly name: string;
  readonly description: string;
  /** `rate(1 minute)` */
  readonly every: string;
  readonly fn: NodeFunction;
  readonly failures: IQueue;
  /** What the function is told. Absent: the schedule's own event. */
  readonly input?: object;
}

/** Invokes a function again and again. A tick that is missed or fails is made up for by the next. */
export class Heartbeat extends Construct {
  constructor(scope: Construct, id: string, { name, description, every, fn, failures, input }: HeartbeatProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: schedulerOf(this),
      description: `Lets the schedule ${name} invoke its function`,
    });
    // Not `grantInvoke`, which would also allow every version and alias.
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [fn.lambda.functionArn] }));
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [failures.queueArn] }));
    new CfnSchedule(this, 'Schedule', {
      name,
      description,
      scheduleExpression: every,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: fn.lambda.functionArn,
        roleArn: role.roleArn,
        input: input && JSON.stringify(input),
        retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 2 },
        deadLetterConfig: { arn: failures.queueArn },
      },
    });
  }
}
