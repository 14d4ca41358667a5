/** A person who mistypes an integration is told the nearest name, or those that there are. */
import { type CliAws, type FunctionAnswer, namesOf } from './ports.ts';

const MOST_NAMED = 8;

/** As `aws`, whose refusals of an unknown integration say what may have been meant. */
export function withNames(aws: CliAws): CliAws {
  const invoke = async (name: string, payload: object): Promise<FunctionAnswer> => {
    const answer = await aws.invoke(name, payload);
    const { outcome, faults = [] } = answer as { outcome?: string; faults?: readonly string[] };
    const isUnknown = outcome === 'rejected' && faults.some((fault) => /^integration: .*configured\.?$/.test(fault));
    const { integration } = payload as { integration?: unknown };
    if (!isUnknown || typeof integration !== 'string') return answer;
    // Whoever may only report may not always ask for the list; the refusal stands without it.
    const hint = await namesOf(aws).then(
      (names) => hintFor(integration, names),
      () => undefined,
    );
    return hint === undefined ? answer : { ...answer, faults: [...faults, hint] };
  };
  return Object.create(aws, { invoke: { value: invoke } });
}

export function hintFor(typed: string, names: readonly string[]): string {
  if (names.length === 0) return 'None is registered: is this the right region, profile and prefix?';
  const [nearest] = names
    .map((name) => ({ name, distance: distance(typed, name) }))
    .sort((a, b) => a.distance - b.distance);
  if (nearest && nearest.distance <= Math.max(2, typed.length / 3)) return `Did you mean "${nearest.name}"?`;
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `There are: ${names.slice(0, MOST_NAMED).join(', ')}${more}.`;
}

/** So many characters are to be added, left out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
