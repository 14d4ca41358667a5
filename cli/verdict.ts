/** The verdict that `status` answers, as a terminal shows it. */
import { LEVELS, type Level, type Standing } from '../lambdas/domain/verdict.ts';
import type { FunctionAnswer } from './ports.ts';
import { type Piece, type Screen, symbolOf, type Tone, wrapped } from './terminal.ts';

/** The worst first. Empty: the answer is none about an integration, such as a refusal. */
export const standingsOf = ({ standings = [] }: FunctionAnswer): readonly Standing[] =>
  standings as readonly Standing[];

const TONES: Readonly<Record<Level, Tone>> = {
  stake: 'bad',
  attention: 'bad',
  held: 'wary',
  busy: 'busy',
  paused: 'wary',
  grace: 'busy',
  healthy: 'good',
  unmanaged: 'faint',
};

/** Of two, the worse one has the smaller rank. What is no verdict is worse than any. */
export const rankOf = (level: Level | undefined): number => (level ? LEVELS.indexOf(level) : -1);

/** `held`, and louder where it must be heard. */
export const wordOf = ({ level, word }: Standing): string =>
  level === 'stake' ? word.toUpperCase() : word.toLowerCase();

export const verdictPiece = (standing: Standing, screen: Screen | undefined): Piece => {
  const tone = TONES[standing.level];
  return [`${symbolOf(tone, screen)}${wordOf(standing)}`, tone];
};

/** Why, and what would end it. */
export const because = ({ why, ends }: Standing): string => (ends ? `${why} ${ends}` : why);

/** A line, or more of them on a narrow terminal. */
export function standingLine(standing: Standing, indent: number, screen: Screen | undefined): Piece[] {
  const word = standing.level === 'stake' ? 'AT STAKE' : wordOf(standing);
  return [
    [`  ${word.padEnd(indent - 3)} `, TONES[standing.level]],
    [`${wrapped(because(standing), indent, screen)}\n`],
  ];
}
