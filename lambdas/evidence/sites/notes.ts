/** What the reader notes beside the tokens: how long things are kept, who leads to whom, and what is set up wrongly. */

import type { CacheLifetime, Misconfiguration, TokenFault } from './observation.ts';
import { environmentOf, faultySettings, isMalformedIn } from './paddle-settings.ts';
import { isHashed, isVersioned } from './paths.ts';
import type { Reference } from './reference.ts';
import type { ScriptFacts } from './script-facts.ts';
import type { Body } from './visit.ts';

interface Kept extends CacheLifetime {
  readonly counts: 'always' | 'with-token';
}

const CODES: Record<TokenFault, Misconfiguration['code']> = {
  empty: 'empty_token',
  placeholder: 'placeholder_token',
  malformed: 'malformed_token',
};
const ASKS_CACHE = /\bcaches\b|workbox|precache|CacheStorage/i;
const ANSWERS = /addEventListener\(\s*["'`]fetch["'`]|\bonfetch\s*=|precacheAndRoute|registerRoute|NavigationRoute/;

export class Notes {
  readonly #ownOrigins: ReadonlySet<string>;
  readonly #current: string | undefined;
  readonly #kept: Kept[] = [];
  readonly #parents = new Map<string, Set<string>>();
  readonly #faults: Misconfiguration[] = [];
  readonly #environments = new Map<string, string>();
  #environmentDepends = false;

  constructor(ownOrigins: ReadonlySet<string>, current: string | undefined) {
    this.#ownOrigins = ownOrigins;
    this.#current = current;
  }

  leads(from: string, to: string): void {
    const parents = this.#parents.get(to) ?? new Set();
    this.#parents.set(to, parents.add(from));
  }

  /** An answer with its headers. The name of a hashed or versioned file changes with its content. */
  keeps({ url, freshness }: Body, { via, as, certainty }: Reference, isHtml: boolean): void {
    if (!freshness || via === 'service-worker' || via === 'import-scripts') return;
    const isPage = isHtml && certainty === 'definite';
    if (!isPage && (isHashed(url) || isVersioned(url))) return;
    const isOwn = this.#ownOrigins.has(new URL(url).origin);
    const counts = isOwn && (isPage || (as === 'script' && !isHtml)) ? 'always' : 'with-token';
    this.#kept.push({ url, by: 'http', ...freshness, counts });
  }

  /** A service worker that answers requests and has a cache: what it does first, only a visit can tell. */
  worker({ url, text }: Body): void {
    if (!text || !ANSWERS.test(text) || !ASKS_CACHE.test(text)) return;
    const header = 'its service worker answers requests and keeps a cache';
    this.#kept.push({ url, by: 'service-worker', header, counts: 'always' });
  }

  settings({ url, text }: Body, { environments, environmentDepends }: Partial<ScriptFacts>): void {
    this.#environmentDepends ||= environmentDepends ?? false;
    for (const environment of environments ?? []) this.#environments.set(environment, url);
    if (!text) return;
    for (const { fault, toPaddle } of faultySettings(text)) {
      this.#faults.push({ code: CODES[fault], url, certainty: toPaddle ? 'likely' : 'hint' });
    }
    if (this.#current && isMalformedIn(text, this.#current)) {
      this.#faults.push({ code: 'malformed_token', url, certainty: 'certain' });
    }
  }

  misconfigurations(): Misconfiguration[] {
    const right = this.#current && environmentOf(this.#current);
    if (!right || this.#environmentDepends || this.#environments.has(right)) return this.#faults;
    const wrong = [...this.#environments.values()].map((url) => ({
      ...({ code: 'wrong_environment', url, certainty: 'likely' } as const),
    }));
    return [...this.#faults, ...wrong];
  }

  /** @param holders the resources in which the current token was found */
  caching(holders: readonly string[]): CacheLifetime[] {
    const path = new Set<string>();
    const open = [...holders];
    for (let url = open.pop(); url !== undefined; url = open.pop()) {
      if (path.has(url)) continue;
      path.add(url);
      open.push(...(this.#parents.get(url) ?? []));
    }
    return this.#kept
      .filter(({ counts, url }) => counts === 'always' || path.has(url))
      .map(({ counts: _, ...kept }) => kept);
  }
}
