/** Where a token should stand and something else does; and the environment that Paddle.js is told. By the text alone. */
import type { TokenFault } from './observation.ts';

export interface TokenSetting {
  readonly fault: TokenFault;
  /** It is an argument of `Initialize`; else only something whose name says that it is Paddle's token. */
  readonly toPaddle: boolean;
}

const QUOTED = String.raw`(["'\u0060])((?:(?!\1)[^\\\n]|\\.){0,200})\1`;
const TO_PADDLE = new RegExp(String.raw`\bInitialize\s*\(\s*\{[^{}]{0,300}?\btoken["']?\s*:\s*${QUOTED}`, 'g');
const NAMED = new RegExp(
  String.raw`\b(?:client_?side_?token|\w{0,40}paddle\w{0,40}token\w{0,20})["']?\s*[:=]\s*${QUOTED}`,
  'gi',
);
const PLACEHOLDER =
  /^(?:\$?\{\{?.*\}\}?|<%.*%>|%[\w.-]+%|__[\w.-]+__|@[\w.-]+@|#\{.*\}#?|\[\[.*\]\]|undefined|null|your[\w -]*|(?:test|live)_x+|change_?me|todo|process\.env\..*|import\.meta\.env\..*|\$[A-Z][A-Z0-9_]+)$/i;
const TOKEN_WITHIN = /^[\s"'`]*(?:test|live)_[A-Za-z0-9]{20,120}[\s"'`]*$/;

/** Every place in the text of a script or page where Paddle's token should be and is not. */
export function faultySettings(text: string): TokenSetting[] {
  return [
    ...[...text.matchAll(TO_PADDLE)].map(([, , value = '']) => ({ fault: faultOf(unescaped(value)), toPaddle: true })),
    ...[...text.matchAll(NAMED)].map(([, , value = '']) => ({ fault: faultOf(unescaped(value)), toPaddle: false })),
  ].flatMap(({ fault, toPaddle }) => (fault ? [{ fault, toPaddle }] : []));
}

/** What is wrong with a text that is used as a token; `undefined`: nothing that can be told. */
export function faultOf(value: string): TokenFault | undefined {
  if (value.trim() === '') return 'empty';
  if (PLACEHOLDER.test(value.trim())) return 'placeholder';
  return TOKEN_WITHIN.test(value) && /[\s"'`]/.test(value) ? 'malformed' : undefined;
}

/** Does the token stand in a literal together with a newline or with quotes of its own? A build that read it carelessly. */
export function isMalformedIn(text: string, token: string): boolean {
  for (let at = text.indexOf(token); at >= 0; at = text.indexOf(token, at + 1)) {
    const before = text.slice(Math.max(0, at - 16), at);
    const after = text.slice(at + token.length, at + token.length + 16);
    if (/^(?:\\r)?\\n\s*["'`]/.test(after) || /^\r?\n[ \t]*["'`]/.test(after)) return true;
    if (/"\\"$/.test(before) && /^\\""/.test(after)) return true;
    if (/[=(:,[]\s*(['`])"$/.test(before) && /^"['`]/.test(after) && !/parse\(\s*['`]"$/.test(before)) return true;
  }
  return false;
}

const unescaped = (text: string): string =>
  text.replace(/\\(u[0-9a-f]{4}|x[0-9a-f]{2}|.)/gi, (_all, code: string) => {
    if (/^[ux]./i.test(code) && code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t' }[code] ?? code;
  });

/** The environment in which a token works, in Paddle.js's own words. */
export const environmentOf = (token: string): 'sandbox' | 'production' =>
  token.startsWith('test_') ? 'sandbox' : 'production';
