/**
 * Thousands of random histories: installations of every kind, people who ask for everything at any time, runs that meet and die,
 * outages, webhooks sent again and out of order, deploys, clocks. An oracle of its own (`histories/oracle.ts`) checks all invariants
 * of the design by what happened at the edges of the world. More of them: `npm run soak`.
 */
import { counted } from '../counts.ts';
import { checkHistories, told } from './histories/property.ts';
import { Reached } from './histories/reached.ts';

/** The same histories each time, so that a change is judged by what it changes; other seeds and more runs find more. */
const RUNS = Number(process.env.PADDLEWHEEL_HISTORIES) || 3000;
const SEED = Number(process.env.PADDLEWHEEL_SEED) || 20261125;
const reached = new Reached();

test(`${RUNS} random histories keep every invariant and come to rest`, async () => {
  const details = await checkHistories({ runs: RUNS, seed: SEED, reached });
  if (details.failed) throw new Error(told(details));
  counted('random histories', details.numRuns);
}, 900_000);

test('they have been through every state, so that none goes untested', () => {
  expect(reached.missing).toEqual([]);
});
