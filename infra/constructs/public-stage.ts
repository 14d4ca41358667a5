import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type HttpApi, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** What is logged of a request: how it went and how long it took. Never the body, a signature or the address's query. */
export const ACCESS_LOG = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  path: '$context.path',
  status: '$context.status',
  responseLatency: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationError: '$context.integrationErrorMessage',
};

export interface PublicStageProps {
  readonly httpApi: HttpApi;
  readonly name: string;
  readonly logRetentionDays: number;
  readonly accessLog: Readonly<Record<string, string>>;
  readonly throttle: { readonly rate: number; readonly burst: number };
}

/** The stage of an API that anybody may call: a flood must cost little, and not use up the account's concurrency. */
export function publicStage(scope: Construct, props: PublicStageProps): HttpStage {
  const { httpApi, name, logRetentionDays, accessLog, throttle } = props;
  return new HttpStage(scope, 'Stage', {
    httpApi,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: throttle.rate, burstLimit: throttle.burst },
    accessLogSettings: {
      destination: new LogGroupLogDestination(
        new LogGroup(scope, 'AccessLog', {
          // Deliveries to names that begin so need no resource policy, of which an account may have only ten.
          logGroupName: `/aws/vendedlogs/${name}`,
          retention: logRetentionDays as RetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
      format: AccessLogFormat.custom(JSON.stringify(accessLog)),
    },
  });
}
