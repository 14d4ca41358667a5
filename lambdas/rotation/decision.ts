import type { Instant, Source, Trigger } from '../domain/model.ts';

/**
 * What one reconcile wants to do next. A value: the same `reason` and `message` go to the log, the metric, the audit record
 * and the person who asks for a plan.
 */
export type Decision = { readonly reason: string; readonly message: string } & (
  | { readonly kind: 'wait'; readonly until?: Instant }
  /** Ask Paddle about a token that somebody says has changed. */
  | { readonly kind: 'inspect'; readonly tokenId: string }
  /** A token bears our name and nobody knows it: is it ours, by our own records? */
  | { readonly kind: 'claim'; readonly tokenId: string }
  /** The pause has an end, and it has come. */
  | { readonly kind: 'resume' }
  /** Write a new rotation down. */
  | { readonly kind: 'intend'; readonly trigger: Trigger; readonly source: Source; readonly why?: string }
  /** A rotation is due and cannot begin: say so, once. */
  | { readonly kind: 'report-crowded' }
  /** Give a rotation up for good. */
  | { readonly kind: 'abandon' }
  /** It is certain that nothing was posted: take the right to post. */
  | { readonly kind: 'clear' }
  /** POST. Effect. */
  | { readonly kind: 'mint' }
  /** Search for the rotation's token by its name. */
  | { readonly kind: 'find' }
  /** Ask Paddle whether the rotation's token may be published. */
  | { readonly kind: 'verify'; readonly tokenId: string }
  /** Write the rotation's token to every target and read it back. Effect. */
  | { readonly kind: 'publish'; readonly tokenId: string }
  /** Write the current token to the targets again, because they may hold another. Effect. */
  | {
      readonly kind: 'restore';
      readonly tokenId: string;
      /** Names of the targets; absent: all. */
      readonly only?: readonly string[];
    }
  /** The configuration names other targets than the current token was written to: note which, and what is to be filled. */
  | { readonly kind: 'retarget' }
  /** Do the targets still hold the current token? */
  | { readonly kind: 'check-targets'; readonly tokenId: string }
  /** Is a revoked token served again, and does what was published go live? */
  | { readonly kind: 'watch' }
  /** Has the current token been deployed, so that the grace of `tokenId` can start? */
  | { readonly kind: 'check-deployed'; readonly tokenId: string }
  /** Gather the evidence for revoking. */
  | { readonly kind: 'prove'; readonly tokenId: string }
  /** An earlier run meant to revoke and fell silent: ask Paddle what became of it. */
  | { readonly kind: 'confirm'; readonly tokenId: string }
  /** PATCH to `revoked`. Effect, for ever. */
  | { readonly kind: 'revoke'; readonly tokenId: string }
  /** Search Paddle for twins of a doubted mint. */
  | { readonly kind: 'sweep' }
);

export type DecisionKind = Decision['kind'];
export type DecisionOf<K extends DecisionKind> = Extract<Decision, { kind: K }>;

/**
 * Effects need the lease, taken by the write before them. One is begun only while at least half of its lease remains,
 * and its own deadlines (`paddle/client.ts`, `adapters/aws/clients.ts`) end it within that half; a publication of many
 * targets asks again before each write. So no effect outlives its lease. The mint's is short, because a mint that did
 * could only leave a twin, which the sweep finds, and because whoever comes after a crash should not wait long.
 */
export const LEASE_MS: Partial<Record<DecisionKind, number>> = {
  mint: 40_000,
  publish: 130_000,
  restore: 130_000,
  revoke: 130_000,
};
