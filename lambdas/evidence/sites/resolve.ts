/** From a reference, as it is written, to the URLs that it may mean. Pure. */
import type { ChunkTable } from './chunk-table.ts';
import type { ImportMap } from './html.ts';
import { candidateUrls } from './paths.ts';
import type { Reference } from './reference.ts';

/** Where a reference was found: the script (or page) and the page in whose name it runs. */
export interface Place {
  readonly script: string;
  /** The page's URL or its `<base href>`. */
  readonly document: string;
  readonly importMaps: readonly ImportMap[];
  /** Folders of the scripts that the page itself names. */
  readonly siblings: readonly string[];
  /** Further folders that the page says its scripts are in (`q:base`). */
  readonly bases?: readonly string[];
}

const MOST = 6;

/** Likeliest first, at most six, without fragments. Empty: it means no URL (a bare import that no map knows). */
export function resolveReference(reference: Reference, place: Place): string[] {
  const { target, base } = reference;
  if (base === 'import') return unique(resolveImport(target, place));
  if (base === 'search') return unique(candidateUrls(target, place));
  const first = URL.parse(target, base === 'script' ? place.script : place.document)?.href;
  if (reference.via !== 'worker' && reference.via !== 'precache') return unique([first]);
  // Frameworks register workers relative to a base of their own, and precache lists may be relative to the root.
  return unique([first, ...candidateUrls(target, place)]);
}

const unique = (urls: readonly (string | undefined)[]): string[] =>
  [...new Set(urls.flatMap((url) => (url === undefined ? [] : url.split('#', 1)))).values()].slice(0, MOST);

function resolveImport(specifier: string, place: Place): string[] {
  const isUrl = /^(?:\.{0,2}\/|[a-z][a-z0-9+.-]*:)/i.test(specifier);
  const direct = isUrl ? URL.parse(specifier, place.script)?.href : undefined;
  const mapped = place.importMaps.flatMap((map) => mappings(map, direct ?? specifier, place.document));
  return direct ? [...mapped, direct] : mapped;
}

/** Every address that any part of the map gives the specifier; scopes are not told apart, so as to miss none. */
function mappings(map: ImportMap, specifier: string, document: string): string[] {
  const tables = [map.imports, ...Object.values(map.scopes ?? {})];
  return tables.flatMap((table) =>
    Object.entries(table ?? {}).flatMap(([key, address]) => {
      if (typeof address !== 'string') return [];
      const name = /^\.{0,2}\//.test(key) ? (URL.parse(key, document)?.href ?? key) : key;
      const base = URL.parse(address, document)?.href;
      if (!base) return [];
      if (name === specifier) return [base];
      const isUnder = name.endsWith('/') && specifier.startsWith(name);
      return isUnder ? (URL.parse(specifier.slice(name.length), base)?.href ?? []) : [];
    }),
  );
}

/** Where a chunk of a webpack-like runtime may be. Public paths are relative to the page, or else to the runtime. */
export function chunkUrls(table: ChunkTable, id: string, publicPaths: readonly string[], place: Place): string[] {
  const name = table.nameOf(id);
  if (name === undefined) return [];
  const based = [place.document, place.script].flatMap((base) =>
    publicPaths.map((path) => URL.parse(path + name, base)?.href),
  );
  return unique([...based, ...candidateUrls(name, place)]);
}
