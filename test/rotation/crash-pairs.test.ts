/** As crash.test.ts, with a second fault that hits the recovery from the first: one of the next dozen effects. */
import { counted } from '../counts.ts';
import { Lives, MODES, wrong } from './lives.ts';

const DOZEN = 12;

test('at every pair of effects, a life with two faults ends with one token and no violation', async () => {
  const lives = new Lives();
  const whole = await lives.whole();
  const failures: string[] = [];
  let runs = 0;
  for (let first = 0; first < whole.names.length; first += 1) {
    for (const mode of MODES) {
      const life = await lives.with(whole, { at: first, mode }, false);
      for (let second = first + 1; second <= first + DOZEN; second += 1) {
        for (const again of MODES) {
          failures.push(...wrong(await lives.with(life, { at: second, mode: again }, true)));
          runs += 1;
        }
      }
    }
  }
  expect(failures.slice(0, 20)).toEqual([]);
  expect(runs).toBe(whole.names.length * MODES.length * DOZEN * MODES.length);
  counted('pairs of crash points × ways', runs);
}, 600_000);
