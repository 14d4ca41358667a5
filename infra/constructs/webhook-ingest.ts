import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type AccountSpec, ENV } from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';
import { grantReadCredentials } from './credentials.ts';
import type { NodeFunction } from './node-function.ts';
import type { Rooms } from './resource-names.ts';

/** What is logged of a request: how it went and how long it took. Never the body, the signature or the address's query. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  sourceIp: '$context.identity.sourceIp',
  path: '$context.path',
  status: '$context.status',
  responseLatency: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationError: '$context.integrationErrorMessage',
};

export interface WebhookIngestProps {
  readonly fn: NodeFunction;
  readonly accounts: readonly AccountSpec[];
  /** In the role, for the names of webhook secrets. */
  readonly rooms: Rooms;
  readonly logRetentionDays: number;
  readonly throttle: { readonly rate: number; readonly burst: number };
  /** Of the local AWS, which answers for its APIs below its own address. Absent on AWS. */
  readonly emulatorUrl?: string;
}

/** The address that Paddle's notification destinations point to: one route, one function. */
export class WebhookIngest extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  /** Where the API is reached from outside, without a trailing slash. */
  readonly baseUrl: string;
  /** By account. */
  readonly webhookUrls: Readonly<Record<string, string>>;

  constructor(
    scope: Construct,
    id: string,
    { fn, accounts, rooms, logRetentionDays, throttle, emulatorUrl }: WebhookIngestProps,
  ) {
    super(scope, id);
    const secrets = accounts.map(({ webhookSecret }) => webhookSecret);
    // Where they are; whoever reads need not know the key.
    const sources = accounts.map(({ name, webhookSecret: { kmsKey: _, ...place } }) => [name, place]);
    fn.env(ENV.webhookSecrets, JSON.stringify(Object.fromEntries(sources)));
    grantReadCredentials(fn, secrets, rooms);

    this.api = new HttpApi(this, 'Api', {
      apiName: namesOf(this).api,
      description: 'Receives the webhooks of Paddle',
      createDefaultStage: false,
    });
    this.api.addRoutes({
      path: namesOf(this).webhookPath('{account}'),
      methods: [HttpMethod.POST],
      integration: new HttpLambdaIntegration('Ingest', fn.lambda),
    });
    Validations.of(this.api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Paddle signs its webhooks and knows no other authorization; the function verifies the signature first.',
    });
    this.baseUrl =
      emulatorUrl === undefined ? this.api.apiEndpoint : `${emulatorUrl}/_aws/execute-api/${this.api.apiId}`;
    this.webhookUrls = Object.fromEntries(
      accounts.map(({ name }) => [name, `${this.baseUrl}${namesOf(this).webhookPath(name)}`]),
    );
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      // Paddle repeats what is turned away; a flood must cost little, and not use up the account's concurrency.
      throttle: { rateLimit: throttle.rate, burstLimit: throttle.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLog(logRetentionDays)),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }

  private accessLog(retention: number): LogGroup {
    return new LogGroup(this, 'AccessLog', {
      // Deliveries to names that begin so need no resource policy, of which an account may have only ten.
      logGroupName: `/aws/vendedlogs/${namesOf(this).api}`,
      retention: retention as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}
