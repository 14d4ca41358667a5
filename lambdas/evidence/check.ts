/** What a check of the evidence gate gets, and answers. */
import type { Account, EvidenceItem, Instant, IntegrationConfig, IntegrationState, Token } from '../domain/model.ts';
import type { Paddle } from '../paddle/client-tokens.ts';
import type { RevocationCap, SiteScanner, TargetReader, UsageReports } from './ports.ts';

export interface Case {
  readonly now: Instant;
  readonly account: Account;
  readonly config: IntegrationConfig;
  readonly state: IntegrationState;
  /** The token that is to be revoked. */
  readonly token: Token;
  /** The token that must be in use instead. */
  readonly current: Token;
}

export interface EvidenceSources {
  readonly paddle: Pick<Paddle, 'get'>;
  readonly targets: TargetReader;
  readonly ledger: UsageReports;
  readonly scanner: SiteScanner;
  readonly cap: RevocationCap;
}

/** `undefined`: the check does not apply to this case. */
export type Check = (subject: Case, sources: EvidenceSources) => Promise<EvidenceItem | undefined>;
