/** Paths of scripts inside other text, and the URLs that they may mean. */

const ENDING = /\.(?:[mc]?js|json)(?![\w-])(?!\.\w)/gi;
const ENDING_HTML = /\.(?:[mc]?js|json|html?)(?![\w-])(?!\.\w)/gi;
const PATH_CHARACTER = /[\w./@%~()[\]$:+,=&?!-]/;
const LONGEST = 512;

export interface FoundPath {
  readonly path: string;
  /** The path is all of the text or of a quoted string, not a word in a sentence. */
  readonly whole: boolean;
}

/**
 * Everything in `text` that ends like a script and reads like a path. From each ending backwards, because a pattern
 * that starts at every character of a long word takes the square of its length.
 */
export function scriptPaths(text: string, options: { html?: boolean } = {}): FoundPath[] {
  const plain = text.includes('\\') ? text.replace(/\\+\//g, '/') : text;
  const found = new Map<string, FoundPath>();
  for (const { index, 0: ending } of plain.matchAll(options.html ? ENDING_HTML : ENDING)) {
    let start = index;
    while (start > 0 && index - start < LONGEST && PATH_CHARACTER.test(plain[start - 1] as string)) start -= 1;
    let end = index + ending.length;
    if (plain[end] === '?') while (end - index < LONGEST && /[\w?=&.%-]/.test(plain[end] ?? ' ')) end += 1;
    const stem = trimmed(plain.slice(start, index));
    if (stem === '') continue;
    const path = stem + plain.slice(index, end);
    const whole = isQuote(plain[start - 1]) && isQuote(plain[end]);
    if (!whole && !path.includes('/')) continue;
    found.set(path, { path, whole });
  }
  return [...found.values()];
}

const isQuote = (character: string | undefined): boolean => character === undefined || `"'\`\\`.includes(character);

/** `a=x,b=/y/z` -> `/y/z`: what precedes the last separator belongs to the sentence, not to the path. */
function trimmed(stem: string): string {
  const absolute = stem.lastIndexOf('http://') >= 0 ? stem.lastIndexOf('http://') : stem.lastIndexOf('https://');
  if (absolute >= 0) return stem.slice(absolute);
  return stem.replace(/^.*[,=&?!:]/, '').replace(/^[()[\]]+(?!\w*[)\]])/, '');
}

const directory = (url: string): string => new URL('.', url).href;

/** `/a/b/c/` -> `/a/b/c/`, `/a/b/`, `/a/`, `/` as URLs, deepest first. */
function ancestors(url: string): string[] {
  const result: string[] = [];
  for (let at = directory(url); ; at = new URL('..', at).href) {
    result.push(at);
    if (new URL(at).pathname === '/') return result;
  }
}

export interface SearchPlace {
  readonly script: string;
  readonly document: string;
  /** Folders of the scripts that the page itself names: for a script inside the page, they tell where its scripts live. */
  readonly siblings?: readonly string[];
  readonly bases?: readonly string[];
}

/**
 * The URLs that a path found in the text of a script may mean, likeliest first, at most five. Build tools write paths
 * relative to the script, to the page, to a public path (`static/chunks/x.js` in `/_next/static/chunks/y.js` means
 * `/_next/static/chunks/x.js`), or to the root.
 */
export function candidateUrls(path: string, from: SearchPlace): string[] {
  const urls: (string | undefined)[] = [];
  const add = (base: string) => urls.push(URL.parse(path, base)?.href);
  if (/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(path)) {
    add(from.script);
    if (path.startsWith('/')) add(from.document);
  } else if (path.startsWith('.')) {
    add(from.script);
    add(from.document);
  } else {
    const [first] = path.split('/', 1) as [string];
    const isNested = path.includes('/');
    for (const base of from.bases ?? []) add(base);
    for (const script of isNested ? [from.script, ...(from.siblings ?? [])] : []) {
      const shared = ancestors(script).find((base) => base.endsWith(`/${first}/`));
      if (shared) add(new URL('..', shared).href);
    }
    add(from.script);
    add(from.document);
    for (const base of isNested ? ancestors(from.script) : []) add(base);
    add(new URL('/', from.document).href);
  }
  return [...new Set(urls.filter((url) => url !== undefined))].slice(0, 5);
}

/** Does the path carry what looks like a hash of its content? A hint that its bytes do not change, not a proof. */
export function isHashed(url: string): boolean {
  return new URL(url).pathname
    .split(/[/.~]|-(?=[^/]*$)/)
    .some(
      (part) =>
        (/^[0-9a-f]{8,}$/.test(part) && /\d/.test(part)) ||
        (part.length >= 8 && /\d/.test(part) && /[A-Z]/.test(part) && /[a-z]/.test(part)),
    );
}

/** Does the address name a version, so that a new build of it has another address? */
export function isVersioned(url: string): boolean {
  const { pathname, searchParams } = new URL(url);
  if (/(?:^|[/@._-])v?\d+(?:\.\d+){1,3}(?:[/._-]|$)/.test(pathname)) return true;
  return [...searchParams].some(([name, value]) => /\d/.test(name + value));
}

/** Files in which nobody keeps a token. */
const NOT_CODE =
  /\.(?:png|jpe?g|gif|webp|avif|svg|ico|bmp|css|woff2?|ttf|otf|eot|mp[34]|webm|ogg|m4a|wav|pdf|zip|gz|map|xml|rss|txt|vtt|webmanifest)$/i;

/** Is the text an address, as a whole? `relative`: also one that begins with neither a scheme nor a slash. */
export function isAddress(text: string, relative = false): boolean {
  if (text.length < 2 || text.length > LONGEST || /[\s"'<>{}|\\^`*]/.test(text)) return false;
  const path = text.replace(/[?#].*$/s, '');
  if (NOT_CODE.test(path)) return false;
  if (/^(?:https?:)?\/\/[\w-]+(?:[.:]|$)/i.test(text)) return true;
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return false;
  return /^(?:\/(?!\/)|\.{1,2}\/)[\w.@%~-]/.test(text) || (relative && /^[\w@%~-][\w.@%~/-]*(?:\?.*)?$/.test(text));
}
