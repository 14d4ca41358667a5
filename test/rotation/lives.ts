/**
 * Lives of one integration in which effects fail. A life is told run by run: what is the same in many lives is lived
 * once. They start from a copy of the world before the reconcile in which the fault strikes, and when their last fault is
 * over, a world that an earlier life was in already (every record, id and second the same) has the same future.
 */

import { AmbiguousError, TransientError } from '../../lambdas/domain/errors.ts';
import { DAY, later } from '../../lambdas/domain/time.ts';
import { START } from '../builders/integration.ts';
import { Crash, type Effects } from '../fakes/effects.ts';
import { Harness } from './harness.ts';
import { quietViolations, violations } from './invariants.ts';

export type Mode = 'dies before' | 'dies after' | 'loses the answer of' | 'is refused';
export const MODES: readonly Mode[] = ['dies before', 'dies after', 'loses the answer of', 'is refused'];
export interface Fault {
  /** Which effect of the life, counted from 0. */
  readonly at: number;
  readonly mode: Mode;
}

/** First token, one scheduled rotation, its grace, the revocation; all sweeps done, the next rotation not yet due. */
const END = later(START, 36 * DAY);
const MOST_RUNS = 5_000;

/** A ledger whose answer is lost after the commit: no EffectError, so the run dies, as it does on AWS. */
class LostAnswer extends Error {
  override readonly name = 'LostAnswer';
}

/** Made once: what costs in an error is its stack. */
const DIED = new Crash('the process died');
const LOST = new LostAnswer('the ledger was never answered');
const REFUSED = new TransientError('unavailable', 'it did not happen');
const UNANSWERED = new AmbiguousError('timeout', 'it was never answered');

class FaultyEffects implements Effects {
  readonly names: string[];
  readonly #faults: readonly Fault[];
  constructor(faults: readonly Fault[], names: readonly string[]) {
    this.#faults = faults;
    this.names = [...names];
  }
  #fault(): Mode | undefined {
    return this.#faults.find((fault) => fault.at === this.names.length - 1)?.mode;
  }
  before(name: string): void {
    this.names.push(name);
    const mode = this.#fault();
    if (mode === 'dies before') throw DIED;
    if (mode === 'is refused') throw name.startsWith('ledger') ? LOST : REFUSED;
  }
  after(name: string): void {
    const mode = this.#fault();
    if (mode === 'dies after') throw DIED;
    if (mode === 'loses the answer of') throw name.startsWith('ledger') ? LOST : UNANSWERED;
  }
}

/** A world between two reconciles. */
interface Moment {
  readonly harness: Harness;
  /** The effects until then. */
  readonly names: readonly string[];
  readonly violations: readonly string[];
}

/** How a life ends from some moment on. */
export interface Ending {
  readonly violations: readonly string[];
  /** Tokens that are active at its end. */
  readonly active: number;
}

/** A life, or the first part of one. */
interface Part {
  readonly faults: readonly Fault[];
  /** Its effects; of one whose ending was taken from another life, those until then. */
  readonly names: readonly string[];
  /** Before each reconcile; the first is the beginning. */
  readonly moments: readonly Moment[];
}

export interface Life extends Part, Ending {}

/** How far a life is lived: to its end, until a world whose ending is known, or at least so many effects. */
type Until = 'end' | 'known' | number;

export class Lives {
  readonly #beginning: Moment;
  readonly #endings = new Map<string, Ending>();

  /** @param listLagMs of Paddle's lists */
  constructor(listLagMs = 0) {
    const harness = new Harness();
    harness.paddle.listLagMs = listLagMs;
    this.#beginning = { harness, names: [], violations: [] };
  }

  /** A life in which nothing fails. */
  whole = (): Promise<Life> => this.#live([], [this.#beginning], 'end');

  /**
   * The life with one fault more, later than those that it has.
   * @param remembered whether an equal world's ending may be taken from an earlier life
   */
  with(life: Part, fault: Fault, remembered: boolean): Promise<Life> {
    return this.#with(life, fault, remembered ? 'known' : 'end');
  }

  /** The same, until it has so many effects at least: what comes later is lived with the next fault. */
  begun = (life: Part, fault: Fault, effects: number): Promise<Part> => this.#with(life, fault, effects);

  async #with(life: Part, fault: Fault, until: Until): Promise<Life> {
    if (life.faults.some(({ at }) => at >= fault.at)) throw new RangeError('faults come one after the other');
    const after = life.moments.findIndex(({ names }) => names.length > fault.at);
    const shared = after === -1 ? life.moments : life.moments.slice(0, after);
    return this.#live([...life.faults, fault], shared, until);
  }

  async #live(faults: readonly Fault[], shared: readonly Moment[], until: Until): Promise<Life> {
    const start = shared.at(-1) ?? this.#beginning;
    const effects = new FaultyEffects(faults, start.names);
    const harness = new Harness({ from: start.harness, effects });
    const lastFault = faults.at(-1)?.at ?? -1;
    const moments = [...shared];
    let found = new Set(start.violations);
    const life = (end: Ending, before: readonly string[] = []): Life => {
      const all = [...new Set([...before, ...end.violations])];
      return { ...end, violations: all, faults, moments, names: effects.names };
    };
    let marked: { readonly key: string; readonly before: readonly string[] } | undefined;
    for (let runs = 0; runs < MOST_RUNS; runs += 1) {
      if (!(await harness.next(END))) {
        for (const violation of quietViolations(harness)) found.add(violation);
        const ending = { violations: [...found], active: harness.active.length };
        if (marked) this.#endings.set(marked.key, ending);
        return life(ending, marked?.before);
      }
      for (const violation of violations(harness)) found.add(violation);
      if (until !== 'known') {
        moments.push({ harness: new Harness({ from: harness }), names: [...effects.names], violations: [...found] });
        if (typeof until === 'number' && effects.names.length >= until)
          return life({ violations: [...found], active: harness.active.length });
      } else if (!marked && effects.names.length > lastFault) {
        marked = { key: harness.known(), before: [...found] };
        const known = this.#endings.get(marked.key);
        if (known) return life(known, marked.before);
        found = new Set();
      }
    }
    throw new Error('the integration does not come to rest');
  }
}

/** What is wrong with a life, in a sentence; nothing, if it ends with one token and no violation. */
export function wrong({ faults, violations, active, names }: Life): string[] {
  if (violations.length === 0 && active === 1) return [];
  const told = faults.map(({ at, mode }) => `${mode} ${names[at]} (#${at})`).join(', then ');
  return [`${told}: ${active} active; ${violations.join('; ')}`];
}
