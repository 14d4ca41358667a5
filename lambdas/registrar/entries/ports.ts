/** What registering by the API needs of the world. */
import type { RecordType, Target } from '../../contract.ts';
import type { Account, AuditRecord, Instant, IntegrationConfig } from '../../domain/model.ts';
import type { Ids } from '../../domain/ports.ts';
import type { Claim, ReconcileQueue, RegistryEntry } from '../register.ts';

/** Of an account alone, it names no integration. */
export type EntryRecord = Omit<AuditRecord, 'integration'> & {
  readonly integration?: string;
  readonly type: RecordType;
};

/**
 * Each write is all or nothing, with its record; the entry it replaces must be `before`, and the account of a managed integration must
 * be registered. @throws ConflictError when it is not any more
 */
export interface EntryLedger {
  account(name: string): Promise<Account | undefined>;
  config(integration: string): Promise<IntegrationConfig | undefined>;
  /** Of integrations, whoever owns them. */
  integrations(): Promise<readonly RegistryEntry[]>;
  /** Accounts that the API has registered, managed or not. */
  accounts(): Promise<readonly string[]>;
  /** Who was the last to claim the place, and each of its keys. */
  publishedAt(target: Target): Promise<readonly Claim[]>;
  putAccount(account: Account, before: Account | undefined, record: EntryRecord): Promise<void>;
  /**
   * `dueAt`: of the first state, unless there is one. `claims`: as they were read; a target that is new to the integration must be
   * claimed so still, or by nobody.
   */
  putIntegration(
    config: IntegrationConfig,
    before: IntegrationConfig | undefined,
    record: EntryRecord,
    dueAt: Instant,
    claims?: readonly Claim[],
  ): Promise<void>;
  /** The reconcile that a change owes was asked for. */
  reconcileRequested(entry: RegistryEntry): Promise<void>;
}

export interface EntryPorts {
  readonly ledger: EntryLedger;
  readonly queue: ReconcileQueue;
  readonly ids: Ids;
}

/** One call of the API. */
export interface EntryCall {
  /** Of the invocation: names the reconciles that it causes. */
  readonly requestId: string;
  readonly now: Instant;
  /** Aborted when the time is up. */
  readonly signal: AbortSignal;
  /** Names must begin with it; empty: any. */
  readonly only: string;
}

const ACTIONS = ['register', 'unregister', 'list', 'get', 'export'];

export const isEntryRequest = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'action' in event && ACTIONS.some((each) => each === event.action);
