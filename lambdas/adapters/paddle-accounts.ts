/** One Paddle client per account and precedence, with the key from where the account keeps it and its turns from the ledger. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Account } from '../domain/model.ts';
import type { Clock, Log } from '../domain/ports.ts';
import { type AccountClient, createAccountClient } from '../paddle/account-key.ts';
import { type ApiKeySource, type CredentialStore, createApiKeySource } from '../paddle/api-key.ts';
import { createPace } from '../paddle/pace.ts';
import type { Precedence } from '../paddle/throttle.ts';
import { createKnownKeys } from './dynamodb/api-keys.ts';
import { createDynamoPaceBook } from './dynamodb/pace-book.ts';

export interface PaddleAccountsOptions {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
  readonly store: CredentialStore;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  /** From how many addresses all functions together call Paddle. Absent: one. */
  readonly addresses?: number;
  /** For whoever wants to see the keys that are used. */
  readonly aroundKey?: (source: ApiKeySource, account: string) => ApiKeySource;
}

/** Per account as it is configured, and process: its connections and its key cache are shared; the pace, by all accounts. */
export function createPaddleAccounts(
  options: PaddleAccountsOptions,
): (account: Account, precedence: Precedence) => AccountClient {
  const { client, ledgerTable, store, clock, log, addresses, aroundKey = (key) => key } = options;
  const knownKeys = createKnownKeys({ client, ledgerTable });
  const paces = once((apiUrl: string) =>
    createPace({
      book: createDynamoPaceBook({ client, table: ledgerTable, apiUrl }),
      addresses,
      onFailure: (error) => log.warn('The pace of calls to Paddle could not be read or written', { apiUrl, error }),
    }),
  );
  const keys = once((account: string) => {
    const { name, apiKey: source } = JSON.parse(account) as Account;
    return aroundKey(createApiKeySource({ store, source, clock }), name);
  });
  const connect = (account: string, precedence: Precedence): AccountClient => {
    const { name, apiUrl, environment } = JSON.parse(account) as Account;
    const throttle = paces(apiUrl)(precedence);
    const apiKey = keys(account);
    return createAccountClient({ account: name, knownKeys, log, apiUrl, environment, apiKey, throttle, clock });
  };
  const clients = new Map<string, AccountClient>();
  return (account, precedence) => {
    const text = JSON.stringify(account);
    const name = `${precedence} ${text}`;
    const known = clients.get(name) ?? connect(text, precedence);
    clients.set(name, known);
    return known;
  };
}

function once<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const known = made.get(name) ?? make(name);
    made.set(name, known);
    return known;
  };
}
