/** What taking a beacon needs of the world. */
import type { SeenSpec } from '../contract.ts';
import type { Instant, Token } from '../domain/model.ts';

/** An integration whose pages may have a beacon. */
export interface Listened {
  readonly seen: SeenSpec;
  /** Revoked ones too, as long as they are known: that a page still uses one is worth knowing. */
  readonly tokens: readonly Pick<Token, 'id' | 'value'>[];
  /** Ids of those that are revoked and of which nobody has been told today that pages use them. */
  readonly untold: readonly string[];
}

export interface SeenLedger {
  /** `undefined`: there is none of this name, it has left the configuration, or nobody asked for its beacons. */
  listened(integration: string, now: Instant): Promise<Listened | undefined>;
  /**
   * Adds to the count of the day, and moves the last instant forward.
   * @returns false when a later instant is there already: nothing was written
   */
  record(seen: {
    readonly integration: string;
    readonly tokenId: string;
    readonly at: Instant;
    readonly count: number;
  }): Promise<boolean>;
}
