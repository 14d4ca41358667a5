import type { PageObservation, Source } from './observation.ts';
import type { Tokens } from './token-search.ts';

export interface PageRequest {
  readonly url: string;
  /** Origins that are the site's own besides that of the page: `headers` go there too. */
  readonly extraOrigins: readonly string[];
  /** Selectors of what the browser presses, in this order. */
  readonly clicks?: readonly string[];
  /** Sent to the site's own origins: a preview password, basic authentication. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tokens: Tokens;
}

/** Somebody who looks at pages. Always answers, within a bounded time; what went wrong is part of the answer. */
export interface PageSource {
  readonly source: Source;
  /** Ms. It has bounds of its own, and ends before; this one is for what escapes them. */
  readonly longestMs: number;
  observe(request: PageRequest): Promise<PageObservation>;
}
