/** How values that are not for logs are shown. Client-side tokens are public, the rest is secret; neither is ever logged. */

/** At least this long, or what is left unmasked would be most of it. */
const SHORTEST_TOKEN = 20;

/**
 * A token's value as people may see it: enough to tell two apart, too little to use.
 * @param value `test_7d279f61a3499fed520f7cd8c08`
 * @returns `test_7d27…c08`; only `…` for anything that does not look like a token
 */
export function maskToken(value: string): string {
  const [, prefix, rest] = /^(test_|live_)([A-Za-z0-9]+)$/.exec(value) ?? [];
  if (prefix === undefined || rest === undefined || value.length < SHORTEST_TOKEN) return '…';
  return `${prefix}${rest.slice(0, 4)}…${rest.slice(-3)}`;
}

const TOKENS = /(?:test|live)_[A-Za-z0-9]{27,}/g;
/** API keys (`pdl_live_apikey_…`) and webhook secrets (`pdl_ntfset_…`), which in practice also hold `+` and `/`. */
const PADDLE_SECRETS = /pdl_([a-z]+)_[A-Za-z0-9_+/=.-]+/g;
/** The hash of a `Paddle-Signature`: with its body at hand it would let anyone replay the request. */
const SIGNATURES = /\bh1=[0-9a-fA-F]+/g;

/** The text with every token, API key, webhook secret and signature in it masked, wherever they stand. */
export const redact = (text: string): string =>
  text
    .replace(PADDLE_SECRETS, 'pdl_$1_…')
    .replace(TOKENS, (token) => maskToken(token))
    .replace(SIGNATURES, 'h1=…');

/** A copy of plain JSON data with every text in it redacted, names of properties included. */
export function redactDeep(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redactDeep);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [redact(key), redactDeep(inner)]));
}
