/** What the maintenance of the destinations needs of the world. */
import type { CredentialSource } from '../../contract.ts';
import type { Account } from '../../domain/model.ts';
import type { Clock, Ids, Log } from '../../domain/ports.ts';
import type { NotificationSettings } from '../../paddle/notification-settings.ts';
import type { DestinationRecord } from './model.ts';

export interface DestinationLedger {
  account(name: string): Promise<Account | undefined>;
  /** A fresh record when there is none. */
  load(account: string): Promise<DestinationRecord>;
  /** Stores `next` under the version after `previous`'s. @throws ConflictError when somebody else wrote first */
  save(previous: DestinationRecord, next: DestinationRecord): Promise<DestinationRecord>;
}

export interface WebhookSecretStore {
  /** The secrets in the order in which they are kept; empty when there are none yet. */
  read(source: CredentialSource): Promise<readonly string[]>;
  /** Creates or overwrites. */
  write(source: CredentialSource, secrets: readonly string[]): Promise<void>;
}

export interface SimulationTrail {
  /** Has this simulated event been stored? */
  holds(account: string, eventId: string): Promise<boolean>;
}

export interface DestinationPorts {
  readonly ledger: DestinationLedger;
  readonly secrets: WebhookSecretStore;
  readonly trail: SimulationTrail;
  readonly paddle: (account: Account) => NotificationSettings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** ms -> done. */
  readonly rest: (ms: number) => Promise<void>;
  /** Of the API, without a trailing slash. */
  readonly baseUrl: string;
}
