/**
 * The exhaustive crash test: one life of an integration (first token, rotation, grace, revocation), and at every single
 * effect in turn the process dies before it, dies after it, or loses the answer. Then the heartbeat looks again until
 * all is quiet. Every invariant must hold after every reconcile, and exactly one token survives. Pairs of faults, too.
 */

import { AmbiguousError, TransientError } from '../../lambdas/domain/errors.ts';
import { DAY, later } from '../../lambdas/domain/time.ts';
import { START } from '../builders/integration.ts';
import { Crash, type Effects } from '../fakes/effects.ts';
import { Harness } from './harness.ts';
import { quietViolations, violations } from './invariants.ts';

type Mode = 'dies before' | 'dies after' | 'loses the answer of' | 'is refused';
interface Fault {
  readonly at: number;
  readonly mode: Mode;
}
const MODES: readonly Mode[] = ['dies before', 'dies after', 'loses the answer of', 'is refused'];

/** A ledger whose answer is lost after the commit: no EffectError, so the run dies, as it does on AWS. */
class LostAnswer extends Error {
  override readonly name = 'LostAnswer';
}

class FaultyEffects implements Effects {
  readonly names: string[] = [];
  readonly #faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
  }
  #fault(): Mode | undefined {
    return this.#faults.find((fault) => fault.at === this.names.length - 1)?.mode;
  }
  before(name: string): void {
    this.names.push(name);
    const mode = this.#fault();
    if (mode === 'dies before') throw new Crash(`before ${name}`);
    if (mode !== 'is refused') return;
    if (name.startsWith('ledger')) throw new LostAnswer(name);
    throw new TransientError('unavailable', `${name} did not happen`);
  }
  after(name: string): void {
    const mode = this.#fault();
    if (mode === 'dies after') throw new Crash(`after ${name}`);
    if (mode !== 'loses the answer of') return;
    if (name.startsWith('ledger')) throw new LostAnswer(name);
    throw new AmbiguousError('timeout', `${name} was never answered`);
  }
}

/** First token, one scheduled rotation, its grace, the revocation; all sweeps done, the next rotation not yet due. */
const END = later(START, 36 * DAY);

async function live(
  faults: readonly Fault[],
  listLagMs = 0,
): Promise<{ names: string[]; faults: string[]; active: number }> {
  const effects = new FaultyEffects(faults);
  const harness = new Harness({ effects });
  harness.paddle.listLagMs = listLagMs;
  const found: string[] = [];
  await harness.until(END, () => found.push(...violations(harness)));
  found.push(...quietViolations(harness));
  return { names: effects.names, faults: [...new Set(found)], active: harness.active.length };
}

describe('a life with one fault', () => {
  test('at every effect, in every mode, ends with one token and no violation', async () => {
    const { names } = await live([]);
    expect(names.length).toBeGreaterThan(25);
    const failures: string[] = [];
    let runs = 0;
    for (let at = 0; at < names.length; at += 1) {
      for (const mode of MODES) {
        runs += 1;
        const result = await live([{ at, mode }]);
        if (result.faults.length > 0 || result.active !== 1)
          failures.push(`${mode} ${names[at]} (#${at}): ${result.active} active; ${result.faults.join('; ')}`);
      }
    }
    expect(failures).toEqual([]);
    expect(runs).toBe(names.length * MODES.length);
  });

  test.each([20_000, 70_000, 8 * 60_000, 6 * 3_600_000])('and so it does when lists lag by %d ms', async (lag) => {
    const { names } = await live([], lag);
    const failures: string[] = [];
    for (let at = 0; at < names.length; at += 1) {
      for (const mode of MODES) {
        const result = await live([{ at, mode }], lag);
        if (result.faults.length > 0 || result.active !== 1)
          failures.push(`${mode} ${names[at]} (#${at}): ${result.active} active; ${result.faults.join('; ')}`);
      }
    }
    expect(failures).toEqual([]);
  });

  test('the mint whose answer is lost is adopted, not repeated', async () => {
    const { names } = await live([]);
    const mint = names.indexOf('paddle.create');
    for (const mode of ['dies after', 'loses the answer of'] as const) {
      const { names: again } = await live([{ at: mint, mode }]);
      // One for each of the two rotations of this life.
      expect(again.filter((name) => name === 'paddle.create')).toHaveLength(2);
    }
  });
});

describe('a life with two faults', () => {
  test('at every pair of effects ends with one token and no violation', async () => {
    const { names } = await live([]);
    const failures: string[] = [];
    for (let first = 0; first < names.length; first += 1) {
      for (const mode of MODES) {
        // The second fault hits the recovery from the first: the next dozen effects.
        for (let second = first + 1; second < first + 13; second += 1) {
          for (const again of MODES) {
            const result = await live([
              { at: first, mode },
              { at: second, mode: again },
            ]);
            if (result.faults.length > 0 || result.active !== 1)
              failures.push(`${mode} #${first} ${names[first]}, then ${again} #${second}: ${result.faults.join('; ')}`);
          }
        }
      }
    }
    expect(failures.slice(0, 20)).toEqual([]);
  });
});
