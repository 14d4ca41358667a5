import { Duration } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV, RECORD_KINDS } from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { NodeFunction } from './node-function.ts';

export interface ObservationProps {
  readonly fn: NodeFunction;
  readonly auditTrail: AuditTrail;
  readonly failures: IQueue;
}

/** Turns every new line of the audit trail into an event on the bus, and every surprise into a reconcile. */
export class Observation extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { fn, auditTrail, failures }: ObservationProps) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: namesOf(this).bus,
      description: 'Every change of state of a client-side token',
    });
    fn.env(ENV.busName, this.bus.eventBusName);
    fn.allow(['events:PutEvents'], [this.bus.eventBusArn]);

    auditTrail.grantReadStream(fn);
    fn.allow(['sqs:SendMessage'], [failures.queueArn]);
    const mapping = new EventSourceMapping(this, 'Stream', {
      target: fn.lambda,
      eventSourceArn: auditTrail.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 50,
      // The trail is append-only; should a record ever expire, that is no newEvidence.
      // Links of a chain come through the same stream, and are no records.
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual('INSERT'),
          dynamodb: { NewImage: { kind: { S: [...RECORD_KINDS] } } },
        }),
      ],
      // Halving finds the one bad record; it must not hold up the others of its shard for a day.
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: 10,
      maxRecordAge: Duration.hours(6),
      onFailure: { bind: () => ({ destination: failures.queueArn }) },
    });
    mapping.node.addDependency(fn.role);
  }
}
