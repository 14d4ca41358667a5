/** How one reconcile ended. */
import type { AuditRecord } from '../domain/model.ts';
import type { Decision } from './decision.ts';
import type { Snapshot } from './snapshot.ts';

export type Result = {
  readonly runId: string;
  readonly records: readonly AuditRecord[];
} & (
  | { readonly outcome: 'unknown' }
  /** Another run has the lease, or wrote first. */
  | { readonly outcome: 'busy'; readonly message: string }
  | { readonly outcome: 'rejected'; readonly faults: readonly string[]; readonly snapshot: Snapshot }
  /** Nothing more is due: `decision` says what is waited for. */
  | {
      readonly outcome: 'settled';
      readonly snapshot: Snapshot;
      readonly decision: Decision;
      /** The command's. */
      readonly note?: string;
      /** Reported tokens about which Paddle gave no answer: the reports stay, and are asked about again. */
      readonly unanswered: readonly string[];
    }
);
