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
