/** The nouns of the domain, as the ledger keeps them. Plain data: no methods, no SDK, no clock. */
import type { AccountSpec, Environment, IntegrationSpec, RecordType, Target } from '../contract.ts';

export type { CredentialSource, Schedule, SiteCheck, Target } from '../contract.ts';

/** ISO 8601 in UTC with milliseconds (`2026-11-22T05:36:00.000Z`): sorts as text in the order of time. */
export type Instant = string;

/** One Paddle account in one environment, as the registrar wrote it. */
export interface Account extends AccountSpec {}

/** One integration's wishes, as the registrar wrote them at the last deploy. Only the registrar writes this. */
export interface IntegrationConfig extends IntegrationSpec {
  readonly environment: Environment;
  /** False once the integration has left the configuration: nothing is minted, published or revoked any more. */
  readonly managed: boolean;
  /** When this schedule came into force. Slots before it do not count, so that a deploy never makes a rotation due. */
  readonly scheduleSince: Instant;
}

/** How a rotation comes by its token. `rollback` brings a superseded token of ours back. */
export type Source =
  | { readonly kind: 'mint' }
  | { readonly kind: 'adopt'; readonly tokenId: string }
  | { readonly kind: 'rollback'; readonly tokenId: string };

export type Trigger = 'first' | 'schedule' | 'manual' | 'emergency' | 'heal' | 'adopt' | 'rollback';

export interface Rotation {
  readonly rotationId: string;
  readonly trigger: Trigger;
  readonly source: Source;
  /** The exact name that the token gets at Paddle: how it is found again after an ambiguous mint. */
  readonly tokenName: string;
  readonly intendedAt: Instant;
  readonly reason?: string;
  readonly requestedBy?: string;
  /** True: the prior token is revoked at once after publishing, without grace and without evidence. */
  readonly emergency: boolean;
  /** `intended` until a token is known, `minted` until every target reads it back. */
  readonly phase: 'intended' | 'minted';
  /** Set with phase `minted`. */
  readonly tokenId?: string;
  /**
   * The run that may perform the next effect (POST, or publish) without asking first. Only the run that wrote the
   * intent, or that has just asked, has it: every other run must first ask Paddle what became of it.
   */
  readonly clearedBy?: string;
  /** False only when it is certain that no POST can have been applied since the intent or the last reconcile. */
  readonly mayHavePosted: boolean;
  /** Lists that did not hold our name since the last possible POST. */
  readonly emptyLists: number;
  /** Did any run have to doubt? Then late twins are possible, and Paddle is swept for them afterwards. */
  readonly doubted: boolean;
  /** How often enough empty lists have led to another POST. Each time the lists keep a greater distance. */
  readonly rounds?: number;
}

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
  /** Never earlier than this. Absent: not to be revoked yet (for `graceFrom: 'deployed'`, the clock has not started). */
  readonly revokeAfter?: Instant;
  /** Set by an emergency rotation: no grace and no evidence for this token. */
  readonly emergency?: { readonly reason: string; readonly requestedBy?: string };
  readonly hold?: Hold;
  readonly manualHold?: ManualHold;
  /** Clean scans so far, for evidence that is spread over time. */
  readonly cleanScans?: readonly Instant[];
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

/** Why the integration waits although something is to be done. */
export interface Retry {
  readonly step: string;
  readonly code: string;
  readonly message: string;
  readonly since: Instant;
  readonly attempts: number;
  readonly nextAttemptAt: Instant;
  /** Causes that have been told since: each is told once, however they alternate. */
  readonly told?: readonly string[];
}

/** The targets may not hold the current token: publish it again. */
export interface Repair {
  /** Names the writes of this repair. */
  readonly id: string;
  readonly reason: string;
  /** Why the last attempt failed. */
  readonly message?: string;
  readonly since: Instant;
  readonly attempts: number;
  readonly nextAttemptAt: Instant;
  /** Names of the targets to write; absent: all of them. */
  readonly only?: readonly string[];
}

/** A target that is no longer written and may still hold a token. */
export interface FormerTarget {
  readonly target: Target;
  readonly since: Instant;
}

/** Targets that somebody else has overwritten, while the configuration asks only for a report. */
export interface Drift {
  readonly targets: readonly string[];
  readonly since: Instant;
}

export interface Pause {
  readonly since: Instant;
  /** The pause ends by itself then. Absent: only `resume` ends it. */
  readonly until?: Instant;
  readonly reason?: string;
  readonly requestedBy?: string;
}

/** An effect needs the lease; its holder's effects all end before `until`. */
export interface Lease {
  readonly runId: string;
  readonly until: Instant;
}

export interface Sweep {
  readonly at: Instant;
  /** When the rotation was intended: its twins are no older, however late the search comes. */
  readonly since?: Instant;
  readonly tokenName: string;
  readonly rotationId: string;
  /** Searches that failed since it fell due. */
  readonly attempts?: number;
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

/** All that the reconciler knows of one integration: one ledger item, written only by `rotate`, under a version. */
export interface IntegrationState {
  readonly integration: string;
  /** 0: not yet stored. */
  readonly version: number;
  readonly tokens: readonly Token[];
  readonly rotation?: Rotation;
  /** Slots up to here are consumed. */
  readonly scheduleAnchor?: Instant;
  readonly retry?: Retry;
  readonly repair?: Repair;
  /** When every target was last read, by a publication or by a check. */
  readonly targetsCheckedAt?: Instant;
  readonly drift?: Drift;
  /** Every target that the current token was written to. What is configured beyond them is filled at the next reconcile. */
  readonly publishedTo?: readonly Target[];
  /** Targets that are no longer configured; kept, and read as evidence, while a token that they may hold is alive. */
  readonly formerTargets?: readonly FormerTarget[];
  readonly pause?: Pause;
  /** Reports about tokens to which Paddle gave no answer: when they are asked about again. */
  readonly unanswered?: Retry;
  readonly lease?: Lease;
  /** When to search Paddle for late twins of a doubted mint, by the exact name that we gave it. Ascending. */
  readonly sweeps: readonly Sweep[];
  /** Manual requests already taken, newest last, so that a repeated delivery does not rotate twice. */
  readonly requests: readonly { readonly requestId: string; readonly rotationId: string }[];
  /** The latest emergency: one that is asked for again a moment later, without an id of its own, is the same. */
  readonly lastEmergency?: { readonly rotationId: string; readonly at: Instant };
  /** Since when a rotation that is due is not begun, because too many earlier tokens are still alive. */
  readonly crowdedSince?: Instant;
  readonly unclaimed?: readonly UnclaimedToken[];
  /** When to reconcile again; absent: nothing will become due by itself. Kept in the sparse `due` index. */
  readonly dueAt?: Instant;
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

/** What a consumer last reported; of production, of previews, and of places that nobody has named, one each. */
export interface Usage {
  readonly consumer: string;
  readonly tokenId: string;
  readonly build?: string;
  readonly phase: 'build' | 'deploy';
  readonly branch?: string;
  readonly stage?: string;
  readonly at: Instant;
  /** The last report of a deployment, if there ever was one; it outweighs a later build. */
  readonly deployed?: {
    readonly tokenId: string;
    readonly build?: string;
    readonly branch?: string;
    readonly stage?: string;
    readonly at: Instant;
  };
}

/** One finding for or against a revocation. */
export interface EvidenceItem {
  readonly kind: 'current' | 'targets' | 'usage' | 'sites' | 'cap' | 'emergency' | 'orphan';
  readonly satisfied: boolean;
  /** Stable code, for logs, metrics and tests. */
  readonly reason: string;
  /** A sentence for a tired person. */
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Kept with the revocation in the audit trail. `satisfied` only if every item is. */
export interface Evidence {
  readonly satisfied: boolean;
  readonly gatheredAt: Instant;
  readonly items: readonly EvidenceItem[];
}

/** One line of the audit trail that we write ourselves. One per state change, in the same transaction as the change. */
export interface AuditRecord {
  readonly id: string;
  readonly type: RecordType;
  readonly at: Instant;
  readonly account: string;
  readonly integration: string;
  readonly tokenId?: string;
  readonly rotationId?: string;
  readonly trigger?: string;
  readonly requestedBy?: string;
  readonly reason?: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}
