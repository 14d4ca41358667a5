/** Puts the real adapters together. The only file of the reconciler that knows them. */
import { dynamoClient, secretsManagerClient, ssmClient } from '../adapters/aws-clients.ts';
import { createCredentialStore } from '../adapters/credentials.ts';
import { createKeyIds } from '../adapters/dynamo-key-id.ts';
import { createDynamoLedger } from '../adapters/dynamo-ledger.ts';
import { createDynamoRevocationCap } from '../adapters/dynamo-revocation-cap.ts';
import { createDynamoThrottle } from '../adapters/dynamo-throttle.ts';
import { createTargets } from '../adapters/targets.ts';
import { createApiKeySource, withKeyId } from '../paddle/api-key.ts';
import { createPaddleClient } from '../paddle/client.ts';
import { watchCredentials } from '../paddle/watch-credentials.ts';
import { systemClock as clock, createIds } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Meter } from '../shared/metrics.ts';
import type { Account } from './model.ts';
import type { Paddle, SiteScanner } from './ports.ts';
import type { World } from './reconcile.ts';

export interface WorldSettings {
  readonly ledgerTable: string;
  readonly auditTable: string;
  /** `host:port`s that the site scan may reach although they are private. */
  readonly scanPrivateHosts?: readonly string[];
}

export function createWorld(env: WorldSettings, tools: { log: Log; meter: Meter }): World {
  const { log } = tools;
  const client = dynamoClient();
  const { ledgerTable, auditTable } = env;
  const store = createCredentialStore({ secretsManager: secretsManagerClient, ssm: ssmClient });
  const clients = new Map<string, Paddle>();
  const keyIds = createKeyIds({ client, ledgerTable });
  /** Never in the way of a rotation: while the id is not known, `observe` takes every key of the account for ours. */
  const note = (account: string) => (keyId: string) => {
    keyIds
      .note(account, keyId)
      .catch((error) => log.warn('The id of the API key could not be noted', { account, error }));
  };
  const connect = ({ name, apiUrl, environment, apiKey: source }: Account): Paddle => {
    const paddle = createPaddleClient({
      apiUrl,
      environment,
      apiKey: withKeyId(createApiKeySource({ store, source, clock }), note(name)),
      throttle: createDynamoThrottle({
        client,
        table: ledgerTable,
        account: name,
        onReadFailure: (error) => log.warn('The throttle could not be read', { account: name, error }),
      }),
      clock,
    });
    return watchCredentials(paddle, name, tools);
  };
  return {
    ledger: createDynamoLedger({ client, ledgerTable, auditTable }),
    targets: createTargets({ ssm: ssmClient, secretsManager: secretsManagerClient }),
    scanner: lazyScanner(env.scanPrivateHosts ?? []),
    cap: createDynamoRevocationCap({ client, ledgerTable, clock }),
    clock,
    ids: createIds(),
    // One client per account, as it is configured, and process: its connections, its key cache and its view of the throttle are shared.
    paddle: (account) => {
      const key = JSON.stringify(account);
      const known = clients.get(key) ?? connect(account);
      clients.set(key, known);
      return known;
    },
  };
}

/** The parsers of HTML and JavaScript weigh on every cold start, and only a revocation needs them. */
function lazyScanner(allowPrivateHosts: readonly string[]): SiteScanner {
  let scanner: Promise<SiteScanner> | undefined;
  return {
    async scan(site, tokens) {
      scanner ??= import('../evidence/sites/scanner.ts').then((module) =>
        module.createSiteScanner({ allowPrivateHosts }),
      );
      return (await scanner).scan(site, tokens);
    },
  };
}
