/** Random histories as one property, for the tests and for the soak. */
import fc from 'fast-check';
import { History } from './history.ts';
import { Reached } from './reached.ts';
import { type Beginning, beginning, type Step, steps } from './steps.ts';

export async function faultsOf(
  start: Beginning,
  all: readonly Step[],
  reached = new Reached(),
): Promise<readonly string[]> {
  const history = new History(start, reached);
  await history.begin(start);
  for (const step of all) {
    await history.take(step);
    if (history.faults.length > 0) return history.faults;
  }
  await history.calm();
  return history.faults;
}

interface Options {
  readonly runs: number;
  readonly seed: number;
  /** Where to begin: at the history of this number, or at the very one that a failure names. */
  readonly path?: string;
  readonly endOnFailure?: boolean;
}

export interface Checked {
  readonly histories: number;
  /** Absent: none breaks an invariant. */
  readonly failure?: string;
  /** States that no history has been through. */
  readonly missing: readonly string[];
}

export async function checkHistories(options: Options, reached = new Reached()): Promise<Checked> {
  const { runs: numRuns, seed, path, endOnFailure = false } = options;
  const property = fc.asyncProperty(beginning, steps, async (start, all) => {
    const faults = await faultsOf(start, all, reached);
    if (faults.length > 0) throw new Error(faults.join('\n'));
  });
  const details = await fc.check(property, { numRuns, seed, path, endOnFailure });
  return {
    histories: details.numRuns,
    missing: reached.missing,
    ...(details.failed ? { failure: told(details) } : {}),
  };
}

function told(details: fc.RunDetails<[Beginning, Step[]]>): string {
  const { seed, counterexamplePath, numShrinks, counterexample, errorInstance } = details;
  const [start, all] = counterexample ?? [];
  const again = `npm run soak -- --seed ${seed} --path ${counterexamplePath}`;
  return [
    `A history breaks an invariant (shrunk ${numShrinks} times). Again: ${again}`,
    ...(errorInstance instanceof Error ? [errorInstance.message] : []),
    `beginning: ${JSON.stringify(start)}`,
    ...(all ?? []).map((step) => `  ${JSON.stringify(step)}`),
  ].join('\n');
}
