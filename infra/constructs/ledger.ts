import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { DUE_INDEX, ENV } from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';
import type { NodeFunction } from './node-function.ts';

/** Keys of items, as IAM conditions see them. */
export const leadingKeys = (...patterns: string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns },
});

/**
 * Configuration, state and usage in one table. Each writer may write only what is its own: the state belongs to
 * `rotate`, the configuration to the registrar, the reports to `usage`.
 */
export class Ledger extends Construct {
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
      globalSecondaryIndexes: [
        {
          indexName: DUE_INDEX.name,
          partitionKey: { name: DUE_INDEX.partitionKey, type: AttributeType.STRING },
          sortKey: { name: DUE_INDEX.sortKey, type: AttributeType.STRING },
          // The table's keys come along, and the integration's name is in them.
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    new StringParameter(this, 'Name', {
      parameterName: namesOf(this).ledgerTableParameter,
      description: 'The table of configuration, state and usage',
      stringValue: this.table.tableName,
    });
  }

  /** `rotate`: reads everything, writes state, owners, pace and the revocations counted. Deletes answered reports only. */
  grantReconcile(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
    this.give(fn, ['dynamodb:DeleteItem'], leadingKeys('REPORTS#*'));
  }

  /** `status`: what people ask about. */
  grantAnswer(fn: NodeFunction): void {
    const keys = leadingKeys('INTEGRATION#*', 'CHECKS#*', 'HOOKS#*', 'SEEN#*', 'REGISTRY');
    this.give(fn, ['dynamodb:GetItem', 'dynamodb:Query'], keys);
  }

  /** `heartbeat`: what is due, and whose it is. */
  grantFindDue(fn: NodeFunction): void {
    fn.env(ENV.ledgerTable, this.table.tableName);
    fn.allow(['dynamodb:Query'], [`${this.table.tableArn}/index/${DUE_INDEX.name}`]);
    this.give(fn, ['dynamodb:BatchGetItem'], leadingKeys('INTEGRATION#*'));
  }

  /** `observe`: whose token is it, and what has its integration done with it? */
  grantReadState(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:GetItem']);
  }

  /** `observe`: how far the audit trail has been compared with its chains. */
  grantKeepComparison(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:PutItem'], leadingKeys('CHAINS'));
  }

  /** `observe`, `backfill`: what they have heard of a token, and nothing else. */
  grantReport(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:PutItem'], leadingKeys('REPORTS#*'));
  }

  /** The console: configurations, states and reports of all integrations. */
  grantShow(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:BatchGetItem', 'dynamodb:Query'], leadingKeys('INTEGRATION#*', 'SEEN#*', 'REGISTRY'));
  }

  /** `hooks`: which deploy hooks has an integration? `seen`: which tokens? */
  grantReadConfiguration(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:GetItem'], leadingKeys('INTEGRATION#*'));
  }

  /** `hooks`: which of them has answered, and when. */
  grantNoteCalls(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:PutItem'], leadingKeys('HOOKS#*'));
  }

  /** `seen`: counts of beacons. */
  grantNoteSeen(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:UpdateItem'], leadingKeys('SEEN#*'));
  }

  /** `usage`: reads an integration's state and earlier reports, writes reports. */
  grantReportUsage(fn: NodeFunction): void {
    const actions = ['dynamodb:GetItem', 'dynamodb:UpdateItem'];
    this.give(fn, actions, leadingKeys('INTEGRATION#*'));
  }

  /** `usage`, for reads that CloudTrail saw: whose target is it? */
  grantFindTargets(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:Query'], leadingKeys('TARGET#*'));
  }

  /** The registrar: writes accounts and configurations, and a new integration's first state. */
  grantRegister(fn: NodeFunction): void {
    const actions = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'];
    this.give(fn, actions, leadingKeys('ACCOUNT#*', 'INTEGRATION#*', 'REGISTRY', 'TARGET#*'));
    this.give(fn, ['dynamodb:UpdateItem'], leadingKeys('ACCOUNT#*'));
    this.#givePace(fn);
  }

  /** With a namespace, the registrar: an integration comes to an account that is there in the same transaction. */
  grantRequireAccounts(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:ConditionCheckItem'], leadingKeys('ACCOUNT#*'));
  }

  /** With a namespace, `webhook`: where does an account keep its secret? `status`: what is wrong with its webhooks? No credential is there. */
  grantFindAccounts(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:GetItem'], leadingKeys('ACCOUNT#*'));
  }

  /** `backfill`: reads accounts, states and their registry, and writes how far it has come. */
  grantBackfill(fn: NodeFunction): void {
    const reading = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
    this.give(fn, reading, leadingKeys('ACCOUNT#*', 'INTEGRATION#*', 'REGISTRY'));
    this.give(fn, ['dynamodb:PutItem', 'dynamodb:UpdateItem'], leadingKeys('ACCOUNT#*'));
    this.#givePace(fn);
  }

  /** Whoever calls Paddle: when the next call may go out. */
  #givePace(fn: NodeFunction): void {
    this.give(fn, ['dynamodb:GetItem', 'dynamodb:UpdateItem'], leadingKeys('PACE#*'));
  }

  private give(fn: NodeFunction, actions: string[], conditions?: Record<string, Record<string, unknown>>): void {
    fn.env(ENV.ledgerTable, this.table.tableName);
    fn.allow(actions, [this.table.tableArn], conditions);
  }
}
