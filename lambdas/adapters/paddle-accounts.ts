/** One Paddle client per account, with the key from where the account keeps it and the throttle of the ledger. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Account } from '../domain/model.ts';
import type { Clock, Log } from '../domain/ports.ts';
import { type AccountClient, createAccountClient } from '../paddle/account-key.ts';
import { type ApiKeySource, type CredentialStore, createApiKeySource } from '../paddle/api-key.ts';
import { createKnownKeys } from './dynamodb/api-keys.ts';
import { createDynamoThrottle } from './dynamodb/throttle.ts';

export interface PaddleAccountsOptions {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
  readonly store: CredentialStore;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  /** For whoever wants to see the keys that are used. */
  readonly aroundKey?: (source: ApiKeySource, account: string) => ApiKeySource;
}

/** Per account as it is configured, and process: its connections, its key cache and its view of the throttle are shared. */
export function createPaddleAccounts(options: PaddleAccountsOptions): (account: Account) => AccountClient {
  const { client, ledgerTable, store, clock, log, aroundKey = (key) => key } = options;
  const knownKeys = createKnownKeys({ client, ledgerTable });
  const clients = new Map<string, AccountClient>();
  const connect = ({ name, apiUrl, environment, apiKey: source }: Account): AccountClient =>
    createAccountClient({
      account: name,
      knownKeys,
      log,
      apiUrl,
      environment,
      apiKey: aroundKey(createApiKeySource({ store, source, clock }), name),
      throttle: createDynamoThrottle({
        client,
        table: ledgerTable,
        account: name,
        onReadFailure: (error) => log.warn('The throttle could not be read', { account: name, error }),
      }),
      clock,
    });
  return (account) => {
    const key = JSON.stringify(account);
    const known = clients.get(key) ?? connect(account);
    clients.set(key, known);
    return known;
  };
}
