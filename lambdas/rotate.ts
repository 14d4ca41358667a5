/** Handler of `paddlewheel-rotate`: the reconcile queue, people and pipelines -> Paddle, the targets, the ledger. */
import type { Context } from 'aws-lambda';
import { dynamoClient, sqsClient } from './adapters/aws/clients.ts';
import { createDeliveries } from './adapters/aws/reconcile-queue.ts';
import { createCheckAnswers } from './adapters/dynamodb/checks.ts';
import { createWorld } from './composition/rotation.ts';
import { ENV, NAMES } from './contract.ts';
import { createInvocation } from './rotation/invocation.ts';
import { answeringWidgets } from './rotation/widget.ts';
import { paddleAddresses, readEnv } from './runtime/environment.ts';
import { aliasOf, instruments, wrapHandler } from './runtime/handler.ts';

const env = readEnv(process.env, ['ledgerTable', 'auditTable', 'reconcileQueueUrl']);
const tools = instruments(NAMES.rotate);
const scanPrivateHosts = process.env[ENV.scanPrivateHosts]?.split(',').filter((host) => host !== '');
const browserFunction = process.env[ENV.browserFunction] || undefined;
const addresses = paddleAddresses(process.env);
const deliveries = createDeliveries({ client: sqsClient(), queueUrl: env.reconcileQueueUrl });
const world = createWorld({ ...env, scanPrivateHosts, browserFunction, addresses }, tools);
const answers = createCheckAnswers({ client: dynamoClient(), ledgerTable: env.ledgerTable });
const handle = answeringWidgets(createInvocation({ world, deliveries, answers, ...tools }));
export const handler = wrapHandler(
  (event: unknown, context: Context) => handle(event, context.awsRequestId, aliasOf(context)),
  tools,
);
