/** A client-side token: as the ledger keeps it, as somebody reports it, as Paddle answers it. */
import type { Instant } from './instant.ts';

/**
 * `minted -> current -> superseded -> revoking -> revoked`, or `orphan -> revoking -> revoked`.
 * `revoking`: the decision with its evidence is recorded, the PATCH may or may not have happened.
 */
export type TokenStatus = 'minted' | 'current' | 'superseded' | 'orphan' | 'revoking' | 'revoked';

export interface Hold {
  readonly reason: string;
  readonly message: string;
  readonly since: Instant;
  readonly attempts: number;
  readonly nextCheckAt: Instant;
}

/** A hold that a person placed: it stands until a person releases it. */
export interface ManualHold {
  readonly reason: string;
  readonly requestedBy?: string;
  readonly since: Instant;
}

/** Sites that were found clean, in the order of the configuration: the next run goes on with the one after them. */
export interface ScanRound {
  /** Digest of what is scanned for what: another configuration or another current token begins anew. */
  readonly of: string;
  readonly scanned: number;
  readonly since: Instant;
  readonly at: Instant;
  /** Of these sites, the one of which a cache may keep an older page the longest. */
  readonly cached?: CachedSite;
}

export interface CachedSite {
  readonly url: string;
  readonly cache: {
    readonly url: string;
    readonly by: 'http' | 'service-worker';
    readonly header: string;
    /** Absent: there is no end to it. */
    readonly seconds?: number;
  };
}

export interface Token {
  readonly id: string;
  /** Public, but not for logs. */
  readonly value: string;
  readonly name: string;
  readonly origin: 'minted' | 'adopted';
  readonly rotationId: string;
  readonly status: TokenStatus;
  readonly createdAt: Instant;
  readonly publishedAt?: Instant;
  /** First seen in use: reported by a consumer or found live by a scan. */
  readonly deployedAt?: Instant;
  readonly supersededAt?: Instant;
  readonly supersededBy?: string;
  /** When a target was last found to hold the token, or may have held it, although it was not the current one. */
  readonly servedAt?: Instant;
  /** When all targets were next found to hold the current token instead. Absent: some may hold this one still. */
  readonly servedUntil?: Instant;
  /** Never earlier than this. Absent: not to be revoked yet (for `graceFrom: 'deployed'`, the clock has not started). */
  readonly revokeAfter?: Instant;
  /** Set by an emergency rotation: no grace and no evidence for this token. */
  readonly emergency?: { readonly reason: string; readonly requestedBy?: string };
  readonly hold?: Hold;
  readonly manualHold?: ManualHold;
  /** Clean scans so far, for evidence that is spread over time. */
  readonly cleanScans?: readonly Instant[];
  /** Digest of the pages that these scans were of. */
  readonly cleanScansOf?: string;
  /** A scan of all sites that one run was too short for. */
  readonly scanRound?: ScanRound;
  /** Run that recorded the decision to revoke. Another run must ask Paddle first. */
  readonly revokingBy?: string;
  readonly revokingSince?: Instant;
  /** Why the status became `revoking` from which status, so that an interrupted revocation returns there. */
  readonly revokingFrom?: 'superseded' | 'orphan';
  /** When a revocation was last begun that had no effect yet: a PATCH whose answer was lost may take effect later. */
  readonly revocationTriedAt?: Instant;
  readonly failures?: number;
  readonly stuckSince?: Instant;
  readonly revokedAt?: Instant;
  readonly revokedBy?: 'paddlewheel' | 'external';
}

/**
 * A token at Paddle that bears this integration's name, and that is left alone because our own records do not prove
 * that nobody uses it. Listed until it is adopted, revoked or gone.
 */
export interface UnclaimedToken {
  readonly id: string;
  readonly value: string;
  readonly name: string;
  readonly rotationId: string;
  readonly createdAt: Instant;
  /** `known`: ours once, and forgotten. `none`: no record of ours speaks of it. */
  readonly provenance: 'known' | 'none';
  readonly since: Instant;
  readonly nextCheckAt: Instant;
}

/**
 * Somebody says that Paddle knows otherwise about a token than the ledger, or that a token bears our name that no state
 * knows. It says only what to ask Paddle about.
 */
export interface TokenReport {
  readonly integration: string;
  readonly tokenId: string;
  readonly source: 'webhook' | 'backfill' | 'person';
  readonly at: Instant;
  /** Paddle has signed that the token is revoked, which is for ever: an answer that calls it active is one of before. */
  readonly says?: 'revoked';
}

/** In the ledger. Another report about the same token takes its place under another id. */
export interface StoredReport extends TokenReport {
  readonly reportId: string;
}

/** A client-side token as Paddle answers it. */
export interface PaddleToken {
  readonly id: string;
  readonly token: string;
  readonly name: string;
  readonly status: 'active' | 'revoked';
  readonly createdAt: Instant;
  readonly revokedAt?: Instant;
  /** Paddle's id of the request that was answered so; for the audit trail. */
  readonly requestId?: string;
}
