/** One Paddle client per account, with the key from where the account keeps it and the throttle of the ledger. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Account } from '../domain/model.ts';
import type { Clock, Log } from '../domain/ports.ts';
import { type ApiKeySource, type CredentialStore, createApiKeySource } from '../paddle/api-key.ts';
import { createPaddleClient, type PaddleClient } from '../paddle/client.ts';
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
export function createPaddleAccounts(options: PaddleAccountsOptions): (account: Account) => PaddleClient {
  const { client, ledgerTable, store, clock, log, aroundKey = (key) => key } = options;
  const clients = new Map<string, PaddleClient>();
  const connect = ({ name, apiUrl, environment, apiKey: source }: Account): PaddleClient =>
    createPaddleClient({
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
