import { type CfnElement, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { DAY_INDEX, ENV, WRITTEN_INDEX } from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';
import { leadingKeys } from './ledger.ts';
import type { NodeFunction } from './node-function.ts';

/** Partitions of records. `WARM` is the webhook's call that never writes. */
const RECORDS = ['TOKEN#*', 'INTEGRATION#*', 'ACCOUNT#*', 'SIMULATION#*', 'WARM'];

/** Every webhook event and every action of ours. Append-only: no role may update or delete records here, only add. */
export class AuditTrail extends Construct {
  readonly table: TableV2;

  /** @param tableName of a table to be adopted. Default: CloudFormation makes up a name, so that what was left behind is in nobody's way */
  constructor(scope: Construct, id: string, tableName?: string) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      tableName,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      timeToLiveAttribute: 'expiresAt',
      dynamoStream: StreamViewType.NEW_IMAGE,
      globalSecondaryIndexes: [
        {
          indexName: DAY_INDEX.name,
          partitionKey: { name: DAY_INDEX.partitionKey, type: AttributeType.STRING },
          sortKey: { name: DAY_INDEX.sortKey, type: AttributeType.STRING },
          projectionType: ProjectionType.ALL,
        },
        {
          indexName: WRITTEN_INDEX.name,
          partitionKey: { name: WRITTEN_INDEX.partitionKey, type: AttributeType.STRING },
          sortKey: { name: WRITTEN_INDEX.sortKey, type: AttributeType.STRING },
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    new StringParameter(this, 'Name', {
      parameterName: namesOf(this).auditTableParameter,
      description: 'The table of every webhook event and every action',
      stringValue: this.table.tableName,
    });
  }

  /** Adds records. The condition that a record must be new is in the call; IAM cannot tell a first put from a second. */
  grantAppend(fn: NodeFunction): void {
    fn.env(ENV.auditTable, this.table.tableName);
    fn.allow(['dynamodb:PutItem'], [this.table.tableArn], leadingKeys(...RECORDS));
  }

  /** Reads the end of a chain, and adds to it. Whoever writes records may not write chains; only `observe` does both. */
  grantChain(fn: NodeFunction): void {
    fn.env(ENV.auditTable, this.table.tableName);
    fn.allow(['dynamodb:Query', 'dynamodb:PutItem'], [this.table.tableArn], leadingKeys('CHAIN#*'));
  }

  /** `observe`: which records were written in an hour, which of them no chain holds, and what those are. */
  grantFindUnchained(fn: NodeFunction): void {
    fn.allow(['dynamodb:Query'], [`${this.table.tableArn}/index/${WRITTEN_INDEX.name}`]);
    fn.allow(['dynamodb:BatchGetItem'], [this.table.tableArn], leadingKeys('CHAIN#*'));
    fn.allow(['dynamodb:GetItem'], [this.table.tableArn], leadingKeys(...RECORDS.filter((pk) => pk !== 'WARM')));
  }

  /** The registrar: has a simulated event arrived? Of the trail itself it sees nothing. */
  grantReadSimulations(fn: NodeFunction): void {
    fn.env(ENV.auditTable, this.table.tableName);
    fn.allow(['dynamodb:Query'], [this.table.tableArn], leadingKeys('SIMULATION#*'));
  }

  /** The registrar: who has registered what by its API. */
  grantRecordEntries(fn: NodeFunction): void {
    fn.allow(['dynamodb:PutItem'], [this.table.tableArn], leadingKeys('INTEGRATION#*', 'ACCOUNT#*'));
  }

  /** `backfill`: is an event there already, under a neighbouring instant? */
  grantReadEvents(fn: NodeFunction): void {
    fn.allow(['dynamodb:Query'], [this.table.tableArn], leadingKeys('TOKEN#*', 'ACCOUNT#*'));
  }

  /** `rotate`: what our own records say of a token or a rotation. */
  grantReadRecords(fn: NodeFunction): void {
    fn.allow(['dynamodb:Query'], [this.table.tableArn], leadingKeys('TOKEN#*', 'INTEGRATION#*'));
  }

  /** The console: the lives of tokens. */
  grantShow(fn: NodeFunction): void {
    fn.env(ENV.auditTable, this.table.tableName);
    this.grantReadRecords(fn);
  }

  /** Lets a function ask whether a record exists, by a condition in a transaction, without reading any. */
  grantAskWhether(fn: NodeFunction): void {
    fn.allow(['dynamodb:ConditionCheckItem'], [this.table.tableArn]);
  }

  get streamArn(): string {
    return String(this.table.tableStreamArn);
  }

  /** For Lambda's poller, which reads the stream in the function's name. */
  grantReadStream(fn: NodeFunction): void {
    fn.allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [this.streamArn]);
    // Lists the streams of a table, so it names none of them: a wildcard over this table's own streams.
    fn.allow(['dynamodb:ListStreams'], [`${this.table.tableArn}/stream/*`]);
    const table = Stack.of(this).getLogicalId(this.table.node.defaultChild as CfnElement);
    Validations.of(fn.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${table}.Arn>/stream/*]`,
      reason: 'ListStreams names no stream; the wildcard covers the streams of this one table.',
    });
  }
}
