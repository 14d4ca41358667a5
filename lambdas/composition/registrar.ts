/** The registrar with its AWS clients: what the handler exports, given where the ledger and the queue are. */
import type { Context } from 'aws-lambda';
import { dynamoClient, secretsManagerClient, sqsClient, ssmClient } from '../adapters/aws/clients.ts';
import { createCredentialStore } from '../adapters/aws/credentials.ts';
import { createReconcileQueue } from '../adapters/aws/reconcile-queue.ts';
import { createWebhookSecretStore } from '../adapters/aws/webhook-secret-store.ts';
import { createDestinationLedger, createSimulationTrail } from '../adapters/dynamodb/destinations.ts';
import { createEntryLedger, createSellerRegistry } from '../adapters/dynamodb/entries.ts';
import { createDynamoRegistry } from '../adapters/dynamodb/registry.ts';
import { createPaddleAccounts } from '../adapters/paddle-accounts.ts';
import { ENV } from '../contract.ts';
import type { Log, Metrics } from '../domain/ports.ts';
import { createNotificationSettings } from '../paddle/notification-settings.ts';
import {
  type CustomResourcePorts,
  type CustomResourceRequest,
  handleCustomResource,
  respond,
} from '../registrar/custom-resource.ts';
import { reconcileDestinations, retireEverywhere, summary } from '../registrar/destinations/all-destinations.ts';
import type { DestinationPorts } from '../registrar/destinations/ports.ts';
import { maintainSellers } from '../registrar/destinations/sellers.ts';
import { isEntryRequest } from '../registrar/entries/ports.ts';
import { tracesOf } from '../registrar/entries/traces.ts';
import { register } from '../registrar/register.ts';
import { handleAction } from '../registrar/requests.ts';
import { systemClock as clock, createIds } from '../runtime/clock.ts';
import { paddleAddresses, readEnv } from '../runtime/environment.ts';
import { aliasOf } from '../runtime/handler.ts';

type Settings = Readonly<Record<string, string | undefined>>;

interface Tools {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Kept to end the calls in flight and to answer CloudFormation (ms). */
const RESERVE = 75_000;

/** A missing setting fails the request, not the handler: CloudFormation must get its answer. */
export function createRegistrar(settings: Settings, tools: Tools) {
  return async (event: unknown, context: Context): Promise<unknown> => {
    const alias = aliasOf(context);
    if (isEntryRequest(event) || alias !== undefined)
      return handleEntries(event, { alias, settings, context, log: tools.log });
    const signal = AbortSignal.timeout(Math.max(1_000, context.getRemainingTimeInMillis() - RESERVE));
    if (isOfSellers(event)) return maintainAll(settings, tools, signal);
    if (!isCustomResource(event)) return handleAction(event, destinationPorts(settings, tools));
    await handleCustomResource(event, {
      log: tools.log,
      respond,
      signal,
      ...customResourcePorts(settings, tools, signal),
    });
    return undefined;
  };
}

const isOfSellers = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'action' in event && event.action === 'maintain-sellers';

function maintainAll(settings: Settings, tools: Tools, signal: AbortSignal) {
  const { ledgerTable } = readEnv(settings, ['ledgerTable']);
  const registry = createSellerRegistry({ client: dynamoClient(), ledgerTable });
  return maintainSellers(destinationPorts(settings, tools), registry, signal);
}

interface Way {
  readonly alias: string | undefined;
  readonly settings: Settings;
  readonly context: Context;
  readonly log: Log;
}

/** Kept to tell what was not done (ms). */
const ENTRY_RESERVE = 20_000;

/** The schema, which a deploy and the hourly maintenance need not, is loaded when it is needed. */
async function handleEntries(event: unknown, { alias, settings, context, log }: Way) {
  const { handleEntryRequest } = await import('../registrar/entries/entry-request.ts');
  const env = readEnv(settings, ['ledgerTable', 'auditTable', 'reconcileQueueUrl']);
  const client = dynamoClient();
  const ports = {
    ledger: createEntryLedger({ client, ...env }),
    queue: createReconcileQueue({ client: sqsClient(), queueUrl: env.reconcileQueueUrl }),
    ids: createIds(),
  };
  const answer = await handleEntryRequest(event, ports, {
    ...{ alias, namespace: settings[ENV.namespace], requestId: context.awsRequestId },
    now: new Date(clock.now()).toISOString(),
    signal: AbortSignal.timeout(Math.max(1_000, context.getRemainingTimeInMillis() - ENTRY_RESERVE)),
  });
  log.info('asked for entries', tracesOf(event, alias, answer));
  return answer;
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
      const { ledgerTable: table, reconcileQueueUrl: queueUrl } = readEnv(settings, [
        'ledgerTable',
        'reconcileQueueUrl',
      ]);
      const registry = createDynamoRegistry({ client: dynamoClient(), table });
      const queue = createReconcileQueue({ client: sqsClient(), queueUrl });
      return register(
        configuration,
        { registry, queue },
        { now: new Date(clock.now()).toISOString(), signal, requestId },
      );
    },
    webhooks: {
      async reconcile({ accounts }) {
        const options = { proveAnew: true, signal };
        const findings = await reconcileDestinations(accounts, destinationPorts(settings, tools), options);
        const failed = findings.filter(({ outcome }) => outcome === 'failed');
        return { summary: summary(findings), ...(failed.length > 0 ? { failed: summary(failed) } : {}) };
      },
      retire: ({ accounts }) => retireEverywhere(accounts, destinationPorts(settings, tools)),
    },
  };
}

function destinationPorts(settings: Settings, { log }: Tools): DestinationPorts {
  const env = readEnv(settings, ['ledgerTable', 'auditTable', 'webhookBaseUrl']);
  const client = dynamoClient();
  const store = createCredentialStore({ secretsManager: secretsManagerClient, ssm: ssmClient });
  const addresses = paddleAddresses(settings);
  const paddle = createPaddleAccounts({ client, ledgerTable: env.ledgerTable, store, clock, log, addresses });
  return {
    ledger: createDestinationLedger({ client, table: env.ledgerTable }),
    trail: createSimulationTrail({ client, table: env.auditTable }),
    secrets: createWebhookSecretStore(secretsManagerClient),
    paddle: (account) =>
      createNotificationSettings(paddle(account, 'schedule'), (id, faults) => {
        log.warn('Paddle lists a destination that cannot be read', { account: account.name, id, faults });
      }),
    clock,
    ids: createIds(),
    log,
    rest: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    baseUrl: env.webhookBaseUrl,
  };
}
