/** What the backfill needs of the world. */

import type { Account, IntegrationState, PaddleToken } from '../domain/model.ts';
import type { Clock, Log, Metrics, ReconcileQueue, TokenReports } from '../domain/ports.ts';
import type { Events } from '../paddle/events.ts';
import type { TrailItem } from '../paddle/webhook-record.ts';
import type { Watermark } from './watermark.ts';

export interface BackfillLedger {
  account(name: string): Promise<Account | undefined>;
  /** Names of the accounts that the API has registered, managed or not. */
  sellers(): Promise<readonly string[]>;
  /** The states of the account's managed integrations, whether or not they hold tokens. */
  states(account: string): Promise<readonly IntegrationState[]>;
  /** A fresh one when there is none. */
  watermark(account: string): Promise<Watermark>;
  /** @throws ConflictError when another run wrote first */
  save(previous: Watermark, next: Watermark): Promise<void>;
}

export interface BackfillTrail {
  /** As a webhook's: one conditional put. An event that is there under a neighbouring instant is a duplicate, too. */
  append(item: TrailItem): Promise<'stored' | 'duplicate'>;
  /** Once per token, however often it is reported. */
  reportForeign(account: string, token: PaddleToken, now: string): Promise<'stored' | 'duplicate'>;
}

/** An item of the list of tokens that is none, as far as we can see. */
export interface UnreadableToken {
  readonly item: unknown;
  readonly faults: readonly string[];
  /** Of the token, if that much can be read: it is in the list all the same. */
  readonly id: string | undefined;
}

export interface PaddleHistory extends Events {
  /** Every active token of the account. */
  activeTokens(): Promise<{ readonly tokens: readonly PaddleToken[]; readonly unreadable: readonly UnreadableToken[] }>;
}

export interface BackfillPorts {
  readonly ledger: BackfillLedger;
  readonly trail: BackfillTrail;
  readonly reports: TokenReports;
  readonly queue: ReconcileQueue;
  readonly paddle: (account: Account) => PaddleHistory;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}
