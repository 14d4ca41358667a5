/** Called around every effect of every fake; a crash test throws from here. Names are `<fake>.<method>`. */
export interface Effects {
  before(name: string): void;
  after(name: string): void;
}

/** What a crash test throws: no code under test may catch it and carry on. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Runs one effect between its two hooks. Throwing in `before`: it never happened. In `after`: it did, and nobody was told. */
export function performed<T>(effects: Effects | undefined, name: string, effect: () => T): T {
  effects?.before(name);
  const result = effect();
  effects?.after(name);
  return result;
}

/** Writes down the order of the effects, and crashes once at the given one: `{ at: 3, when: 'after' }`, counted from 0. */
export function recordedEffects(crash?: {
  at: number;
  when: 'before' | 'after';
}): Effects & { readonly names: string[] } {
  const names: string[] = [];
  const crashIf = (when: 'before' | 'after') => {
    if (crash?.when === when && crash.at === names.length - 1) throw new Crash(`${when} ${names.at(-1)}`);
  };
  return {
    names,
    before: (name) => {
      names.push(name);
      crashIf('before');
    },
    after: () => crashIf('after'),
  };
}
