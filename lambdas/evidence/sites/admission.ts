/** Which addresses the reader follows: everything certain, and of the uncertain as many as the limits allow. */
import type { ScanLimits } from './options.ts';
import { FetchProblem, type ProblemCode } from './problem.ts';
import type { Reference } from './reference.ts';

/** Paddle's own scripts and services hold no page's token. */
const PADDLE = /^https:\/\/(?:[\w-]+\.)*paddle\.com$/;
export const isPaddles = (url: string): boolean => PADDLE.test(URL.parse(url)?.origin ?? '');

export type Certainty = Reference['certainty'];

/** What another origin, or a page that was only guessed at, leads to is less certain by one step. */
export const lessCertain = (certainty: Certainty): Certainty => (certainty === 'definite' ? 'guess' : 'hint');

/** Of something uncertain: it leads to where nobody is let in, so it is none of ours. */
const HARMLESS: ReadonlySet<ProblemCode> = new Set(['refused-url', 'refused-address', 'redirect']);

/** Does it matter that this could not be read? */
export function matters(certainty: Certainty, isOwn: boolean, code: ProblemCode): boolean {
  if (certainty === 'definite') return true;
  if (HARMLESS.has(code)) return false;
  return isOwn || (certainty === 'guess' && code !== 'dns');
}

export interface Admission {
  /** `undefined`: go on. `left-out`: one of too many that nobody counts on. */
  admit(certainty: Certainty, isOwn: boolean): FetchProblem | 'left-out' | undefined;
  /** Hints that were left out. */
  readonly leftOut: number;
}

export function createAdmission({ maxGuesses, maxHints }: ScanLimits): Admission {
  let guesses = 0;
  let hints = 0;
  return {
    admit(certainty, isOwn) {
      if (certainty === 'definite') return undefined;
      if (certainty === 'guess' && isOwn) {
        guesses += 1;
        if (guesses <= maxGuesses) return undefined;
        return new FetchProblem('too-many', `more than ${maxGuesses} paths that look like scripts`);
      }
      hints += 1;
      return hints > maxHints ? 'left-out' : undefined;
    },
    get leftOut() {
      return Math.max(0, hints - maxHints);
    },
  };
}
