/**
 * What stands at a target, and what becomes of it when a token is published there. Pure. The one rule: nothing but a
 * client-side token of the same environment, or nothing at all, is ever replaced.
 */
import { RefusedError } from './errors.ts';
import { memberOf, withMember } from './json-text.ts';
import type { Target } from './model.ts';
import { jsonKeyOf, targetName } from './targets.ts';

/** Paddle documents 27 characters; longer ones would still be tokens. */
const TOKEN = /^(test|live)_[A-Za-z0-9]{27,64}$/;

/**
 * @param text the whole content of the parameter or secret; `undefined` when there is none
 * @returns the text that stands where the token belongs; `undefined` when there is none. What cannot be told apart, or is no
 *   text, is answered as a whole (`misplaced`): a token in it is served, although not as we publish it
 */
export function valueAt(target: Target, text: string | undefined): string | undefined {
  const key = jsonKeyOf(target);
  if (key === undefined || text === undefined) return text;
  const member = memberOf(text, key);
  switch (member.kind) {
    case 'missing':
      return undefined;
    case 'found':
      if (typeof member.value === 'string') return member.value;
      return member.value === null ? undefined : JSON.stringify(member.value);
    default:
      return isBlank(text) ? undefined : misplaced(text);
  }
}

/** In quotation marks: whoever compares it with a token finds that it is none, whoever searches it for one finds it. */
export const misplaced = (text: string): string => JSON.stringify(text);

/**
 * @returns the whole content with `token` in its place, everything else as it was, character by character
 * @throws RefusedError when something else than a token would be lost: its message says what stands there, never the text itself
 */
export function contentWith(target: Target, text: string | undefined, token: string): string {
  const key = jsonKeyOf(target);
  if (key === undefined) {
    mustBeReplaceable(target, text ?? '', token);
    return token;
  }
  if (isBlank(text)) return JSON.stringify({ [key]: token });
  const member = memberOf(text ?? '', key);
  switch (member.kind) {
    case 'found':
      // A key that was put there for the token to come.
      if (member.value !== null) mustBeReplaceable(target, member.value, token);
      break;
    case 'twice':
      throw notAToken(target, `has the key ${key} more than once`, 'Remove all but one of them.');
    case 'not-an-object':
      throw notAToken(
        target,
        'is not a JSON object',
        `Make it one, or leave "jsonKey" out if the token is all it holds.`,
      );
  }
  return withMember(text ?? '', key, token);
}

/** @throws RefusedError unless nothing is there, or a client-side token of the same environment; white space around it is nothing */
function mustBeReplaceable(target: Target, value: unknown, token: string): void {
  if (typeof value !== 'string') throw notAToken(target, 'holds something other than text', remedy(target));
  if (isBlank(value)) return;
  const [, environment] = TOKEN.exec(value.trim()) ?? [];
  if (environment === undefined) {
    const isObject = jsonKeyOf(target) === undefined && memberOf(value, '').kind !== 'not-an-object';
    const what = isObject ? 'holds JSON' : 'holds something that is not a client-side token';
    throw notAToken(target, what, remedy(target, isObject));
  }
  if (token.startsWith(`${environment}_`)) return;
  const names =
    environment === 'live'
      ? 'a live token, and this integration is sandbox'
      : 'a sandbox token, and this integration is live';
  const message = `${targetName(target)} holds ${names}: nothing was written. Name another target, or remove that token first.`;
  throw new RefusedError('other_environment', message);
}

export const notAToken = (target: Target, what: string, toDo: string): RefusedError =>
  new RefusedError('not_a_token', `${targetName(target)} ${what}: it was left as it is. ${toDo}`);

const remedy = (target: Target, isObject = false): string => {
  if (isObject && target.kind === 'secret')
    return 'Name the key that the token belongs to ("jsonKey"), or publish elsewhere.';
  return 'Empty or remove it if nobody needs it, or publish elsewhere.';
};

const isBlank = (text: string | undefined): boolean => (text ?? '').trim() === '';
