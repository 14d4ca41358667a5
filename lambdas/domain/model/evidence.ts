/** For or against a revocation. */
import type { Instant } from './instant.ts';

/** What a consumer last reported; of production, of previews, and of places that nobody has named, one each. */
export interface Usage {
  readonly consumer: string;
  readonly tokenId: string;
  readonly build?: string;
  readonly phase: 'build' | 'deploy';
  readonly branch?: string;
  readonly stage?: string;
  readonly at: Instant;
  readonly by?: Reporter;
  /** The last report of a deployment, if there ever was one; it outweighs a later build. */
  readonly deployed?: {
    readonly tokenId: string;
    readonly build?: string;
    readonly branch?: string;
    readonly stage?: string;
    readonly at: Instant;
    readonly by?: Reporter;
  };
}

/**
 * Who made a report. `role`: the consumer is bound to this role, and AWS let nobody else in. `cloudtrail`: CloudTrail says so.
 * `said`: the caller does; anybody who may report could have written it.
 */
export interface Reporter {
  readonly name: string;
  readonly proof: 'role' | 'cloudtrail' | 'said';
}

/** What beacons on the pages of an integration said of one of its tokens on one day. */
export interface SeenDay {
  readonly tokenId: string;
  /** In UTC, as `2026-11-26`. */
  readonly day: string;
  readonly first: Instant;
  /** May be too early by `seenEvery`. */
  readonly last: Instant;
  /** Sampled, and never more than there were. */
  readonly count: number;
}

/** One finding for or against a revocation. */
export interface EvidenceItem {
  readonly kind: 'current' | 'targets' | 'usage' | 'seen' | 'sites' | 'cap' | 'emergency' | 'orphan';
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
