/** Which environment a script tells Paddle.js. */
import type { AnyNode } from 'acorn';
import type { ScriptFacts } from './script-facts.ts';

type Told = Pick<ScriptFacts, 'environments' | 'environmentDepends'>;

/** Only what stands there as it is, and runs without a condition, says which environment Paddle.js is told. */
export class ToldEnvironments {
  /** Ranges of the source that run only under a condition. */
  readonly #conditional: (readonly [start: number, end: number])[] = [];
  readonly #told = new Set<string>();
  #depends = false;

  underCondition(branch: AnyNode | null | undefined): void {
    if (branch) this.#conditional.push([branch.start, branch.end]);
  }

  told(argument: AnyNode | undefined, at: AnyNode): void {
    const isPlain = argument?.type === 'Literal' && typeof argument.value === 'string';
    const isConditional = this.#conditional.some(([start, end]) => at.start >= start && at.end <= end);
    if (isPlain && !isConditional) this.#told.add(String(argument.value));
    else this.#depends = true;
  }

  /** What a script inside this one says. */
  add({ environments, environmentDepends }: Told): void {
    for (const environment of environments) this.#told.add(environment);
    this.#depends ||= environmentDepends;
  }

  facts(): Told {
    return { environments: [...this.#told], environmentDepends: this.#depends };
  }
}
