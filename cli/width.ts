/** How many columns of a terminal a text takes. */
import { printable } from '../lambdas/domain/printable.ts';

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });
const PLAIN = /^[\x20-\x7e]*$/;
/** Emoji, and East Asian characters that are as wide as they are high. */
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const NONE = /^[\p{M}\p{Cf}]+$/u;

const widthOfCharacter = (character: string): number => (WIDE.test(character) ? 2 : NONE.test(character) ? 0 : 1);

export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of characters.segment(text)) width += widthOfCharacter(segment);
  return width;
}

/** As much of a text as fits, with a mark where something is missing; never half a character. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  let [kept, left] = ['', width - 1];
  for (const { segment } of characters.segment(text)) {
    left -= widthOfCharacter(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}…`;
}

export const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** What others have written makes no line of its own, and is as wide as it is printed. */
export const inLine = (text: string): string => printable(text.replace(/[\n\r\t\u2028\u2029]+/g, ' '));
