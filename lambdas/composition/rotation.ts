/** Puts the real adapters together. The only file of the reconciler that knows them. */
import { dynamoClient, secretsManagerClient, ssmClient } from '../adapters/aws/clients.ts';
import { createCredentialStore } from '../adapters/aws/credentials.ts';
import { createTargets } from '../adapters/aws/targets.ts';
import { createKeyIds } from '../adapters/dynamodb/api-keys.ts';
import { createDynamoLedger } from '../adapters/dynamodb/ledger.ts';
import { createReadings } from '../adapters/dynamodb/readings.ts';
import { createDynamoRevocationCap } from '../adapters/dynamodb/revocation-cap.ts';
import { createPaddleAccounts } from '../adapters/paddle-accounts.ts';
import type { Log, Metrics } from '../domain/ports.ts';
import type { SiteScanner } from '../evidence/ports.ts';
import { type CredentialStore, withKeyId } from '../paddle/api-key.ts';
import { watchCredentials } from '../paddle/watch-credentials.ts';
import type { World } from '../rotation/reconcile.ts';
import { systemClock as clock, createIds } from '../runtime/clock.ts';

export interface WorldSettings {
  readonly ledgerTable: string;
  readonly auditTable: string;
  /** `host:port`s that the site scan may reach although they are private. */
  readonly scanPrivateHosts?: readonly string[];
  /** The function that opens pages in Chromium. Absent: no integration has sites. */
  readonly browserFunction?: string;
  /** From how many addresses all functions together call Paddle. Absent: one. */
  readonly addresses?: number;
}

export function createWorld(env: WorldSettings, tools: { log: Log; metrics: Metrics }): World {
  const { log } = tools;
  const client = dynamoClient();
  const { ledgerTable, auditTable } = env;
  const keyIds = createKeyIds({ client, ledgerTable });
  /** Never in the way of a rotation: while the id is not known, `observe` takes every key of the account for ours. */
  const note = (account: string) => (keyId: string) => {
    keyIds
      .note(account, keyId)
      .catch((error) => log.warn('The id of the API key could not be noted', { account, error }));
  };
  const store = createCredentialStore({ secretsManager: secretsManagerClient, ssm: ssmClient });
  const paddle = createPaddleAccounts({
    client,
    ledgerTable,
    store,
    clock,
    log,
    addresses: env.addresses,
    aroundKey: (source, account) => withKeyId(source, note(account)),
  });
  return {
    ledger: createDynamoLedger({ client, ledgerTable, auditTable }),
    targets: createTargets({ ssm: ssmClient, secretsManager: secretsManagerClient }),
    scanner: lazyScanner(env, store),
    cap: createDynamoRevocationCap({ client, ledgerTable, clock }),
    readings: createReadings({ client, ledgerTable, log }),
    clock,
    ids: createIds(),
    paddle(account, ours, precedence) {
      const client = paddle(account, precedence);
      if (ours !== undefined) client.owns(ours);
      return watchCredentials(client, account, tools);
    },
  };
}

/** The parsers of HTML and JavaScript weigh on every cold start, and only a revocation needs them. */
function lazyScanner(env: WorldSettings, credentials: CredentialStore): SiteScanner {
  const { scanPrivateHosts: allowPrivateHosts = [], browserFunction } = env;
  let scanner: Promise<SiteScanner> | undefined;
  const create = async () => {
    const [{ createSiteScanner }, { createLambdaBrowser }] = await Promise.all([
      import('../evidence/sites/scanner.ts'),
      import('../adapters/aws/lambda-browser.ts'),
    ]);
    const browser = browserFunction ? createLambdaBrowser(browserFunction) : undefined;
    // The local AWS runs on machines without any Chrome; AWS never does.
    const browserMayBeMissing = allowPrivateHosts.length > 0;
    return createSiteScanner({ allowPrivateHosts, credentials, browserMayBeMissing, ...(browser ? { browser } : {}) });
  };
  return {
    async scan(site, tokens) {
      scanner ??= create();
      return (await scanner).scan(site, tokens);
    },
    async watch(site, tokens) {
      scanner ??= create();
      return (await scanner).watch(site, tokens);
    },
  };
}
