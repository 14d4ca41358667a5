/** Markup in which every text is escaped by construction: what is not made here is text, whatever it looks like. */
import { redact } from './mask.ts';

export class Markup {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type Content = Markup | string | number | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};
/** Control characters, and those that turn the direction of what follows: a text must not change how its neighbours look. */
const INVISIBLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069](?<![\n\t])/gu;

/** A text as markup: no element, no attribute, no token's value. */
export const escapeText = (text: string): string =>
  redact(text)
    .replace(INVISIBLE, '\u{fffd}')
    .replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');

/** Values are escaped, markup goes in as it is, lists are joined, `undefined` and `false` are nothing. */
export const html = (parts: TemplateStringsArray, ...values: readonly Content[]): Markup =>
  new Markup(parts.map((part, index) => part + written(values[index])).join(''));

function written(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Markup) return content.toString();
  if (typeof content === 'string') return escapeText(content);
  if (typeof content === 'number') return String(content);
  return content.map(written).join('');
}
