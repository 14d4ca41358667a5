/** What differs when a person sits at a terminal: colour, symbols, and a width to fit. Elsewhere texts stay plain and whole. */
import { cut, inLine, padded, widthOf } from './width.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What a text means for the shop; a terminal shows it as a colour. */
export type Tone = 'good' | 'busy' | 'wary' | 'bad' | 'faint';
export type Piece = readonly [text: string, tone?: Tone];
export type Write = (text: string, tone?: Tone) => void;

/** Standard output, where it is a terminal. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Empties it, before it is drawn anew. */
  clear(): void;
}

/** One line of a terminal that is written over and over. */
export interface ProgressLine {
  /** Empty: the line is wiped. */
  show(line: string): void;
  /** @returns stops it */
  every(ms: number, tick: () => void): () => void;
}

/** https://no-color.org and https://force-color.org; the latter wins, as in Node. */
export function hasColour(isTerminal: boolean, { FORCE_COLOR, NO_COLOR, TERM }: Env): boolean {
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return !['0', 'false'].includes(FORCE_COLOR);
  return isTerminal && !NO_COLOR && TERM !== 'dumb';
}

const CODES: Readonly<Record<Tone, readonly [on: number, off: number]>> = {
  good: [32, 39],
  busy: [36, 39],
  wary: [33, 39],
  bad: [31, 39],
  faint: [2, 22],
};
export const painted = (text: string, tone: Tone): string => `\x1b[${CODES[tone][0]}m${text}\x1b[${CODES[tone][1]}m`;

const SYMBOLS: Readonly<Record<Tone, string>> = { good: '✓ ', busy: '… ', wary: '! ', bad: '✗ ', faint: '' };
/** For those who do not tell colours apart. */
export const symbolOf = (tone: Tone, screen: Screen | undefined): string => (screen ? SYMBOLS[tone] : '');

/** Narrower than this nothing fits in any case. */
const NARROWEST = 20;

/** Breaks between words, and indents what follows. A word that is too long, such as an address, stays whole: it is copied. */
export function wrapped(given: string, indent: number, screen: Screen | undefined): string {
  const text = inLine(given);
  const width = screen ? screen.columns - indent : 0;
  if (width < NARROWEST) return text;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

/** The last cell of a row gives way when the terminal is too narrow. */
export function table(given: readonly (readonly Piece[])[], screen: Screen | undefined): Piece[] {
  const rows = given.map((row) => row.map(([text, tone]): Piece => [inLine(text), tone]));
  const widths: number[] = [];
  for (const row of rows)
    for (const [at, [text]] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(text));
  return rows.flatMap((row) => {
    let left = screen?.columns ?? Number.POSITIVE_INFINITY;
    return [
      ...row.map(([text, tone], at): Piece => {
        const isLast = at === row.length - 1;
        const shown = cut(text, left);
        const cell = isLast ? shown : padded(shown, Math.min(left, (widths[at] ?? 0) + 2));
        left -= widthOf(cell);
        return [cell, tone];
      }),
      ['\n'] as const,
    ];
  });
}

export function print(pieces: readonly Piece[], write: Write): void {
  for (const [text, tone] of pieces) write(text, tone);
}
export const plainText = (pieces: readonly Piece[]): string => pieces.map(([text]) => text).join('');
