import type { Target } from '../../domain/model.ts';
import { targetName, withoutTargets } from '../../domain/targets.ts';
import { currentToken } from '../../domain/tokens.ts';
import type { Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';

/** Targets that may not hold the current token come before anything new. Without a current one, the next mint heals. */
export function restoreTargets({ now, state }: Snapshot): Decision | undefined {
  const current = currentToken(state);
  if (!state.repair || !current || state.pause || state.repair.nextAttemptAt > now) return undefined;
  const message = `Publishing ${current.id} again: ${state.repair.reason}`;
  return { kind: 'restore', tokenId: current.id, reason: 'targets_differ', message, only: state.repair.only };
}

/** The configured targets have changed: what left is remembered, and what joined is filled, whatever is done about drift. */
export function followTargets({ config, state }: Snapshot): Decision | undefined {
  const { publishedTo, pause, rotation } = state;
  // An emergency publishes under a pause, too: what it may write is to be remembered.
  if (!publishedTo || (pause && !rotation?.emergency)) return undefined;
  const joined = withoutTargets(config.targets, publishedTo);
  const left = withoutTargets(publishedTo, config.targets);
  if (joined.length + left.length === 0) return undefined;
  const names = (targets: readonly Target[]) => targets.map(targetName).join(', ') || 'nothing';
  const message = `The targets of ${config.name} have changed: ${names(joined)} joined, ${names(left)} left.`;
  return { kind: 'retarget', reason: 'targets_changed', message };
}
