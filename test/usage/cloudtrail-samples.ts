/** Events as EventBridge delivers them, after the examples of the AWS documentation; only ids and names are ours. */

type Identity = Readonly<Record<string, unknown>>;

export const ROTATE_ROLE = 'arn:aws:iam::123456789012:role/Paddlewheel-RotateRole1A2B3C4D-abcdEFGH1234';

export const assumedRole = (
  name: string,
  arn = `arn:aws:iam::123456789012:role/${name}`,
  account = '123456789012',
) => ({
  type: 'AssumedRole',
  principalId: `AROA4EXAMPLEEXAMPLEID:${name}-session`,
  arn: `arn:aws:sts::${account}:assumed-role/${name}/${name}-session`,
  accountId: account,
  accessKeyId: 'ASIAEXAMPLEEXAMPLEID',
  sessionContext: {
    sessionIssuer: { type: 'Role', principalId: 'AROA4EXAMPLEEXAMPLEID', arn, accountId: account, userName: name },
    attributes: { creationDate: '2026-11-22T03:00:00Z', mfaAuthenticated: 'false' },
  },
});

export const iamUser = (name: string) => ({
  type: 'IAMUser',
  principalId: 'AIDAEXAMPLEEXAMPLEID',
  arn: `arn:aws:iam::123456789012:user/${name}`,
  accountId: '123456789012',
  accessKeyId: 'AKIAEXAMPLEEXAMPLEID',
  userName: name,
});

interface Sample {
  readonly who?: Identity;
  /** Seconds are as fine as CloudTrail is. */
  readonly at?: string;
  readonly errorCode?: string;
}

function event(service: 'ssm' | 'secretsmanager', eventName: string, requestParameters: object | null, sample: Sample) {
  const { who = assumedRole('shop-build'), at = '2026-11-22T03:10:00Z', errorCode } = sample;
  return {
    version: '0',
    id: '5f3c8a1e-0d4c-4a6b-9b53-6a6f7b1e2d3c',
    'detail-type': 'AWS API Call via CloudTrail',
    source: `aws.${service}`,
    account: '123456789012',
    time: at,
    region: 'eu-west-1',
    resources: [],
    detail: {
      eventVersion: '1.11',
      userIdentity: who,
      eventTime: at,
      eventSource: `${service}.amazonaws.com`,
      eventName,
      awsRegion: 'eu-west-1',
      sourceIPAddress: '203.0.113.7',
      userAgent: 'aws-sdk-js/3.1162.0 ua/2.1 os/linux lang/js md/nodejs#24.21.0',
      ...(errorCode && { errorCode, errorMessage: 'User is not authorized to perform this' }),
      requestParameters,
      responseElements: null,
      requestID: 'a1f28efd-9f5b-4a13-9878-86f57de594dc',
      eventID: '587e6d58-a653-4fd9-859f-367dc1bad98c',
      readOnly: true,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: '123456789012',
      eventCategory: 'Management',
      tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256' },
    },
  };
}

export const PARAMETER = '/paddle/pricing-page/client-token';
export const SECRET = 'paddle/pricing-page/client-token';
export const PARAMETER_ARN = `arn:aws:ssm:eu-west-1:123456789012:parameter${PARAMETER}`;
export const SECRET_ARN = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${SECRET}-Ab3dE6`;

export const getParameter = (name = PARAMETER, sample: Sample = {}) =>
  event('ssm', 'GetParameter', { name, withDecryption: true }, sample);
export const getParameters = (names: readonly string[], sample: Sample = {}) =>
  event('ssm', 'GetParameters', { names, withDecryption: true }, sample);
export const getParametersByPath = (path: string, recursive?: boolean, sample: Sample = {}) =>
  event('ssm', 'GetParametersByPath', { path, ...(recursive !== undefined && { recursive }), maxResults: 10 }, sample);
export const getSecretValue = (secretId = SECRET, more: object = {}, sample: Sample = {}) =>
  event('secretsmanager', 'GetSecretValue', { secretId, ...more }, sample);
export const batchGetSecretValue = (request: object, sample: Sample = {}) =>
  event('secretsmanager', 'BatchGetSecretValue', request, sample);
export const refused = () => event('ssm', 'GetParameter', null, { errorCode: 'AccessDenied' });
