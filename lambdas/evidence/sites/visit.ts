/** Reads one resource: every sample of it, searched as it streams by, kept whole only when it is small enough to parse. */
import { createHash, type Hash } from 'node:crypto';
import type { Fetcher, FetchResult } from './fetch.ts';
import type { Freshness } from './freshness.ts';
import { createLargeScript, type LargeScript } from './large-script.ts';
import type { ScanLimits } from './options.ts';
import { asProblem, FetchProblem, type ProblemCode } from './problem.ts';
import type { Via } from './reference.ts';
import { createTokenSearch, type TokenMatch, type TokenSearch, type Tokens } from './token-search.ts';

/** One answer of the site, as it goes into the finding's details. */
export interface ResourceReport {
  readonly url: string;
  readonly via: Via;
  /** Absent: there was no answer. */
  readonly status?: number;
  /** Hex SHA-256 of the decompressed body. */
  readonly sha256?: string;
  /** After decompression. */
  readonly bytes?: number;
  /** Filled in when the resource was read and searched to its end. */
  readonly found: readonly TokenMatch[];
  readonly problem?: ProblemCode;
}

export interface Body {
  /** After redirects. */
  readonly url: string;
  readonly contentType: string;
  readonly link: string;
  /** Absent: too large to parse; then `large` says what was seen as it streamed by. */
  readonly text?: string;
  readonly large?: { readonly paths: readonly string[]; readonly hasChunkTable: boolean };
  /** The end of the resource's search: what a parser reads out of it is pushed here, then `end()`. */
  readonly search: TokenSearch;
  readonly sha256: string;
  readonly bytes: number;
  readonly status: number;
  readonly freshness?: Freshness;
}

export type Answer =
  | { readonly kind: 'body'; readonly body: Body }
  | { readonly kind: 'absent'; readonly status: number }
  | {
      readonly kind: 'problem';
      readonly problem: FetchProblem;
      readonly status?: number;
      readonly found: TokenMatch[];
    };

/** Not there, or not for us: what a site answers for a path that somebody guessed. Object stores say 403. */
const ABSENT = new Set([400, 401, 403, 404, 405, 406, 410, 414, 451]);

export interface Spending {
  requests: number;
  bytes: number;
  /** Time spent on reading answers, not on waiting for them. */
  ownWorkMs: number;
}

export interface VisitContext {
  readonly fetcher: Fetcher;
  readonly limits: ScanLimits;
  readonly tokens: Tokens;
  /** The page's own origin, and those that the configuration adds. */
  readonly origins: ReadonlySet<string>;
  /** For the site's own origins. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly spending: Spending;
}

/** Of the samples of the page, one that may come from a cache. */
const PHONE_SAMPLE = 2;

/**
 * Fetches once.
 * @param sample 0 for the first; odd samples go past the caches
 * @param isPage a page that moves to an origin that nobody listed is another page
 */
export async function visit(url: string, sample: number, isPage: boolean, context: VisitContext): Promise<Answer> {
  const { limits, spending } = context;
  const reader = new BodyReader(context);
  try {
    spending.requests += 1;
    if (spending.requests > limits.maxRequests) {
      throw new FetchProblem('too-many', `the page needs more than ${limits.maxRequests} requests`);
    }
    const result = await context.fetcher.fetch({
      url,
      ...(isPage ? { origins: context.origins } : {}),
      ...(context.headers ? { headers: { origins: context.origins, values: context.headers } } : {}),
      pastCaches: sample % 2 === 1,
      freshConnection: sample > 0,
      asPhone: isPage && sample === PHONE_SAMPLE,
      onHeaders: (text) => reader.takeHeaders(text),
      signal: context.signal,
      onData: (chunk) => reader.take(chunk),
    });
    if (result.status >= 200 && result.status <= 299) return { kind: 'body', body: reader.finish(result) };
    if (ABSENT.has(result.status)) return { kind: 'absent', status: result.status };
    const problem = new FetchProblem('status', `the server answered ${result.status}`);
    return { kind: 'problem', problem, status: result.status, found: [] };
  } catch (error) {
    // A token in the half that did arrive is still a token that is served.
    return { kind: 'problem', problem: asProblem(error), found: reader.found() };
  }
}

class BodyReader {
  readonly #context: VisitContext;
  readonly #hash: Hash = createHash('sha256');
  readonly #search: TokenSearch;
  #kept: Buffer[] = [];
  #large: LargeScript | undefined;
  #bytes = 0;

  constructor(context: VisitContext) {
    this.#context = context;
    this.#search = createTokenSearch(context.tokens);
  }

  take(chunk: Buffer): void {
    const { limits, spending } = this.#context;
    this.#bytes += chunk.length;
    spending.bytes += chunk.length;
    if (this.#bytes > limits.maxResourceBytes) {
      throw new FetchProblem('too-large', `larger than ${limits.maxResourceBytes} bytes`);
    }
    if (spending.bytes > limits.maxTotalBytes) {
      throw new FetchProblem('too-large', `the page loads more than ${limits.maxTotalBytes} bytes`);
    }
    this.#hash.update(chunk);
    this.#search.push(chunk);
    if (this.#large) this.#large.push(chunk);
    else this.#kept.push(chunk);
    if (this.#large || this.#bytes <= limits.maxParseBytes) return;
    this.#large = createLargeScript(limits.maxGuesses);
    for (const piece of this.#kept) this.#large.push(piece);
    this.#kept = [];
  }

  takeHeaders(text: string): void {
    this.#search.pushText(text, 'decoded');
  }

  found(): TokenMatch[] {
    return this.#search.end();
  }

  finish(result: FetchResult): Body {
    const { url, contentType, link, status, freshness } = result;
    const content = this.#large
      ? { large: this.#large.end() }
      : { text: new TextDecoder().decode(Buffer.concat(this.#kept)) };
    this.#kept = [];
    return {
      ...{ url, contentType, link, status, freshness, ...content, search: this.#search },
      sha256: this.#hash.digest('hex'),
      bytes: this.#bytes,
    };
  }
}
