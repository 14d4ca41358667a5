/**
 * Stands in for the rules by which each client of the SDK finds its service: 20 KB in every bundle, interpreted at every call.
 * For what the functions call, the answer is one line. A test compares it with the SDK's own rules, in all regions that these know.
 */
export interface Wanted {
  readonly Region?: string;
  /** `AWS_ENDPOINT_URL`, or what a client was made with. */
  readonly Endpoint?: string;
  /** `AWS_USE_FIPS_ENDPOINT` */
  readonly UseFIPS?: boolean;
  /** `AWS_USE_DUALSTACK_ENDPOINT` */
  readonly UseDualStack?: boolean;
}

export interface Endpoint {
  readonly url: URL;
  readonly properties: Readonly<Record<string, never>>;
  readonly headers: Readonly<Record<string, never>>;
}

/** How the regions begin -> what names end with there: by IPv4, and by either. All others are as the last. */
const PARTITIONS: readonly (readonly [region: RegExp, suffix: string, dualStack: string])[] = [
  [/^cn-/, 'amazonaws.com.cn', 'api.amazonwebservices.com.cn'],
  [/^eusc-/, 'amazonaws.eu', 'api.amazonwebservices.eu'],
  [/^us-iso-/, 'c2s.ic.gov', 'api.aws.ic.gov'],
  [/^us-isob-/, 'sc2s.sgov.gov', 'api.aws.scloud'],
  [/^eu-isoe-/, 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk'],
  [/^us-isof-/, 'csp.hci.ic.gov', 'api.aws.hci.ic.gov'],
  [/^/, 'amazonaws.com', 'api.aws'],
];

/** In GovCloud these speak FIPS under their plain name, and EventBridge under no other. */
const PLAIN_IN_GOVCLOUD = /^(?:dynamodb|ssm|sqs|events)$/;

function hostOf(service: string, region: string, isFips: boolean, isDual: boolean): string {
  const [, suffix, dualStack] = PARTITIONS.find(([begins]) => begins.test(region)) as (typeof PARTITIONS)[number];
  const isPlain = region.startsWith('us-gov-') && PLAIN_IN_GOVCLOUD.test(service) && (!isDual || service === 'events');
  // It answers by IPv4 and IPv6 under one name.
  const isOne = service === 'secretsmanager' && suffix.startsWith('amazonaws.com');
  return `${service}${isFips && !isPlain ? '-fips' : ''}.${region}.${isDual && !isOne ? dualStack : suffix}`;
}

/** @param service as its host name begins */
export function endpointsOf(service: string): (wanted: Wanted) => Endpoint {
  return ({ Region, Endpoint, UseFIPS = false, UseDualStack = false }) => {
    if (Endpoint !== undefined && (UseFIPS || UseDualStack))
      throw new Error('an endpoint of your own excludes AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT');
    if (Endpoint === undefined && !Region) throw new Error('no region in the environment (AWS_REGION)');
    const href = Endpoint ?? `https://${hostOf(service, Region as string, UseFIPS, UseDualStack)}`;
    return { url: new URL(href), properties: {}, headers: {} };
  };
}
