/**
 * How values that are not for logs are shown. Client-side tokens are public, the rest is secret; neither is ever logged. A value
 * is found however it is written: in the middle of a word, percent-encoded, in escapes, or with invisible characters in between.
 */

/** At least this long, or what is left unmasked would be most of it. */
const SHORTEST_TOKEN = 20;

/**
 * A token's value as people may see it: enough to tell two apart, too little to use.
 * @param value `test_7d279f61a3499fed520f7cd8c08`
 * @returns `test_7d27…c08`; only `…` for anything that does not look like a token
 */
export function maskToken(value: string): string {
  const [, prefix, rest] = /^(test_|live_)([A-Za-z0-9]+)$/i.exec(value) ?? [];
  if (prefix === undefined || rest === undefined || value.length < SHORTEST_TOKEN) return '…';
  return `${prefix}${rest.slice(0, 4)}…${rest.slice(-3)}`;
}

/** Every repetition has a bound, so that no text makes the search slow. */
const INVISIBLE = '[\\u00ad\\u200b-\\u200d\\u2060\\ufeff]{0,8}';
/** One character, as it is or in an escape of its hexadecimal code: `%5F`, `%255F`, `\u005f`, `\x5f`, `&#x5f;`, `&#95;`. */
const character = (plain: string, hex: string, decimal: string): string =>
  `(?:${plain}|%(?:25){0,4}${hex}|\\\\{1,8}(?:u00|u\\{0{0,6}|x)${hex}\\}?|&#(?:x0{0,6}${hex}|0{0,6}${decimal});?)${INVISIBLE}`;
const text = (plain: string): string =>
  [...plain].map((one) => character(one, one.charCodeAt(0).toString(16), String(one.charCodeAt(0)))).join('');
const LETTER_OR_DIGIT = character('[A-Za-z0-9]', '[3-7][0-9a-f]', '\\d{2,3}');
const OF_A_SECRET = character('[A-Za-z0-9_+/=.-]', '[2-7][0-9a-f]', '\\d{2,3}');

/** Paddle's have 27 characters behind the prefix; it does not promise that they always will. */
const BODY = `${text('_')}(?:${LETTER_OR_DIGIT}){20,}`;
/** Of two that stand side by side, the first takes the prefix of the second along. */
const TOKENS = new RegExp(`(?:${text('test')}|${text('live')})(?:${BODY})+`, 'gi');
/** API keys (`pdl_live_apikey_…`) and webhook secrets (`pdl_ntfset_…`), which in practice also hold `+` and `/`. */
const PADDLE_SECRETS = new RegExp(
  `${text('pdl_')}((?:${LETTER_OR_DIGIT}){1,40}?)${text('_')}((?:${OF_A_SECRET})+)(\\*{2,}|…)?`,
  'gi',
);
/** What Paddle itself shows of an API key, and what we do. */
const SHOWN_OF_A_SECRET = /^(?:apikey_)?[a-z\d]{0,12}$/;
/** The hash of a `Paddle-Signature`: with its body at hand it would let anyone replay the request. */
const SIGNATURES =
  /(?:\bh1(=)|h1(["'\\\s]{0,8}(?:[=:]|%(?:25){0,4}3d|\\{1,8}u003d)["'\\\s]{0,8})(?=[0-9a-f]{16}))[0-9a-f]+/gi;
const BEARERS = /\b(bearer(?:\s|%20|\+){1,4})[A-Za-z0-9._~+/=-]{16,}/gi;

/**
 * What each of the searches above begins with, or an escape or an invisible character that may hide it: almost no text of an
 * event has any, and looking for these is many times as quick as the searches.
 */
const HINTS = [
  ...['test', 'live', 'pdl', 'h1', 'bearer', '%', '\\', '&'],
  ...['\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff'],
];
const hasAny = (some: string, hints: readonly string[]): boolean => {
  const lower = some.toLowerCase();
  return hints.some((hint) => lower.includes(hint));
};

/** The text with every token, API key, webhook secret and signature in it masked, wherever they stand. */
export const redact = (some: string): string => (hasAny(some, HINTS) ? searched(some) : some);

const searched = (some: string): string =>
  some
    .replace(PADDLE_SECRETS, maskSecret)
    .replace(TOKENS, (token) => maskToken(token))
    .replace(SIGNATURES, 'h1$1$2…')
    .replace(BEARERS, '$1…');

function maskSecret(all: string, kind: string, rest: string, shortened = ''): string {
  if (shortened !== '' && SHOWN_OF_A_SECRET.test(rest)) return all;
  return /^[a-z]+$/.test(kind) ? `pdl_${kind}_…` : 'pdl_…';
}

/** What such a property holds is masked whatever it looks like, unless it is short or a sentence. */
const SECRET_NAMES =
  /^(?:h1|(?:x-)?paddle-signature|signature|authorization|(?:new_|old_|api_?)?key|(?:\w+_)?(?:secret|password)(?:_keys?)?)$/i;
/** One of them stands in the JSON of whatever has such a property, or one named `token`. */
const NAME_HINTS = ['key"', 'signature"', 'authorization"', 'secret', 'password', '"token"'];
const COULD_BE_A_SECRET = /^[^\s*…]{16,}$/;
/** Deeper than anything that Paddle sends; what is deeper is left out. */
export const MOST_LEVELS = 100;

/**
 * Certainly nothing for `redactDeep` to mask: a look at one text, in place of four searches in each of hundreds.
 * @param json as `JSON.stringify` writes it
 */
export const holdsNothing = (json: string): boolean => !hasAny(json, [...HINTS, ...NAME_HINTS]);

/**
 * A copy of plain JSON data with every text in it redacted, names of properties included.
 * @param token a token's value, which is masked wherever it stands, although it may look like none; so is every property
 *   named `token` then
 */
export function redactDeep(value: unknown, token?: string, level = 0): unknown {
  const masked = (some: string) => redact(token ? some.replaceAll(token, maskToken(token)) : some);
  if (typeof value === 'string') return masked(value);
  if (value === null || typeof value !== 'object') return value;
  if (level >= MOST_LEVELS) return '…';
  if (Array.isArray(value)) return value.map((inner) => redactDeep(inner, token, level + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [masked(name), ofProperty(name, inner, token, level + 1)]),
  );
}

function ofProperty(name: string, value: unknown, token: string | undefined, level: number): unknown {
  if (token !== undefined && name.toLowerCase() === 'token')
    return value === null ? null : typeof value === 'string' ? maskToken(value) : '…';
  const masked = redactDeep(value, token, level);
  const untouched = typeof value === 'string' && masked === value;
  return untouched && SECRET_NAMES.test(name) && COULD_BE_A_SECRET.test(value) ? '…' : masked;
}
