/** What whoever registers is told. */
import { redact } from '../../domain/mask.ts';
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

/** An answer of Lambda's has 6 MB; nobody mends more than this at once. */
const MOST_FAULTS = 1_000;
const MOST_READ = 2_000;
const MOST_TOLD = 600;

/** Faults tell what somebody wrote, who may have taken a key for a name. */
export function rejected(all: readonly string[]): EntryAnswer {
  const told = all.slice(0, MOST_FAULTS).map((fault) => redact(fault.slice(0, MOST_READ)).slice(0, MOST_TOLD));
  const faults = all.length > MOST_FAULTS ? [...told, `and ${all.length - MOST_FAULTS} more`] : told;
  const count = `${all.length} ${all.length === 1 ? 'fault' : 'faults'}`;
  const more = all.length > MOST_SHOWN ? `; and ${all.length - MOST_SHOWN} more` : '';
  const message = `Nothing was changed. ${count}: ${told.slice(0, MOST_SHOWN).join('; ')}${more}`;
  return { outcome: 'rejected', faults, message };
}

/** The message is for reading. */
const MOST_SHOWN = 20;

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
