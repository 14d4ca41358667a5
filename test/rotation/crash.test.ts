/**
 * The exhaustive crash test: one life of an integration (first token, rotation, grace, revocation), and at every single
 * effect in turn the process dies before it, dies after it, or loses the answer. Then the heartbeat has it reconciled until
 * all is quiet. Every invariant must hold after every reconcile, and exactly one token survives. Pairs: crash-pairs.test.ts.
 */
import { counted } from '../counts.ts';
import { Lives, MODES, wrong } from './lives.ts';

/** Fails at each effect of the life, in each way. */
async function failEverywhere(lives: Lives): Promise<string[]> {
  const whole = await lives.whole();
  expect(wrong(whole)).toEqual([]);
  expect(whole.names.length).toBeGreaterThan(25);
  const failures: string[] = [];
  let runs = 0;
  for (let at = 0; at < whole.names.length; at += 1) {
    for (const mode of MODES) {
      failures.push(...wrong(await lives.with(whole, { at, mode }, true)));
      runs += 1;
    }
  }
  expect(runs).toBe(whole.names.length * MODES.length);
  counted('crash points × ways', runs);
  return failures;
}

test('at every effect, in every mode, a life with one fault ends with one token and no violation', async () => {
  expect(await failEverywhere(new Lives())).toEqual([]);
});

test.each([20_000, 70_000, 8 * 60_000, 6 * 3_600_000])('and so it does when lists lag by %d ms', async (lag) => {
  expect(await failEverywhere(new Lives(lag))).toEqual([]);
});

test('the mint whose answer is lost is adopted, not repeated', async () => {
  const lives = new Lives();
  const whole = await lives.whole();
  const at = whole.names.indexOf('paddle.create');
  for (const mode of ['dies after', 'loses the answer of'] as const) {
    const { names } = await lives.with(whole, { at, mode }, false);
    // One for each of the two rotations of this life.
    expect(names.filter((name) => name === 'paddle.create')).toHaveLength(2);
  }
});

test('an ending that is remembered is the one that would have been lived', async () => {
  const [remembering, living] = [new Lives(), new Lives()];
  const [a, b] = [await remembering.whole(), await living.whole()];
  for (let at = 0; at < a.names.length; at += 5) {
    for (const mode of MODES) {
      const { active, violations } = await remembering.with(a, { at, mode }, true);
      expect(await living.with(b, { at, mode }, false)).toMatchObject({ active, violations });
    }
  }
});
