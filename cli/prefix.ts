/** Which of several installations is meant: `npx paddlewheel --prefix eu status`, or the variable `PADDLEWHEEL_PREFIX`. */
import { DEFAULT_PREFIX } from '../lambdas/contract.ts';

const VARIABLE = 'PADDLEWHEEL_PREFIX';

/** An option of the program, so it stands before the command; whatever comes behind belongs to the command. */
export function prefixOf(args: readonly string[], env: Readonly<Record<string, string | undefined>>): string {
  const [first = '', second] = args;
  if (first === '--prefix' && second) return second;
  if (first.startsWith('--prefix=')) return first.slice('--prefix='.length);
  return env[VARIABLE] || DEFAULT_PREFIX;
}
