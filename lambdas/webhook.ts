/** Door of `paddlewheel-webhook`: API Gateway (HTTP API, payload 2.0) -> the audit trail. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createCredentialReader } from './adapters/credentials.ts';
import { createWebhookTrail, withinPaddlesPatience } from './adapters/dynamo-webhook-trail.ts';
import { NAMES } from './contract.ts';
import { systemClock as clock } from './shared/clock.ts';
import { door } from './shared/door.ts';
import { readEnv } from './shared/env.ts';
import { createLogger } from './shared/log.ts';
import { createMeter } from './shared/metrics.ts';
import { createIngest } from './webhook/ingest.ts';
import { verifySignature as verify } from './webhook/verify-signature.ts';
import { parseWebhookSources, WebhookSecrets } from './webhook/webhook-secrets.ts';

const env = readEnv(process.env, ['auditTable', 'webhookSecrets']);
const [log, meter] = [createLogger(NAMES.webhook), createMeter()];
const trail = createWebhookTrail({ client: new DynamoDBClient(withinPaddlesPatience), table: env.auditTable });
const secrets = new WebhookSecrets(parseWebhookSources(env.webhookSecrets), createCredentialReader(), clock);
const ingest = createIngest({ secrets, verify, trail, clock, log, meter });
// Paddle waits 5 s, cold start included; what is opened while the function starts is not waited for again.
const warmed = Promise.all([trail.warm(), secrets.warm(4)]);
export const handler = door<Parameters<typeof ingest>[0], unknown>((event) => warmed.then(() => ingest(event)), {
  log,
  meter,
});
