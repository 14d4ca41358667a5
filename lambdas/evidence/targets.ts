import { differingTargets } from '../rotation/publish.ts';
import type { Check } from './gate.ts';

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
