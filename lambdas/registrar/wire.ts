/** The registrar with its AWS clients: what the door exports, given where the ledger and the queue are. */
import type { Context } from 'aws-lambda';
import { dynamoClient, secretsManagerClient, sqsClient, ssmClient } from '../adapters/aws-clients.ts';
import { createCredentialStore } from '../adapters/credentials.ts';
import { createPaddleAccounts } from '../adapters/paddle-accounts.ts';
import { createLookQueue } from '../adapters/sqs-look-queue.ts';
import { createWebhookSecretStore } from '../adapters/webhook-secret-store.ts';
import { METRICS } from '../contract.ts';
import { createNotificationSettings } from '../paddle/notification-settings.ts';
import { systemClock as clock, createIds } from '../shared/clock.ts';
import { readEnv } from '../shared/env.ts';
import type { Log } from '../shared/log.ts';
import type { Meter } from '../shared/metrics.ts';
import {
  type CustomResourcePorts,
  type CustomResourceRequest,
  handleCustomResource,
  respond,
} from './custom-resource.ts';
import { refuse, retireEverywhere, summary, tendAll } from './destinations/care.ts';
import { createDestinationLedger, createSimulationTrail } from './destinations/dynamo-destinations.ts';
import type { CarePorts } from './destinations/ports.ts';
import { createDynamoRegistry } from './dynamo-registry.ts';
import { register } from './register.ts';
import { handleAction } from './requests.ts';

type Settings = Readonly<Record<string, string | undefined>>;

interface Tools {
  readonly log: Log;
  readonly meter: Meter;
}

/** Kept to end the calls in flight and to answer CloudFormation (ms). */
const RESERVE = 75_000;

/** A missing setting fails the request, not the handler: CloudFormation must get its answer. */
export function createRegistrar(settings: Settings, tools: Tools) {
  return async (event: unknown, context: Context): Promise<unknown> => {
    if (!isCustomResource(event)) return handleAction(event, carePorts(settings, tools));
    const signal = AbortSignal.timeout(Math.max(1_000, context.getRemainingTimeInMillis() - RESERVE));
    await handleCustomResource(event, { log: tools.log, respond, ...customResourcePorts(settings, tools, signal) });
    return undefined;
  };
}

const isCustomResource = (event: unknown): event is CustomResourceRequest =>
  typeof event === 'object' && event !== null && 'ResponseURL' in event && 'RequestType' in event;

function customResourcePorts(
  settings: Settings,
  tools: Tools,
  signal: AbortSignal,
): Pick<CustomResourcePorts, 'register' | 'webhooks'> {
  return {
    register: async (configuration, requestId) => {
      const { ledgerTable: table, lookQueueUrl: queueUrl } = readEnv(settings, ['ledgerTable', 'lookQueueUrl']);
      const registry = createDynamoRegistry({ client: dynamoClient(), table });
      const looks = createLookQueue({ client: sqsClient(), queueUrl });
      return register(
        configuration,
        { registry, looks },
        { now: new Date(clock.now()).toISOString(), signal, requestId },
      );
    },
    webhooks: {
      async tend({ accounts }) {
        const findings = await tendAll(accounts, carePorts(settings, tools), { proveAnew: true, signal });
        refuse(findings, ['failed']);
        return summary(findings);
      },
      retire: ({ accounts }) => retireEverywhere(accounts, carePorts(settings, tools)),
    },
  };
}

function carePorts(settings: Settings, { log, meter }: Tools): CarePorts {
  const env = readEnv(settings, ['ledgerTable', 'auditTable', 'webhookBaseUrl']);
  const client = dynamoClient();
  const store = createCredentialStore({ secretsManager: secretsManagerClient, ssm: ssmClient });
  const paddle = createPaddleAccounts({ client, ledgerTable: env.ledgerTable, store, clock, log });
  return {
    ledger: createDestinationLedger({ client, table: env.ledgerTable }),
    trail: createSimulationTrail({ client, table: env.auditTable }),
    secrets: createWebhookSecretStore(secretsManagerClient),
    paddle: (account) =>
      createNotificationSettings(paddle(account), (id, faults) => {
        meter.countFor(METRICS.webhookRefused, 'request', 'unreadable');
        log.warn('Paddle lists a destination that cannot be read', { account: account.name, id, faults });
      }),
    clock,
    ids: createIds(),
    log,
    rest: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    baseUrl: env.webhookBaseUrl,
  };
}
