import type { Target, Token } from '../domain/model.ts';
import { targetName } from '../domain/targets.ts';

import type { Check } from './check.ts';
import type { TargetReader } from './ports.ts';

/** Every target reads back the current token's value. */
export const checkTargets: Check = async ({ config, current }, { targets }) => {
  const wrong = await differingTargets(targets, config.targets, current);
  if (wrong.length === 0) {
    const message = `All ${config.targets.length} target(s) hold ${current.id}.`;
    return { kind: 'targets', satisfied: true, reason: 'targets_current', message };
  }
  const message = `${wrong.join(', ')} does not hold the current token ${current.id}.`;
  return { kind: 'targets', satisfied: false, reason: 'target_differs', message, details: { targets: wrong } };
};

/** @returns the names of the targets that hold something else than the token, or nothing */
export async function differingTargets(
  targets: TargetReader,
  wanted: readonly Target[],
  token: Token,
): Promise<readonly string[]> {
  const differing: string[] = [];
  for (const target of wanted) if ((await targets.read(target)) !== token.value) differing.push(targetName(target));
  return differing;
}
