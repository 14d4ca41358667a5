import { Duration } from 'aws-cdk-lib';
import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  type CredentialSource,
  EVENT_SOURCE,
  type IntegrationSpec,
  PUBLICATION_EVENTS,
} from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';
import type { AuditTrail } from './audit-trail.ts';
import { grantReadCredentials } from './credentials.ts';
import type { Ledger } from './ledger.ts';
import type { NodeFunction } from './node-function.ts';
import type { Rooms } from './resource-names.ts';

/** Five hooks side by side take ten seconds; reading their credentials and writing the trail, less than that again. */
export const HOOKS_TIMEOUT = Duration.seconds(60);
/** A call that failed comes again after this long … */
const AGAIN_AFTER = Duration.minutes(6);
/** … and so often in all: two hours, which outlasts what vendors call an incident. */
const ATTEMPTS = 20;
/** A pattern has room for 2,048 characters. */
const ROOM_FOR_NAMES = 1_500;

export interface DeployHooksProps {
  readonly fn: NodeFunction;
  readonly bus: IEventBus;
  readonly ledger: Ledger;
  readonly auditTrail: AuditTrail;
  readonly failures: IQueue;
  /** Those that have hooks. */
  readonly integrations: readonly IntegrationSpec[];
  /** In the role, for the names of credentials. */
  readonly rooms: Rooms;
}

/** What of the bus says that builds must run. Without names: for every integration. */
export const publications = (integrations?: readonly string[]) => ({
  source: [EVENT_SOURCE],
  detailType: PUBLICATION_EVENTS,
  ...(integrations ? { detail: { integration: [...integrations] } } : {}),
});

/** Publications -> bus -> queue -> `hooks` -> builds. The queue repeats what failed; what fails for good is an alarm. */
export class DeployHooks extends Construct {
  constructor(scope: Construct, id: string, props: DeployHooksProps) {
    super(scope, id);
    const { fn, bus, ledger, auditTrail, failures, integrations, rooms } = props;
    const queue = new Queue(this, 'Queue', {
      queueName: namesOf(this).hookQueue,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: AGAIN_AFTER,
      // Longer than all attempts: a call must end in the trail or among the failures, never by silently expiring.
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: failures, maxReceiveCount: ATTEMPTS },
    });
    const names = integrations.map(({ name }) => name);
    // Too many names for a pattern: the function then finds that an integration has no hooks, and does nothing.
    const filter = JSON.stringify(names).length <= ROOM_FOR_NAMES ? names : undefined;
    new Rule(this, 'Publications', {
      eventBus: bus,
      description: 'Publications of integrations that have deploy hooks',
      eventPattern: publications(filter),
      targets: [new SqsQueue(queue)],
    });
    ledger.grantReadConfiguration(fn);
    ledger.grantNoteCalls(fn);
    auditTrail.grantAppend(fn);
    auditTrail.grantAskWhether(fn);
    grantReadCredentials(fn, credentialsOf(integrations), rooms);
    fn.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queue.queueArn]);
    const mapping = new EventSourceMapping(this, 'Feed', {
      target: fn.lambda,
      eventSourceArn: queue.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: 5,
    });
    mapping.node.addDependency(fn.role);
  }
}

/** Each place once: several integrations often start the same build. */
function credentialsOf(integrations: readonly IntegrationSpec[]): readonly CredentialSource[] {
  const hooks = integrations.flatMap(({ deployHooks = [] }) => deployHooks);
  const sources = hooks.map((hook) => (hook.kind === 'webhook' ? hook.url : hook.token));
  return [...new Map(sources.map((source) => [JSON.stringify(source), source])).values()];
}
