/** Puts the real adapters together. The only file of the reconciler that knows them. */
import { dynamoClient, secretsManagerClient, ssmClient } from '../adapters/aws-clients.ts';
import { createCredentialStore } from '../adapters/credentials.ts';
import { createDynamoLedger } from '../adapters/dynamo-ledger.ts';
import { createDynamoRevocationCap } from '../adapters/dynamo-revocation-cap.ts';
import { createPaddleAccounts } from '../adapters/paddle-accounts.ts';
import { createTargets } from '../adapters/targets.ts';
import { createSiteScanner } from '../evidence/sites/scanner.ts';
import { systemClock as clock, createIds } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { World } from './reconcile.ts';

export interface WorldSettings {
  readonly ledgerTable: string;
  readonly auditTable: string;
  /** `host:port`s that the site scan may reach although they are private. */
  readonly scanPrivateHosts?: readonly string[];
}

export function createWorld(env: WorldSettings, log: Log): World {
  const client = dynamoClient();
  const { ledgerTable, auditTable } = env;
  const store = createCredentialStore({ secretsManager: secretsManagerClient, ssm: ssmClient });
  return {
    ledger: createDynamoLedger({ client, ledgerTable, auditTable }),
    targets: createTargets({ ssm: ssmClient, secretsManager: secretsManagerClient }),
    scanner: createSiteScanner({ allowPrivateHosts: env.scanPrivateHosts ?? [] }),
    cap: createDynamoRevocationCap({ client, ledgerTable, clock }),
    clock,
    ids: createIds(),
    paddle: createPaddleAccounts({ client, ledgerTable, store, clock, log }),
  };
}
