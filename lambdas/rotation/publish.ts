import { AmbiguousError } from '../domain/errors.ts';
import type { Target, Token } from '../domain/model.ts';
import { targetName } from '../domain/targets.ts';
import type { Targets } from './ports.ts';

/**
 * Writes the token to every target that does not hold it yet and reads each back.
 * @param mayWrite throws when this run may not write any more: another one may be at work by now
 * @returns the names of all targets, once every one of them has answered with the token's value
 * @throws EffectError from the first target that did not; targets before it hold the token, which is harmless: it is active
 */
export async function publishEverywhere(
  targets: Targets,
  wanted: readonly Target[],
  token: Token,
  idempotencyKey: string,
  mayWrite: () => Promise<void>,
): Promise<readonly string[]> {
  for (const target of wanted) {
    if ((await targets.read(target)) === token.value) continue;
    await mayWrite();
    await targets.write(target, token.value, idempotencyKey);
    if ((await targets.read(target)) !== token.value) {
      throw new AmbiguousError('read_back_differs', `${targetName(target)} did not read back what was written to it.`);
    }
  }
  return wanted.map(targetName);
}
