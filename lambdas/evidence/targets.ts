import { EffectError, RefusedError } from '../domain/errors.ts';
import type { EvidenceItem, Target, Token } from '../domain/model.ts';
import { formerTargetsOf, targetName } from '../domain/targets.ts';

import type { Check } from './check.ts';
import type { TargetReader } from './ports.ts';

export const FORMER_TARGET_HOLDS = 'former_target_holds';

/** Every target reads back the current token's value, and no former one holds the token that is to be revoked. */
export const checkTargets: Check = async ({ config, state, token, current }, { targets }) => {
  const wrong = await differingTargets(targets, config.targets, current);
  if (wrong.length > 0) {
    const message = `${wrong.join(', ')} does not hold the current token ${current.id}.`;
    return { kind: 'targets', satisfied: false, reason: 'target_differs', message, details: { targets: wrong } };
  }
  const former = await checkFormer(targets, formerTargetsOf(config, state), token);
  if (former) return former;
  const message = `All ${config.targets.length} target(s) hold ${current.id}.`;
  return { kind: 'targets', satisfied: true, reason: 'targets_current', message };
};

/** They need not hold the current token: nobody writes it there any more. */
async function checkFormer(
  targets: TargetReader,
  former: readonly Target[],
  token: Token,
): Promise<EvidenceItem | undefined> {
  for (const target of former) {
    const name = targetName(target);
    const refusal = (reason: string, message: string): EvidenceItem => ({
      ...{ kind: 'targets', satisfied: false, reason, message },
      details: { targets: [name] },
    });
    try {
      if (!holds(await targets.read(target), token)) continue;
      const toDo = 'Delete it, or write what its readers should use.';
      return refusal(
        FORMER_TARGET_HOLDS,
        `${name}, which is no longer a target, still holds ${token.id}: whoever reads it uses that. ${toDo}`,
      );
    } catch (error) {
      if (!(error instanceof EffectError)) throw error;
      const toDo = 'List it under "formerTargets", so that it may be read.';
      return refusal(
        'former_target_unread',
        `${name}, which is no longer a target, may still hold ${token.id} and could not be read (${error.code}). ${toDo}`,
      );
    }
  }
  return undefined;
}

/** Whatever stands around it: white space, or a text that somebody put the token into. */
export const holds = (text: string | undefined, { value }: Pick<Token, 'value'>): boolean =>
  text?.includes(value) === true;

/**
 * One that refuses to be read keeps nobody from hearing of the others; what hangs is not asked for again and again.
 * @returns the names of the targets that hold something else than the token, or nothing
 * @throws EffectError when all that could be read hold it, and one could not
 */
export async function differingTargets(
  targets: TargetReader,
  wanted: readonly Target[],
  token: Token,
): Promise<readonly string[]> {
  const differing: string[] = [];
  let refusal: RefusedError | undefined;
  for (const target of wanted) {
    try {
      if ((await targets.read(target)) !== token.value) differing.push(targetName(target));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      refusal ??= error;
    }
  }
  if (refusal && differing.length === 0) throw refusal;
  return differing;
}
