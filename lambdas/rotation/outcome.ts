import type { EffectError } from '../domain/errors.ts';
import { AlertError, AmbiguousError, RefusedError, ThrottledError } from '../domain/errors.ts';
import type {
  CachedSite,
  Evidence,
  HookCall,
  Instant,
  PaddleToken,
  ScanRound,
  ServedToken,
  Usage,
} from '../domain/model.ts';
import type { Provenance } from './ports.ts';

/** Why an effect or a question did not succeed. `ambiguous`: it may have happened all the same. */
export interface Failure {
  readonly class: 'transient' | 'ambiguous' | 'throttled' | 'refused' | 'alert';
  readonly code: string;
  readonly message: string;
  /** Epoch ms; nothing may be tried before. */
  readonly retryAt?: number;
}

/** With this failure. Waiting for a turn at Paddle is none: what fails after it must not have to wait the longer. */
export const attemptsAfter = (before: number, failure: Pick<Failure, 'class'>): number =>
  failure.class === 'throttled' ? before : before + 1;

/** What a target was found to hold. */
export interface TargetReading {
  /** Its name, as `targetName` gives it. */
  readonly target: string;
  /** Absent: there is nothing. */
  readonly text?: string;
}

/** What came of a decision. */
export type Outcome = {
  /** Every answer of a target while it was performed, in order: the last of each is what it holds. */
  readonly read?: readonly TargetReading[];
} & (
  | { readonly kind: 'done' }
  /** Nothing more was written: a target held a token on its way out, which must be noted before it is overwritten. */
  | { readonly kind: 'sighted' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The answer about one token; absent: Paddle does not know it. */
  | { readonly kind: 'token'; readonly token?: PaddleToken }
  /** All tokens at Paddle that bear a name we searched for. */
  | { readonly kind: 'tokens'; readonly tokens: readonly PaddleToken[] }
  /** Of a token that bears our name; `provenance` is what our own records say of it. */
  | { readonly kind: 'unclaimed'; readonly token?: PaddleToken; readonly provenance: Provenance }
  | { readonly kind: 'published'; readonly targets: readonly string[] }
  /** What pages and reports show, of those pages that could be read. */
  | {
      readonly kind: 'watched';
      readonly served: readonly Omit<ServedToken, 'since'>[];
      /** Addresses of pages that nothing can be said about. */
      readonly unread: readonly string[];
      /** The site to go on with: this run was too short for all. */
      readonly next?: number;
      /** Where the token that was published is live. */
      readonly live?: string;
      readonly cached?: CachedSite;
      /** Tokens that were revoked before a beacon last spoke of them. */
      readonly seen?: readonly { readonly tokenId: string; readonly last: Instant }[];
      readonly calls: readonly HookCall[];
    }
  /** The names of the targets that do not hold the current token. */
  | { readonly kind: 'targets'; readonly differing: readonly string[] }
  | {
      readonly kind: 'deployment';
      readonly deployedAt?: Instant;
      readonly usage: readonly Usage[];
      readonly scanRound?: ScanRound;
    }
  | {
      readonly kind: 'evidence';
      readonly evidence: Evidence;
      /** Present when sites are configured: was this scan of them clean? */
      readonly cleanScan?: boolean;
      /** Of which pages. */
      readonly cleanScanOf?: string;
      /** Present when this run was too short to scan all sites: where the next one goes on. */
      readonly scanRound?: ScanRound;
      /** Paddle says that the current token is revoked. */
      readonly currentLost?: boolean;
    }
);

export function failureOf(error: EffectError): Failure {
  const base = { code: error.code, message: error.message };
  if (error instanceof ThrottledError) return { ...base, class: 'throttled', retryAt: error.retryAt };
  if (error instanceof AmbiguousError) return { ...base, class: 'ambiguous' };
  if (error instanceof RefusedError) return { ...base, class: 'refused' };
  if (error instanceof AlertError) return { ...base, class: 'alert' };
  return { ...base, class: 'transient' };
}
