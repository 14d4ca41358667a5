/** From the first step to the last thing that is cleared away. */
import type { Progress } from '../python.ts';
import { type Difference, differences } from './differences.ts';
import { Leftovers } from './leftovers.ts';
import type { Place } from './place.ts';
import { Smoke } from './smoke.ts';

/** @returns the status to end with: 0 when all of it was proved and nothing is left */
export async function smokeTest(place: Place, prefix: string, say: Progress): Promise<number> {
  const smoke = new Smoke(place, prefix);
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  });
  interrupted.catch(() => {});
  const proved: string[] = [];
  let differing: readonly Difference[] = [];
  let failure = '';
  say(`${prefix}: ${place.title}\n`);
  try {
    for (const [title, run] of smoke.steps) {
      const begun = Date.now();
      const found = await Promise.race([run(() => {}), interrupted]);
      proved.push(title);
      say(`  ok ${((Date.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${title}: ${found}`);
    }
    differing = await differences(place, prefix);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    say(`  FAILED: ${failure}`);
  }
  const left = await clearAway(place, prefix, smoke, say);
  report(proved, differing, left, say);
  return failure === '' && left.length === 0 ? 0 : 1;
}

/** Whatever happened before, and whatever of it fails. @returns what is left */
async function clearAway(place: Place, prefix: string, smoke: Smoke, say: Progress): Promise<readonly string[]> {
  say('\nIt is destroyed.');
  const { stack } = smoke.names;
  await smoke.clearPaddle();
  const failed = await place
    .destroy(stack, prefix, () => {})
    .then(
      () => [],
      (error: Error) => [`npx cdk destroy ${stack}   (failed: ${error.message.split('\n')[0]})`],
    );
  const leftovers = new Leftovers(prefix, stack, place.settings);
  await leftovers.clear();
  return [...failed, ...(await leftovers.named())];
}

function report(
  proved: readonly string[],
  differing: readonly Difference[],
  left: readonly string[],
  say: Progress,
): void {
  say(`\nProved (${proved.length})`);
  for (const title of proved) say(`  ${title}`);
  say('\nDiffers from the local AWS');
  for (const { what, emulator, here } of differing)
    say(`  ${what}: ${here}${here === emulator ? ', as there' : `; there ${emulator}`}`);
  say(left.length === 0 ? '\nNothing is left of it.' : '\nLeft, and to be ended by');
  for (const command of left) say(`  ${command}`);
}
