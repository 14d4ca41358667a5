import { brotliCompressSync, constants } from 'node:zlib';
import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { type AccountSpec, ENV, type IntegrationSpec, type RegistrarProperties } from '../../lambdas/contract.ts';
import type { NodeFunction } from './node-function.ts';

/** Up to here the configuration stays readable in the template and in `cdk diff`; above, it is compressed. */
const READABLE = 32_000;
/** The best quality takes half a minute for 10,000 integrations, and gives no less: what counts is a window that sees their likeness. */
const COMPRESSION = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS },
};
/** CloudFormation sends old and new properties in one asynchronous invocation of at most 1 MB. */
const MOST = 300_000;

export interface RegistrationProps {
  readonly fn: NodeFunction;
  readonly accounts: readonly AccountSpec[];
  readonly integrations: readonly IntegrationSpec[];
  readonly webhookBaseUrl: string;
  /** A failure at Paddle fails the deploy. */
  readonly strict: boolean;
}

/**
 * Hands the configuration to the registrar, which writes it to the ledger. The function answers CloudFormation itself:
 * a provider framework would add a function, a role with wildcards and five seconds of polling, and nothing we need.
 */
export class Registration extends Construct {
  /** How the webhooks of each account stood after the deploy, in words. */
  readonly webhooks: string;

  constructor(scope: Construct, id: string, { fn, accounts, integrations, webhookBaseUrl, strict }: RegistrationProps) {
    super(scope, id);
    fn.env(ENV.webhookBaseUrl, webhookBaseUrl);
    const properties: RegistrarProperties = {
      configuration: encode({ accounts, integrations }),
      webhookBaseUrl,
      ...(strict ? { strict: 'true' } : {}),
    };
    const resource = new CustomResource(this, 'Configuration', {
      resourceType: 'Custom::PaddlewheelConfiguration',
      serviceToken: fn.lambda.functionArn,
      // A function that died without an answer must not hold up a deploy for the default hour.
      serviceTimeout: Duration.minutes(10),
      properties: { ...properties },
    });
    // The very first call must find its permissions in place.
    resource.node.addDependency(fn.role);
    this.webhooks = resource.getAttString('webhooks');
  }
}

/** JSON, or base64 of its Brotli compression: 10,000 integrations take about 60 KB. */
export function encode(configuration: object): string {
  const json = JSON.stringify(configuration);
  const text = json.length <= READABLE ? json : brotliCompressSync(json, COMPRESSION).toString('base64');
  if (text.length > MOST) throw new RangeError('the configuration is too large for one stack, even when compressed');
  return text;
}
