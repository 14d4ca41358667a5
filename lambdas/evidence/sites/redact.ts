import type { Tokens } from './token-search.ts';

/** Token values stand nowhere in what is told of a page, not even when a site puts them into the URLs of its scripts. */
export function redactedTokens(tokens: Tokens): <T>(told: T) => T {
  const values = [tokens.superseded, ...(tokens.alsoGone ?? []), tokens.current ?? ''].filter((value) => value !== '');
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string')
      return values.reduce((rest, one) => rest.replaceAll(one, `${one.slice(0, 5)}…`), value);
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clean(inner)]));
  };
  return (told) => clean(told) as typeof told;
}
