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

export function checkHistories(options: {
  runs: number;
  seed: number;
  path?: string;
  reached?: Reached;
  endOnFailure?: boolean;
  until?: number;
}) {
  const { runs: numRuns, seed, path, reached = new Reached(), endOnFailure = false, until } = options;
  const property = fc.asyncProperty(beginning, steps, async (start, all) => {
    if (until !== undefined && Date.now() > until) return;
    const faults = await faultsOf(start, all, reached);
    if (faults.length > 0) throw new Error(faults.join('\n'));
  });
  return fc.check(property, { numRuns, seed, path, endOnFailure });
}

export function told(details: Awaited<ReturnType<typeof checkHistories>>): string {
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
