/** Door of `paddlewheel-registrar`: a deploy hands over its configuration. */
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { NAMES } from './contract.ts';
import { type CustomResourceRequest, handleCustomResource, respond } from './registrar/custom-resource.ts';
import { createRegister } from './registrar/wire.ts';

const requestHandler = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };
const dynamo = new DynamoDBClient({ maxAttempts: 5, requestHandler });
const sqs = new SQSClient({ maxAttempts: 5, requestHandler });
const log = new Logger({ serviceName: NAMES.registrar });
/** Kept to end the calls in flight and to answer CloudFormation (ms). */
const RESERVE = 75_000;

export const handler = (request: CustomResourceRequest, context: Context): Promise<void> => {
  const signal = AbortSignal.timeout(Math.max(1_000, context.getRemainingTimeInMillis() - RESERVE));
  const deploy = { now: new Date().toISOString(), signal };
  return handleCustomResource(request, {
    log,
    respond,
    register: createRegister({ dynamo, sqs }, process.env, deploy),
  });
};
