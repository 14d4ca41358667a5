import type { Instant } from '../domain/model.ts';

export interface Due {
  readonly integration: string;
  readonly dueAt: Instant;
  /** A checkout that is broken, or a person, waits for it. */
  readonly heals?: true;
}

export interface DueFinder {
  /** Everything whose `dueAt` is not after `now`, in any order. */
  findDue(now: Instant): Promise<readonly Due[]>;
}

export interface AccountFinder {
  /** The accounts of as many of the integrations as can be told at once; the others another time. */
  accountsOf(integrations: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface QueueDepth {
  /** About how many messages nobody has taken yet. */
  waiting(): Promise<number>;
}
