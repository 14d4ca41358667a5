import { AmbiguousError, EffectError } from '../domain/errors.ts';
import type { Target, Token } from '../domain/model.ts';
import { targetName } from '../domain/targets.ts';
import type { Targets } from './ports.ts';

/**
 * Writes the token to every target that does not hold it yet and reads each back. One that fails does not keep the others
 * from it: where pages are broken, each target that works mends some of them.
 * @param mayWrite throws when this run may not write now: another one may be at work, or what was read must be noted first
 * @returns the names of all targets, once every one of them has answered with the token's value
 * @throws EffectError from the first target that did not; the others hold the token, which is harmless: it is active
 */
export async function publishEverywhere(
  targets: Targets,
  wanted: readonly Target[],
  token: Token,
  idempotencyKey: string,
  mayWrite: () => Promise<void>,
): Promise<readonly string[]> {
  const failures: EffectError[] = [];
  for (const target of wanted) {
    try {
      if ((await targets.read(target)) === token.value) continue;
      await mayWrite();
      await targets.write(target, token.value, idempotencyKey);
      if ((await targets.read(target)) === token.value) continue;
      const message = `${targetName(target)} did not read back what was written to it.`;
      throw new AmbiguousError('read_back_differs', message);
    } catch (error) {
      if (!(error instanceof EffectError)) throw error;
      failures.push(error);
    }
  }
  if (failures[0]) throw failures[0];
  return wanted.map(targetName);
}
