/** A rotation under way, and the search for its late twins. */
import type { Instant } from './instant.ts';

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

export interface Sweep {
  readonly at: Instant;
  /** When the rotation was intended: its twins are no older, however late the search comes. */
  readonly since?: Instant;
  readonly tokenName: string;
  readonly rotationId: string;
  /** Searches that failed since it fell due. */
  readonly attempts?: number;
}
