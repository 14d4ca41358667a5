/** As crash.test.ts, with a second fault that hits the recovery from the first: one of the next dozen effects. */
import { counted } from '../counts.ts';
import { failTwice } from './crashes.ts';
import { MODES } from './lives.ts';

const DOZEN = 12;

test('at every pair of effects, a life with two faults ends with one token and no violation', async () => {
  const { effects, lives, faults } = await failTwice(DOZEN);
  expect(faults.slice(0, 20)).toEqual([]);
  expect(lives).toBe(effects * MODES.length * DOZEN * MODES.length);
  counted('pairs of crash points × ways', lives);
}, 600_000);
