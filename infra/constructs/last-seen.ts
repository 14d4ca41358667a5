import { Validations } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { namesOf } from '../naming.ts';
import type { Ledger } from './ledger.ts';
import type { NodeFunction } from './node-function.ts';
import { ACCESS_LOG, publicStage } from './public-stage.ts';

/** A second, and at once; a site with more visitors lets its beacon take a sample. */
const THROTTLE = { rate: 10, burst: 20 };

export interface LastSeenProps {
  readonly fn: NodeFunction;
  readonly ledger: Ledger;
  readonly logRetentionDays: number;
  /** Of the local AWS, which answers for its APIs below its own address. Absent on AWS. */
  readonly emulatorUrl?: string;
}

/**
 * Pages -> `seen` -> ledger. An API of its own: a flood of beacons keeps no webhook out, and nothing is logged here of who visits a
 * page. Without a reserved concurrency, which a new AWS account has no room for: the throttle is the bound.
 */
export class LastSeen extends Construct {
  /** Where beacons are sent to, with the integration's name behind it. */
  readonly baseUrl: string;

  constructor(scope: Construct, id: string, { fn, ledger, logRetentionDays, emulatorUrl }: LastSeenProps) {
    super(scope, id);
    const { seen: name, seenPath } = namesOf(this);
    ledger.grantReadConfiguration(fn);
    ledger.grantNoteSeen(fn);
    const httpApi = new HttpApi(this, 'Api', {
      apiName: name,
      description: 'Receives the beacons of pages',
      createDefaultStage: false,
    });
    httpApi.addRoutes({
      path: seenPath('{integration}'),
      methods: [HttpMethod.POST],
      integration: new HttpLambdaIntegration('Receive', fn.lambda),
    });
    Validations.of(httpApi).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Every visitor of a page sends a beacon. It says no secret, and can only delay a revocation.',
    });
    publicStage(this, { httpApi, name, logRetentionDays, accessLog: ACCESS_LOG, throttle: THROTTLE });
    const root = emulatorUrl === undefined ? httpApi.apiEndpoint : `${emulatorUrl}/_aws/execute-api/${httpApi.apiId}`;
    this.baseUrl = `${root}${seenPath('')}`;
  }
}
