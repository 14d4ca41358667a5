/**
 * What others have written (names of tokens and consumers, numbers of builds, Paddle's answers) must not move the cursor, colour the
 * screen or turn the direction of a line, wherever a person reads it: a control character is shown as what it is.
 */
export const printable = (text: string): string =>
  text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
const CONTROL = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069](?<![\n\t])/gu;
