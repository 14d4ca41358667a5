/**
 * The exhaustive crash test: one life of an integration (first token, rotation, grace, revocation), and at every single
 * effect in turn the process dies before it, dies after it, or loses the answer. Then the heartbeat has it reconciled until
 * all is quiet. Every invariant must hold after every reconcile, and exactly one token survives. Pairs: crash-pairs.test.ts.
 */
import { counted } from '../counts.ts';
import { endingsOf, failEverywhere } from './crashes.ts';
import { Lives, MODES } from './lives.ts';

test.each([0, 20_000, 70_000, 8 * 60_000, 6 * 3_600_000])(
  'at every effect, in every mode, a life with one fault ends with one token and no violation: lists lag by %d ms',
  async (lag) => {
    const { effects, lives, faults } = await failEverywhere(lag);
    expect(faults).toEqual([]);
    expect(effects).toBeGreaterThan(25);
    expect(lives).toBe(effects * MODES.length);
    counted('crash points × ways', lives);
  },
);

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
  const { remembered, lived } = await endingsOf(5);
  expect(remembered.length).toBeGreaterThan(0);
  expect(remembered).toEqual(lived);
});
