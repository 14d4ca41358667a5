import { Validations } from 'aws-cdk-lib';
import { HttpApi, HttpMethod, type HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { type AccountSpec, ENV } from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';
import { grantReadCredentials } from './credentials.ts';
import type { NodeFunction } from './node-function.ts';
import { ACCESS_LOG, publicStage } from './public-stage.ts';
import type { Rooms } from './resource-names.ts';

/** Paddle's addresses are known; whoever forges is to be found. */
const WEBHOOK_ACCESS_LOG = { ...ACCESS_LOG, sourceIp: '$context.identity.sourceIp' };

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
    // Paddle repeats what is turned away.
    this.stage = publicStage(this, {
      ...{ httpApi: this.api, name: namesOf(this).api, logRetentionDays, accessLog: WEBHOOK_ACCESS_LOG, throttle },
    });
  }
}
