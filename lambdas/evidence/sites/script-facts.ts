/** What one script says; and all that can be said of one that cannot be parsed. */
import type { ChunkTable } from './chunk-table.ts';
import { scriptPaths } from './paths.ts';
import type { Reference } from './reference.ts';

export interface ScriptFacts {
  readonly references: readonly Reference[];
  /** Texts that the script puts together from constants; the token may exist only here. */
  readonly texts: readonly string[];
  readonly tables: readonly ChunkTable[];
  /** Arguments of `r.e(7)` and `r.u(7)`: chunks that a webpack-like runtime is asked for. */
  readonly chunkIds: readonly string[];
  /** What `r.p` is set to; relative to the document. Absent: derived from the script's own URL. */
  readonly publicPaths: readonly string[];
  /** `import(x)` whose target the script alone does not tell. */
  readonly unresolved: number;
  /** What Paddle.js is told without any condition; and whether anything is told under one. */
  readonly environments: readonly string[];
  readonly environmentDepends: boolean;
  readonly parsed: 'exact' | 'loose' | 'not';
}

/** Everything that reads like the path of a script, for what cannot be parsed. */
export function readUnparsed(code: string, options: { serviceWorker?: boolean } = {}): ScriptFacts {
  return {
    references: guesses(code, options.serviceWorker === true),
    texts: [],
    tables: [],
    chunkIds: [],
    publicPaths: [],
    unresolved: 0,
    environments: [],
    environmentDepends: false,
    parsed: 'not',
  };
}

/** The paths in a piece of text or data, as guesses. */
export function guesses(text: string, html = false): Reference[] {
  return scriptPaths(text, { html }).map(({ path }) => ({
    target: path,
    via: 'guess',
    base: 'search',
    certainty: 'guess',
    as: /\.html?(?:\?|$)/.test(path) ? 'html' : 'script',
  }));
}
