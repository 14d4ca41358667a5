/** All that the reconciler knows of one integration. */
import type { Target } from '../../contract.ts';
import type { Instant } from './instant.ts';
import type { Rotation, Sweep } from './rotation.ts';
import type { Token, UnclaimedToken } from './token.ts';
import type { Deployment, Watch } from './watch.ts';

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
  /** How often in a row a check could not read them. */
  readonly targetsUnread?: number;
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
  readonly requests: readonly {
    readonly requestId: string;
    readonly rotationId: string;
    /** What was asked for: another request under the same id is refused. Absent: taken before that was noted. */
    readonly what?: string;
  }[];
  /** The latest emergency: one that is asked for again a moment later, without an id of its own, is the same. */
  readonly lastEmergency?: { readonly rotationId: string; readonly at: Instant };
  /** Since when a rotation that is due is not begun, because too many earlier tokens are still alive. */
  readonly crowdedSince?: Instant;
  readonly unclaimed?: readonly UnclaimedToken[];
  readonly watch?: Watch;
  readonly deployment?: Deployment;
  /** When to reconcile again; absent: nothing will become due by itself. Kept in the sparse `due` index. */
  readonly dueAt?: Instant;
}
