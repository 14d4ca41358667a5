/** What a check of the evidence gate gets, and answers. */
import type {
  Account,
  EvidenceItem,
  Instant,
  IntegrationConfig,
  IntegrationState,
  PaddleToken,
  ScanRound,
  Token,
} from '../domain/model.ts';
import type { RevocationCap, SeenReports, SiteScanner, TargetReader, UsageReports } from './ports.ts';

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

/** What Paddle says of a token; `readAt` where it said so earlier, in a list. */
export interface Health {
  get(tokenId: string): Promise<(Pick<PaddleToken, 'status'> & { readonly readAt?: Instant }) | undefined>;
}

/** A finding, and where a scan goes on that one run was too short for. */
export type Finding = EvidenceItem & { readonly round?: ScanRound };

export interface EvidenceSources {
  readonly paddle: Health;
  readonly targets: TargetReader;
  readonly ledger: UsageReports & SeenReports;
  readonly scanner: SiteScanner;
  readonly cap: RevocationCap;
  /** Milliseconds that this run may still gather evidence. Absent: as long as it takes. */
  readonly timeLeft?: () => number;
}

/** `undefined`: the check does not apply to this case. */
export type Check = (subject: Case, sources: EvidenceSources) => Promise<Finding | undefined>;
