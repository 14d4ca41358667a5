/**
 * Thousands of random histories: installations of every kind, people who ask for everything at any time, runs that meet and die,
 * outages, webhooks sent again and out of order, deploys, clocks. An oracle of its own (`histories/oracle.ts`) checks all invariants
 * of the design by what happened at the edges of the world. More of them: `npm run soak`.
 */
import { counted } from '../counts.ts';
import { type Checked, checkHistories } from './histories/property.ts';

/** The same histories each time, so that a change is judged by what it changes; other seeds and more runs find more. */
const runs = Number(process.env.PADDLEWHEEL_HISTORIES) || 3000;
const seed = Number(process.env.PADDLEWHEEL_SEED) || 20261125;
let checked: Checked | undefined;

test(`${runs} random histories keep every invariant and come to rest`, async () => {
  checked = await checkHistories({ runs, seed });
  if (checked.failure) throw new Error(checked.failure);
  expect(checked.histories).toBe(runs);
  counted('random histories', checked.histories);
}, 900_000);

test('they have been through every state, so that none goes untested', () => {
  expect(checked?.missing).toEqual([]);
});
