/** The verdict about a page, and who gives it. */
import type { SiteCheck } from '../../contract.ts';
import type { CacheLifetime, Source } from './observation.ts';

export interface FindingReason {
  /** Stable: `superseded_seen`, `unread`, `current_not_seen`, `wrong_environment`, `click_missing`, … */
  readonly code: string;
  readonly message: string;
  readonly url?: string;
}

export interface SiteFinding {
  readonly url: string;
  /**
   * `current`: at least one source saw the current token, none the superseded one, and nothing that runs went unread.
   * `superseded`: still served or used somewhere. `misconfigured`: the current token, used wrongly, or none at all.
   * `incomplete`: something went unread, or no token was seen. `unreadable`: no source could read the page.
   */
  readonly verdict: 'current' | 'superseded' | 'misconfigured' | 'incomplete' | 'unreadable';
  /** Why it is not `current`. Empty when it is. */
  readonly reasons: readonly FindingReason[];
  /** What was seen the token in: URL of the resource in which the deciding value was found. */
  readonly foundIn?: string;
  readonly message: string;
  /** What went unread, and was waived in writing. */
  readonly waived?: readonly { readonly url: string; readonly reason: string }[];
  /** How long an older page may still come from a cache; absent: nothing keeps it. */
  readonly cache?: CacheLifetime & { readonly acknowledged?: boolean };
  readonly seenBy?: readonly Source[];
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What a page shows, for whoever watches it: quicker and weaker than a verdict, and never evidence for a revocation. */
export interface PageReading {
  readonly url: string;
  /** One of the tokens that should be gone is served. */
  readonly servesGone: boolean;
  readonly showsCurrent: boolean;
  /** False: nothing can be said about the page. */
  readonly isRead: boolean;
  /** Where one that should be gone was found. */
  readonly foundIn?: string;
  readonly cache?: SiteFinding['cache'];
}

/** What the sources found of the tokens. Errors while looking are findings, never silence. */
export interface SiteScanner {
  scan(site: SiteCheck, tokens: { superseded: string; current: string }): Promise<SiteFinding>;
  /** By the reader; by the browser, too, when the reader leaves a doubt. */
  watch(site: SiteCheck, tokens: { gone: readonly string[]; current?: string }): Promise<PageReading>;
}
