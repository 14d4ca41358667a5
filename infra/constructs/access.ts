import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import { Grant, type IGrantable, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  consumerAlias,
  DAY_INDEX,
  DUE_INDEX,
  type IntegrationSpec,
  type Names,
  ONLY_ALIAS,
  OPERATE_ALIAS,
  REGISTER_ALIAS,
} from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { Ledger } from './ledger.ts';
import type { NodeFunction } from './node-function.ts';

export interface AccessProps {
  readonly heartbeat: NodeFunction;
  readonly status: NodeFunction;
  readonly rotate: NodeFunction;
  readonly usage: NodeFunction;
  /** Absent: the configuration leaves the console out. */
  readonly console: NodeFunction | undefined;
  readonly ledger: Ledger;
  readonly auditTrail: AuditTrail;
  readonly integrations: readonly IntegrationSpec[];
  /** Makes a managed policy for each kind of person, to be attached to roles. */
  readonly policies: boolean;
}

/** What `doctor` looks at; `hooks` is there only with deploy hooks. */
const FUNCTIONS = [
  ...(['heartbeat', 'rotate', 'status', 'webhook', 'observe'] as const),
  ...(['usage', 'registrar', 'backfill', 'hooks'] as const),
];
/** No function may do this for anybody: people read the trail with their own permission. */
const READING = ['GetItem', 'Query', 'Scan', 'DescribeTable'].map((action) => `dynamodb:${action}`);

/**
 * Who may do what: a viewer reads, an operator may also rotate, a breaker of glass may also end a token without evidence, a
 * build reports. None of them may write to a table, read a credential or touch another function. `docs/security.md` has the whole list.
 */
export class Access extends Construct {
  readonly #props: AccessProps;
  readonly #names: Names;
  readonly #operate: string;
  readonly #ways = new Set<string>();
  #registrar: NodeFunction | undefined;

  constructor(scope: Construct, id: string, props: AccessProps) {
    super(scope, id);
    this.#props = props;
    this.#names = namesOf(this);
    props.rotate.alias(OPERATE_ALIAS);
    this.#operate = `${props.rotate.lambda.functionArn}:${OPERATE_ALIAS}`;
    for (const [consumer, role] of boundConsumers(props.integrations)) this.#bind(consumer, role);
    if (!props.policies) return;
    this.grantView(this.#policy('Viewer', 'viewer', 'Reads what Paddlewheel knows, and changes nothing'));
    this.grantOperate(this.#policy('Operator', 'operator', 'Rotates, holds, pauses; ends no token without evidence'));
    this.grantBreakGlass(this.#policy('BreakGlass', 'break-glass', 'Ends tokens without grace and evidence'));
    this.grantReport(this.#policy('Build', 'build', 'Reports which token a build uses'));
  }

  /** Status, plans, checks, the console, the audit trail, `doctor`. */
  grantView(grantee: IGrantable): Grant {
    const { status, console } = this.#props;
    const viewing = this.#invoke(grantee, status.lambda);
    return (console ? viewing.combine(this.#invoke(grantee, console.lambda)) : viewing)
      .combine(this.#readTables(grantee))
      .combine(this.#examine(grantee));
  }

  /** All that a viewer may; rotates, adopts, rolls back, pauses, holds and releases. */
  grantOperate(grantee: IGrantable): Grant {
    return this.grantView(grantee).combine(this.#allow(grantee, ['lambda:InvokeFunction'], [this.#operate]));
  }

  /** All that an operator may; ends tokens without grace and evidence. */
  grantBreakGlass(grantee: IGrantable): Grant {
    return this.grantOperate(grantee).combine(this.#invoke(grantee, this.#props.rotate.lambda));
  }

  /** Takes the current token for a build, and reports which one was built and deployed. */
  grantReport(grantee: IGrantable): Grant {
    return this.#invoke(grantee, this.#props.usage.lambda).combine(this.#invoke(grantee, this.#props.status.lambda));
  }

  /** A namespace is open: from now on, `grantRegister` lets in. */
  admitTo(registrar: NodeFunction): void {
    this.#registrar = registrar;
    this.#way(registrar, REGISTER_ALIAS);
  }

  /**
   * Registers, unregisters, lists and exports entries of the API, of the namespace and nothing else.
   * @param prefix names of accounts and integrations must begin with it. Default: any
   * @throws Error when no namespace is open, and for a prefix that no name can have
   */
  grantRegister(grantee: IGrantable, prefix?: string): Grant {
    if (!this.#registrar)
      throw new Error('no namespace is open: set platform.credentials and platform.targets in the configuration');
    if (prefix !== undefined && !/^[a-z0-9][a-z0-9-]{0,49}$/.test(prefix))
      throw new Error(`"${prefix}" begins no name: 1 to 50 lower-case letters, digits and hyphens`);
    const alias = prefix === undefined ? REGISTER_ALIAS : `${ONLY_ALIAS}${prefix}`;
    this.#way(this.#registrar, alias);
    return this.#allow(grantee, ['lambda:InvokeFunction'], [`${this.#registrar.lambda.functionArn}:${alias}`]);
  }

  #way(registrar: NodeFunction, alias: string): void {
    if (this.#ways.has(alias)) return;
    this.#ways.add(alias);
    registrar.alias(alias);
  }

  /** Only the role gets in by the alias, from whatever account it is; what comes in by it is about no other consumer. */
  #bind(consumer: string, principal: string): void {
    const alias = this.#props.usage.alias(consumerAlias(consumer));
    new CfnPermission(this, `Reports-${consumer}`, {
      action: 'lambda:InvokeFunction',
      functionName: alias.ref,
      principal,
    });
  }

  /** Not `grantInvoke`, which would also allow every alias, and so the reports of bound consumers. */
  #invoke(grantee: IGrantable, fn: IFunction): Grant {
    return this.#allow(grantee, ['lambda:InvokeFunction'], [fn.functionArn]);
  }

  #readTables(grantee: IGrantable): Grant {
    const [ledger, trail] = [this.#props.ledger.table.tableArn, this.#props.auditTrail.table.tableArn];
    const indexes = [`${ledger}/index/${DUE_INDEX.name}`, `${trail}/index/${DAY_INDEX.name}`];
    const parameters = [this.#names.ledgerTableParameter, this.#names.auditTableParameter];
    const places = parameters.map((name) => this.#arn('ssm', 'parameter', name.slice(1)));
    return this.#allow(grantee, READING, [ledger, trail])
      .combine(this.#allow(grantee, ['dynamodb:Query'], indexes))
      .combine(this.#allow(grantee, ['ssm:GetParameter'], places))
      .combine(this.#allow(grantee, ['dynamodb:ListExports'], [trail]))
      .combine(this.#allow(grantee, ['dynamodb:DescribeExport'], [`${trail}/export/*`]));
  }

  /** `doctor`: are the functions there, does the heartbeat run, which API may call the webhook? */
  #examine(grantee: IGrantable): Grant {
    const { webhook } = this.#names;
    const functions = FUNCTIONS.map((handler) => this.#arn('lambda', 'function', this.#names[handler], ':'));
    return this.#allow(grantee, ['lambda:GetFunctionConfiguration'], functions)
      .combine(this.#allow(grantee, ['lambda:GetPolicy'], [this.#arn('lambda', 'function', webhook, ':')]))
      .combine(this.#allow(grantee, ['logs:FilterLogEvents'], [this.#props.heartbeat.lambda.logGroup.logGroupArn]));
  }

  #arn(service: string, resource: string, resourceName: string, separator = '/'): string {
    return Stack.of(this).formatArn({ service, resource }) + separator + resourceName;
  }

  #allow(grantee: IGrantable, actions: string[], resourceArns: string[]): Grant {
    return Grant.addToPrincipal({ grantee, actions, resourceArns });
  }

  #policy(id: string, kind: string, description: string): ManagedPolicy {
    const managedPolicyName = this.#names.policy(kind);
    const policy = new ManagedPolicy(this, id, { managedPolicyName, description });
    acknowledge(policy, this.#props.auditTrail);
    return policy;
  }
}

/** Each name once: it means the same role everywhere. */
const boundConsumers = (integrations: readonly IntegrationSpec[]): ReadonlyMap<string, string> =>
  new Map(
    integrations.flatMap(({ consumers }) =>
      consumers.flatMap((each): [string, string][] =>
        typeof each === 'string' || each.role === undefined ? [] : [[each.name, each.role]],
      ),
    ),
  );

/** An export has an identity that AWS makes up. */
function acknowledge(policy: ManagedPolicy, { table }: AuditTrail): void {
  const id = Stack.of(policy).getLogicalId(table.node.defaultChild as CfnElement);
  Validations.of(policy).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${id}.Arn>/export/*]`,
    reason:
      'Whether a copy of the trail is whole is asked of an export by its id; the wildcard covers those of this one table.',
  });
}
