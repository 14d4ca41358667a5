/** How one resource leads to another. */

/** Stable names, shown in a finding's details. */
export type Via =
  | 'page'
  | 'frame'
  | 'script'
  | 'preload'
  | 'import'
  | 'dynamic-import'
  | 'worker'
  | 'service-worker'
  | 'import-scripts'
  | 'precache'
  | 'chunk-table'
  | 'turbopack'
  | 'import-map'
  | 'attribute'
  | 'link'
  | 'data'
  | 'guess';

export interface Reference {
  /** A URL, a path, or an import specifier, as it is written. */
  readonly target: string;
  readonly via: Via;
  /** What a relative target is relative to. `search`: a path in a string; try the likely places in turn. */
  readonly base: 'document' | 'script' | 'import' | 'search';
  /**
   * Definite: a browser loads it (or will, lazily), so failing to read it proves nothing. A guess may be absent. A hint
   * looks like an address in a place where addresses stand; there may be any number of them, so that not all are tried.
   */
  readonly certainty: 'definite' | 'guess' | 'hint';
  /** `any`: whatever the server says that it is; a fragment of HTML, data, a script. */
  readonly as: 'html' | 'script' | 'any';
}
