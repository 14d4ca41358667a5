/** What is watched on pages besides the evidence: revoked tokens, and whether a publication ever goes live. */
import type { Instant } from './instant.ts';
import type { CachedSite } from './token.ts';

/** A revoked token that somebody may serve again. Its value is public, and a page may hold it in any form. */
export interface WatchedToken {
  readonly id: string;
  readonly value: string;
  /** When we learned that it is revoked. */
  readonly since: Instant;
}

/** Checkout is down there. */
export interface ServedToken {
  readonly tokenId: string;
  readonly by: 'site' | 'report' | 'target';
  /** For people: a URL, a consumer with its build, a target. */
  readonly place: string;
  readonly message: string;
  readonly since: Instant;
}

/** Beacons say that pages use revoked tokens. Anybody can send one, so that it is told once a day and proves nothing. */
export interface RevokedSeen {
  readonly tokenIds: readonly string[];
  /** The last beacon about any of them. */
  readonly last: Instant;
  /** When somebody was told. */
  readonly toldAt: Instant;
}

export interface Watch {
  readonly tokens: readonly WatchedToken[];
  /** When pages are read again. Absent: only when somebody reports a deployment. */
  readonly nextAt?: Instant;
  /** The site to begin with, when one run was too short for all of them. */
  readonly from?: number;
  readonly served?: readonly ServedToken[];
  readonly seen?: RevokedSeen;
  /** Builds that were asked for because a revoked token is served. */
  readonly builds?: { readonly lastAt: Instant; readonly count: number };
  /** Of the sites as they are now, the one of which a cache may keep an older page the longest. */
  readonly cached?: CachedSite;
}

/** A publication whose deploy hooks are called: does it go live? */
export interface Deployment {
  readonly tokenId: string;
  readonly since: Instant;
  /** When it is looked for again. Absent: it is live, or nobody waits any longer. */
  readonly nextCheckAt?: Instant;
  readonly liveAt?: Instant;
  /** Where it was seen live first. */
  readonly seenAt?: string;
  /** Hooks that have answered 2xx, and nothing was seen of it in time. */
  readonly overdue?: { readonly since: Instant; readonly hooks: readonly string[]; readonly message: string };
  readonly attempts?: number;
}

/** A deploy hook has answered 2xx. Written by `hooks`; one for each hook, the latest call. */
export interface HookCall {
  readonly integration: string;
  /** Names the hook: `fingerprint` of what it is. */
  readonly hook: string;
  /** For people. */
  readonly label: string;
  readonly publication: string;
  readonly tokenId?: string;
  readonly at: Instant;
  /** How long a deployment may take from then on; absent: what the integration says. */
  readonly withinMs?: number;
}
