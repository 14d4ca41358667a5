/** Where lives fail: at every effect, and at pairs of effects. */
import { type Ending, Lives, MODES, wrong } from './lives.ts';

export interface Failed {
  /** Effects of a life in which nothing fails. */
  readonly effects: number;
  /** Lives that were lived. */
  readonly lives: number;
  /** What is wrong with them, in sentences. */
  readonly faults: readonly string[];
}

/** Fails at each effect of the life, in each way. */
export async function failEverywhere(listLagMs?: number): Promise<Failed> {
  const lives = new Lives(listLagMs);
  const whole = await lives.whole();
  const faults = wrong(whole);
  let count = 0;
  for (let at = 0; at < whole.names.length; at += 1) {
    for (const mode of MODES) {
      faults.push(...wrong(await lives.with(whole, { at, mode }, true)));
      count += 1;
    }
  }
  return { effects: whole.names.length, lives: count, faults };
}

/** Fails at each effect, in each way, and at one of the next ones, in each way. */
export async function failTwice(next: number): Promise<Failed> {
  const lives = new Lives();
  const whole = await lives.whole();
  const faults: string[] = [];
  let count = 0;
  for (let first = 0; first < whole.names.length; first += 1) {
    for (const mode of MODES) {
      const life = await lives.begun(whole, { at: first, mode }, first + next + 1);
      for (let second = first + 1; second <= first + next; second += 1) {
        for (const again of MODES) {
          faults.push(...wrong(await lives.with(life, { at: second, mode: again }, true)));
          count += 1;
        }
      }
    }
  }
  return { effects: whole.names.length, lives: count, faults };
}

/** How lives with one fault end: as another life that came to the same world, and lived to the end themselves. */
export async function endingsOf(
  every: number,
): Promise<{ readonly remembered: readonly Ending[]; readonly lived: readonly Ending[] }> {
  const [remembering, living] = [new Lives(), new Lives()];
  const [a, b] = [await remembering.whole(), await living.whole()];
  const ending = ({ active, violations }: Ending): Ending => ({ active, violations });
  const remembered: Ending[] = [];
  const lived: Ending[] = [];
  for (let at = 0; at < a.names.length; at += every) {
    for (const mode of MODES) {
      remembered.push(ending(await remembering.with(a, { at, mode }, true)));
      lived.push(ending(await living.with(b, { at, mode }, false)));
    }
  }
  return { remembered, lived };
}
