/** Handler of `paddlewheel-webhook`: API Gateway (HTTP API, payload 2.0) -> the audit trail. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createCredentialStore } from './adapters/aws/credentials.ts';
import { createSecretDirectory } from './adapters/dynamodb/seller-secrets.ts';
import { createWebhookTrail, withinPaddlesPatience } from './adapters/dynamodb/webhook-trail.ts';
import { ENV, NAMES } from './contract.ts';
import { systemClock as clock } from './runtime/clock.ts';
import { readEnv } from './runtime/environment.ts';
import { instruments, wrapHandler } from './runtime/handler.ts';
import { createIngest } from './webhook/ingest.ts';
import { verifySignature as verify } from './webhook/verify-signature.ts';
import { parseWebhookSources, WebhookSecrets } from './webhook/webhook-secrets.ts';

const env = readEnv(process.env, ['auditTable', 'webhookSecrets']);
const tools = instruments(NAMES.webhook);
const client = new DynamoDBClient(withinPaddlesPatience);
const trail = createWebhookTrail({ client, table: env.auditTable });
// Set when accounts can be registered without a deploy.
const ledgerTable = process.env[ENV.ledgerTable];
const directory = ledgerTable ? createSecretDirectory({ client, ledgerTable }) : undefined;
const sources = parseWebhookSources(env.webhookSecrets, directory !== undefined);
const secrets = new WebhookSecrets(sources, createCredentialStore(), clock, directory);
const ingest = createIngest({ secrets, verify, trail, clock, ...tools });
// Paddle waits 5 s, cold start included. Both begin while the function starts; a reading under way is shared by whoever needs it.
const warmed = trail.warm();
void secrets.warm(4);
export const handler = wrapHandler(async (event: APIGatewayProxyEventV2) => warmed.then(() => ingest(event)), tools);
