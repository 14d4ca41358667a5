/** What one source saw of a page. The reader and the browser answer the same shape, and `judge.ts` weighs them. */
import type { How, Which } from './token-search.ts';

/** `reader`: what the page's code could load. `browser`: what a real Chromium loaded and handed to Paddle.js. */
export type Source = 'reader' | 'browser';

export interface Sighting {
  readonly which: Which;
  readonly place: 'response' | 'frame' | 'storage' | 'request' | 'message' | 'paddle';
  readonly url: string;
  readonly how: How;
}

/** One call of `Paddle.Initialize`. */
export interface Initialisation {
  /** `third`: a token, but neither of the two. */
  readonly token: Which | 'third' | TokenFault;
  /** What Paddle.js was told before; it takes production when nobody says anything. */
  readonly environment: 'sandbox' | 'production';
  readonly frame: string;
}

/** What can be wrong with the text that stands where a token should. */
export type TokenFault = 'empty' | 'placeholder' | 'malformed';

export interface Misconfiguration {
  readonly code: 'wrong_environment' | 'empty_token' | 'placeholder_token' | 'malformed_token' | 'third_token';
  readonly url: string;
  /** `hint`: counts only on a page on which the current token is nowhere. */
  readonly certainty: 'certain' | 'likely' | 'hint';
}

/** Something that may hold a token, and that the source could not read. */
export interface Unread {
  readonly url: string;
  readonly code: string;
  readonly message: string;
}

/** For how long a page that is no longer served may still come from somewhere else. */
export interface CacheLifetime {
  readonly url: string;
  readonly by: 'http' | 'service-worker';
  /** The header that says so, as it was sent. */
  readonly header: string;
  /** Absent: there is no end to it. */
  readonly seconds?: number;
}

/** One request of the browser. */
export interface RequestRecord {
  readonly url: string;
  readonly method: string;
  readonly type: string;
  readonly status?: number;
  readonly bytes?: number;
  readonly from?: 'network' | 'service-worker' | 'cache';
  readonly failure?: string;
}

export interface PageObservation {
  readonly source: Source;
  /** Why the source has nothing to say about the page. Then all lists may be empty. */
  readonly failure?: { readonly code: string; readonly message: string };
  /** The page's own origin and those that the configuration adds. */
  readonly ownOrigins: readonly string[];
  readonly sightings: readonly Sighting[];
  readonly initialised: readonly Initialisation[];
  readonly misconfigurations: readonly Misconfiguration[];
  readonly unread: readonly Unread[];
  /** Why the observation proves nothing although everything was read: a button that is not there, a login. */
  readonly doubts: readonly Unread[];
  /** Read and searched to the end. */
  readonly read: readonly string[];
  /** The server, or the name service, says that there is no such thing: it never ran. */
  readonly missing: readonly string[];
  readonly caching: readonly CacheLifetime[];
  /** The browser came back as a returning visitor and knows whether a service worker answered from its cache. */
  readonly returned?: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An observation of a page about which the source can say nothing. */
export const blindObservation = (source: Source, code: string, message: string): PageObservation => ({
  ...{ source, failure: { code, message }, ownOrigins: [], sightings: [], initialised: [], misconfigurations: [] },
  ...{ unread: [], doubts: [], read: [], missing: [], caching: [] },
});
