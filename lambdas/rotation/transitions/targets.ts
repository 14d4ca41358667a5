/** Transitions about targets that somebody else may have overwritten. */

import type { IntegrationState } from '../../domain/model.ts';
import { DAY, HOUR, later } from '../../domain/time.ts';
import { type Change, type Context, change } from '../change.ts';

/** What the targets hold is as it should be, is to be restored, or is only to be reported. */
export function targetsChecked(
  state: IntegrationState,
  tokenId: string,
  differing: readonly string[],
  { now, config, nextId }: Context,
): Change {
  const checked: IntegrationState = { ...state, targetsCheckedAt: now };
  if (differing.length === 0) return change({ ...checked, drift: undefined });
  const what = `${differing.join(', ')} of ${config.name} did not hold the current token ${tokenId}`;
  const details = { targets: differing, drift: config.drift };
  if (config.drift === 'report') {
    const known = state.drift?.targets.join() === differing.join();
    const drift = { targets: differing, since: state.drift?.since ?? now };
    const message = `${what}; it is left so, as configured.`;
    return change({ ...checked, drift }, known ? [] : [{ type: 'token.drifted', tokenId, message, details }]);
  }
  const reason = `${what}.`;
  const repair = { id: nextId(), reason, since: now, attempts: 0, nextAttemptAt: now };
  const message = `${what}: it is published there again.`;
  return change({ ...checked, repair }, [{ type: 'token.drifted', tokenId, message, details }]);
}

/** They could not be read: again in an hour. Whoever needs to be sure reads them himself. */
export const targetsUnread = (state: IntegrationState, { now }: Context): Change =>
  change({ ...state, targetsCheckedAt: later(now, HOUR - DAY) });
