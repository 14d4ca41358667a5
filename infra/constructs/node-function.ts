import { Duration, RemovalPolicy, type Size } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  CfnAlias,
  CfnEventInvokeConfig,
  type Code,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV, METRIC_NAMESPACE } from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';

const MAX_EVENT_AGE = Duration.minutes(5);

export interface NodeFunctionProps {
  readonly name: string;
  readonly description: string;
  readonly code: Code;
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly logRetentionDays: number;
  /** Default ARM, which costs less. */
  readonly architecture?: Architecture;
  /** Of `/tmp`. Default 512 MB. */
  readonly ephemeralStorage?: Size;
  /**
   * For a function that anybody may invoke asynchronously: where events go that failed for good. Nearly every trigger
   * comes again by itself, so Lambda's own retries are off unless `retryAttempts` says otherwise.
   */
  readonly failures?: IQueue;
  /** For asynchronous events that come only once. Default 0. */
  readonly retryAttempts?: number;
}

/** One Lambda function with a role of its own that may, to begin with, write to its own log group and nothing else. */
export class NodeFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;
  #async?: { readonly failures: IQueue; readonly retryAttempts: number };

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const { name, code, failures, retryAttempts = 0 } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${name}`,
      retention: props.logRetentionDays as RetentionDays,
      // What must outlive the stack is in the audit trail.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${name} may do`,
    });
    // Instead of AWSLambdaBasicExecutionRole, which may write to every log group of the account.
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: name,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture ?? Architecture.ARM_64,
      handler: 'index.handler',
      code,
      memorySize: props.memorySize,
      ...(props.ephemeralStorage ? { ephemeralStorageSize: props.ephemeralStorage } : {}),
      timeout: props.timeout,
      role: this.role,
      logGroup,
    });
    const { metrics } = namesOf(this);
    if (metrics !== METRIC_NAMESPACE) this.env(ENV.metricNamespace, metrics);
    if (failures) this.sendFailuresTo(failures, retryAttempts);
  }

  /** Sets an environment variable. A construct's grant sets it together with the permission. */
  env(name: string, value: string): this {
    this.lambda.addEnvironment(name, value);
    return this;
  }

  /** Allows `actions` on exactly these resources. */
  allow(actions: string[], resources: string[], conditions?: Record<string, Record<string, unknown>>): this {
    this.role.addToPrincipalPolicy(new PolicyStatement({ actions, resources, conditions }));
    return this;
  }

  /**
   * Another way to invoke the function: IAM tells aliases apart, and payloads not. It leads to the newest code, as the
   * function's own name does.
   */
  alias(name: string): CfnAlias {
    const alias = new CfnAlias(this, `Alias-${name}`, {
      functionName: this.lambda.functionName,
      functionVersion: '$LATEST',
      name,
    });
    // An alias has its own settings for asynchronous invocations; AWS's default is to invoke again, twice.
    if (this.#async)
      new CfnEventInvokeConfig(this, `Async-${name}`, {
        functionName: this.lambda.functionName,
        qualifier: name,
        maximumRetryAttempts: this.#async.retryAttempts,
        maximumEventAgeInSeconds: MAX_EVENT_AGE.toSeconds(),
        destinationConfig: { onFailure: { destination: this.#async.failures.queueArn } },
      }).addResourceDependency(alias);
    return alias;
  }

  private sendFailuresTo(failures: IQueue, retryAttempts: number): void {
    this.#async = { failures, retryAttempts };
    this.allow(['sqs:SendMessage'], [failures.queueArn]);
    this.lambda.configureAsyncInvoke({
      retryAttempts,
      maxEventAge: MAX_EVENT_AGE,
      // Not SqsDestination: its grant allows more than the sending that is needed.
      onFailure: { bind: () => ({ destination: failures.queueArn }) },
    });
  }
}
