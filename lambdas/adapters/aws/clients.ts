/**
 * The AWS clients, made on first use from the function's environment (region, credentials, `AWS_ENDPOINT_URL`).
 * One function per client, so that a bundle holds only the clients its handler asks for.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

const ATTEMPTS = 3;
const CONNECT_MS = 1_000;
const ANSWER_MS = 3_000;
/** No call of these clients lasts longer (ms): three attempts, and the pauses of the standard retry between them. */
export const AWS_CALL_BOUND_MS = ATTEMPTS * (CONNECT_MS + ANSWER_MS) + 3_000;

/**
 * Settings that every client shares. The handler is the SDK's own over `node:https` with keep-alive. Without
 * `throwOnRequestTimeout` it only warns about a late answer and goes on waiting.
 */
export const clientSettings = {
  maxAttempts: ATTEMPTS,
  retryMode: 'standard',
  requestHandler: {
    connectionTimeout: CONNECT_MS,
    requestTimeout: ANSWER_MS,
    socketTimeout: ANSWER_MS,
    throwOnRequestTimeout: true,
  },
} as const;

let dynamo: DynamoDBClient | undefined;
export function dynamoClient(): DynamoDBClient {
  dynamo ??= new DynamoDBClient(clientSettings);
  return dynamo;
}

const ssm = new Map<string | undefined, SSMClient>();
/** @param region of what is asked for by its ARN. Default: the function's own */
export function ssmClient(region?: string): SSMClient {
  const client = ssm.get(region) ?? new SSMClient(region ? { ...clientSettings, region } : clientSettings);
  ssm.set(region, client);
  return client;
}

const secretsManager = new Map<string | undefined, SecretsManagerClient>();
/** @param region of what is asked for by its ARN. Default: the function's own */
export function secretsManagerClient(region?: string): SecretsManagerClient {
  const settings = region ? { ...clientSettings, region } : clientSettings;
  const client = secretsManager.get(region) ?? new SecretsManagerClient(settings);
  secretsManager.set(region, client);
  return client;
}

let sqs: SQSClient | undefined;
export function sqsClient(): SQSClient {
  sqs ??= new SQSClient(clientSettings);
  return sqs;
}

let eventBridge: EventBridgeClient | undefined;
export function eventBridgeClient(): EventBridgeClient {
  eventBridge ??= new EventBridgeClient(clientSettings);
  return eventBridge;
}
