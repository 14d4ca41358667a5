/** The histories of `npm test`, in two halves: a suite each, so that two processes share what takes longest of all. */
import { counted } from '../../counts.ts';
import { type Checked, checkHistories } from './property.ts';

/** The same histories each time, so that a change is judged by what it changes; other seeds and more runs find more. */
const ALL = Number(process.env.PADDLEWHEEL_HISTORIES) || 3000;
const SEED = Number(process.env.PADDLEWHEEL_SEED) || 20261125;

export function testHalf(half: 'first' | 'second'): void {
  const firstOfSecond = Math.ceil(ALL / 2);
  const [from, runs] = half === 'first' ? [0, firstOfSecond] : [firstOfSecond, ALL - firstOfSecond];
  let checked: Checked | undefined;

  test(`${runs} random histories keep every invariant and come to rest`, async () => {
    checked = await checkHistories({ runs, seed: SEED, path: from === 0 ? undefined : String(from) });
    if (checked.failure) throw new Error(checked.failure);
    expect(checked.histories).toBe(runs);
    counted('random histories', checked.histories);
  }, 900_000);

  test('they have been through every state, so that none goes untested', () => {
    expect(checked?.missing).toEqual([]);
  });
}
