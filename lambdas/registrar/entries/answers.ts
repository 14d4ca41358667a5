/** What whoever registers is told. */
import type { Changes, Done } from './carry-out.ts';

export interface EntryAnswer {
  readonly outcome: 'registered' | 'unregistered' | 'rehearsed' | 'incomplete' | 'rejected';
  readonly message: string;
  readonly faults?: readonly string[];
  readonly accounts?: Changes;
  readonly integrations?: Changes;
  /** What was not written. Everything else was, so that the same call can be made again. */
  readonly left?: Done['left'];
}

export const rejected = (faults: readonly string[]): EntryAnswer => ({
  outcome: 'rejected',
  faults,
  message: `Nothing was changed. ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}: ${shown(faults)}`,
});

/** The message is for reading; `faults` has all of them. */
const MOST_SHOWN = 20;
const shown = (faults: readonly string[]): string =>
  faults.length > MOST_SHOWN
    ? `${faults.slice(0, MOST_SHOWN).join('; ')}; and ${faults.length - MOST_SHOWN} more`
    : faults.join('; ');

export function incompleteOr(
  outcome: 'registered' | 'unregistered' | 'rehearsed',
  { accounts, integrations, left }: Done,
): EntryAnswer {
  const would = outcome === 'rehearsed' ? 'Would be written' : 'Written';
  const message = `${would}: accounts ${inWords(accounts)}; integrations ${inWords(integrations)}.`;
  const answer = { outcome, message, accounts, integrations };
  if (left.length === 0) return answer;
  const again = `${left.length} were left: make the same call again, what is done is left alone.`;
  return { ...answer, outcome: 'incomplete', message: `${message} ${again}`, left };
}

const inWords = (changes: Changes): string =>
  Object.entries(changes)
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${names.length} ${what}`)
    .join(', ') || 'none';
