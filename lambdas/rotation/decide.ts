/**
 * The pure heart: facts in, one decision out. An ordered list of policies; the first that has something to say is
 * heard. The order is part of the design and has its own test: nothing is ever destroyed before the current token has
 * been taken care of.
 */
import type { Decision } from './decision.ts';
import { claimUnclaimed, recheckTokens } from './policies/inspect.ts';
import { progressRotation } from './policies/progress.ts';
import { followTargets, restoreTargets } from './policies/restore.ts';
import { retireTokens } from './policies/retire.ts';
import { endPause, leaveUnmanaged, standStill } from './policies/stand-still.ts';
import { startRotation } from './policies/start.ts';
import { doSweep } from './policies/sweep.ts';
import { recheckUnclaimed } from './policies/unclaimed.ts';
import { waitForNext } from './policies/wait.ts';
import { watchWhatIsServed } from './policies/watch.ts';
import { watchTargets } from './policies/watch-targets.ts';
import type { Snapshot } from './snapshot.ts';

export type Policy = (snapshot: Snapshot) => Decision | undefined;

export const policies: readonly (readonly [name: string, policy: Policy])[] = [
  ['leave alone what is no longer managed', leaveUnmanaged],
  ['end a pause whose time is over', endPause],
  ['inspect what is said to have changed', recheckTokens],
  ['stand still while paused', standStill],
  ['follow the configured targets', followTargets],
  ['restore the targets', restoreTargets],
  ['progress the rotation under way', progressRotation],
  ['start a rotation that is due', startRotation],
  ['watch what is served', watchWhatIsServed],
  ['watch the targets', watchTargets],
  ['retire superseded tokens', retireTokens],
  ['sweep for late twins', doSweep],
  ['claim late twins that somebody else has found', claimUnclaimed],
  ['ask again about tokens that only bear our name', recheckUnclaimed],
];

export function decide(snapshot: Snapshot): Decision {
  for (const [, policy] of policies) {
    const decision = policy(snapshot);
    if (decision) return decision;
  }
  return waitForNext(snapshot);
}
