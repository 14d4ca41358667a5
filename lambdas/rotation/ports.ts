/**
 * What the reconciler needs of the world, as small as it can be. Adapters implement these; `test/fakes/` holds
 * stateful fakes, and `test/contracts/` holds the suites that both must pass.
 */
import type {
  Account,
  AuditRecord,
  HookCall,
  Instant,
  IntegrationConfig,
  IntegrationState,
  StoredReport,
  Target,
} from '../domain/model.ts';
import type { TokenReports } from '../domain/ports.ts';
import type { EvidenceSources, Health } from '../evidence/check.ts';
import type { SeenReports, TargetReader, UsageReports } from '../evidence/ports.ts';
import type { Paddle } from '../paddle/client-tokens.ts';

/** What was said about an integration's tokens, until Paddle has answered. */
export interface ReportsInbox {
  /** Read consistently; a bounded number, the rest once these are answered. */
  reports(integration: string): Promise<readonly StoredReport[]>;
  /** Paddle has answered, and what it said is in the state: the report goes, unless another has taken its place. */
  answered(report: StoredReport): Promise<void>;
}

/** The messages of the reconcile queue, as the run that answers one sees it. */
export interface Deliveries {
  /** Nobody else is handed the message within so many seconds; then, unless it was answered, somebody is. */
  comeBackIn(receiptHandle: string, seconds: number): Promise<void>;
}

/** The ledger as the reconciler uses it. */
export interface Ledger extends UsageReports, SeenReports, TokenReports, ReportsInbox {
  /** Configuration and state, read consistently. `undefined`: no such integration was ever configured. */
  load(integration: string): Promise<{ config: IntegrationConfig; state: IntegrationState } | undefined>;
  account(name: string): Promise<Account | undefined>;
  /** The latest call of each deploy hook that was answered 2xx. */
  hookCalls(integration: string): Promise<readonly HookCall[]>;
  /**
   * Stores `next` (whose `version` is `previous.version + 1`) together with its audit records, all or nothing.
   * `claims`: tokens that this integration takes possession of in the same transaction.
   * @throws ConflictError when the stored version is not `previous.version`
   * @throws TokenTakenError when a claimed token belongs to another integration
   */
  save(
    previous: IntegrationState,
    next: IntegrationState,
    records: readonly AuditRecord[],
    claims: readonly TokenClaim[],
  ): Promise<void>;
  /** The integration that owns a token, if any does. */
  owner(tokenId: string): Promise<string | undefined>;
  /**
   * What our own records say of a token that no state knows. Its name alone proves nothing: anyone can write one.
   * `intended`: the integration began the rotation, and the token was never heard of: a late twin of its mint.
   * `taken`: another integration has it.
   * `known`: the token was minted, adopted or published once, so the state has forgotten it. It may be in use.
   */
  provenance(integration: string, rotationId: string, tokenId: string): Promise<Provenance>;
}

export type Provenance = 'intended' | 'taken' | 'known' | 'none';

export interface TokenClaim {
  readonly tokenId: string;
  readonly integration: string;
  readonly rotationId: string;
}

export class TokenTakenError extends Error {
  override readonly name = 'TokenTakenError';
  readonly tokenId: string;
  constructor(tokenId: string, owner: string, options?: { cause?: unknown }) {
    super(`${tokenId} belongs to ${owner}`, options);
    this.tokenId = tokenId;
  }
}

/** SSM and Secrets Manager. */
export interface Targets extends TargetReader {
  /**
   * Creates or overwrites. `idempotencyKey` names the rotation: the same key with the same value is one version.
   * @throws RefusedError when something else than a client-side token of the same environment would be lost
   */
  write(target: Target, value: string, idempotencyKey: string): Promise<void>;
}

/** What a page of Paddle's list showed, for all runs of the account. */
export interface Reading {
  readonly readAt: Instant;
  /** Ids of active tokens, ascending. */
  readonly active: readonly string[];
}

/** Throws nothing: who finds no reading asks Paddle. */
export interface Readings {
  find(account: string): Promise<Reading | undefined>;
  store(account: string, reading: Reading): Promise<void>;
}

/** Everything outside that a decision may touch. */
export interface Effects extends EvidenceSources {
  readonly paddle: Paddle;
  /** Where the health of a current token is read. Absent: `paddle`. */
  readonly health?: Health;
  readonly targets: Targets;
  readonly ledger: Pick<Ledger, 'usage' | 'seen' | 'provenance' | 'hookCalls'>;
}
