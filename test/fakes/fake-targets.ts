import { AmbiguousError, TransientError } from '../../lambdas/domain/errors.ts';
import type { Target } from '../../lambdas/domain/model.ts';
import { contentWith, valueAt } from '../../lambdas/domain/target-content.ts';
import type { Targets } from '../../lambdas/rotation/ports.ts';
import { type Effects, performed } from './effects.ts';

type Failure = { method: 'read' | 'write'; key: string; when: 'before' | 'after' | 'ignored'; error: Error };
/** Two keys of one secret are two targets in one place. */
const keyOf = ({ kind, name }: Target) => `${kind}:${name}`;

/** SSM and Secrets Manager in memory; every place keeps its versions. */
export class FakeTargets implements Targets {
  /** `kind:name` -> contents, newest last. */
  readonly versions = new Map<string, { value: string; key: string }[]>();
  /** Told of every text that was read, and of every change of a place, whoever makes it. */
  onRead: ((target: Target, text: string | undefined) => void) | undefined;
  /** With the whole contents. */
  onWrite: ((target: Target, before: string | undefined, after: string | undefined) => void) | undefined;
  onFailure: (() => void) | undefined;
  readonly #effects: Effects | undefined;
  #failures: Failure[] = [];

  constructor(effects?: Effects) {
    this.#effects = effects;
  }

  /** The same versions, of a world that goes on by itself from here. */
  copy(effects?: Effects): FakeTargets {
    const copy = new FakeTargets(effects);
    for (const [key, versions] of this.versions) copy.versions.set(key, [...versions]);
    copy.#failures = [...this.#failures];
    return copy;
  }

  /** The next `method` on this target fails before or after it took effect, or is answered and has no effect at all. */
  failNext(method: Failure['method'], target: Target, when: Failure['when'], error?: Error): void {
    const usual = when === 'before' ? new TransientError('unavailable', 'down') : new AmbiguousError('timeout', 'lost');
    this.#failures.push({ method, key: keyOf(target), when, error: error ?? usual });
  }

  /** Somebody else writes the whole content. */
  put(target: Target, text: string): void {
    this.#store(target, text, `outside-${this.versions.get(keyOf(target))?.length ?? 0}`);
  }

  remove(target: Target): void {
    const before = this.versions.get(keyOf(target))?.at(-1)?.value;
    this.versions.delete(keyOf(target));
    this.onWrite?.(target, before, undefined);
  }

  /** The whole content. */
  content(target: Target): string | undefined {
    return this.versions.get(keyOf(target))?.at(-1)?.value;
  }

  current(target: Target): string | undefined {
    return valueAt(target, this.content(target));
  }

  async read(target: Target) {
    return this.#call('read', target, () => {
      const text = this.current(target);
      this.onRead?.(target, text);
      return text;
    });
  }

  async write(target: Target, value: string, idempotencyKey: string) {
    if (value === '' || idempotencyKey === '') throw new RangeError('a target takes a value and a key');
    return this.#call('write', target, () =>
      this.#store(target, contentWith(target, this.content(target), value), idempotencyKey),
    );
  }

  #store(target: Target, value: string, key: string): void {
    const versions = this.versions.get(keyOf(target)) ?? [];
    const latest = versions.at(-1);
    if (latest?.key !== key || latest.value !== value) versions.push({ value, key });
    this.versions.set(keyOf(target), versions);
    this.onWrite?.(target, latest?.value, value);
  }

  #refusing<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      this.onFailure?.();
      throw error;
    }
  }

  async #call<T>(method: Failure['method'], target: Target, act: () => T): Promise<T> {
    return performed(this.#effects, `targets.${method}`, () => {
      const failure = this.#failures.find((each) => each.method === method && each.key === keyOf(target));
      this.#failures = this.#failures.filter((each) => each !== failure);
      if (failure) this.onFailure?.();
      if (failure?.when === 'before') throw failure.error;
      if (failure?.when === 'ignored') return this.current(target) as T;
      const result = this.#refusing(act);
      if (failure) throw failure.error;
      return result;
    });
  }
}
