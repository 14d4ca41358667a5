/** Targets that may not hold the current token, and get it back. */

import type { IntegrationState } from '../../domain/model.ts';
import { backoff, HOUR, later, MINUTE } from '../../domain/time.ts';
import { type Change, type Context, change } from '../change.ts';
import type { Failure } from '../outcome.ts';

export function restored(
  state: IntegrationState,
  tokenId: string,
  targets: readonly string[],
  { now }: Context,
): Change {
  const message = `All targets hold ${tokenId} again: ${state.repair?.reason ?? ''}`;
  return change({ ...state, repair: undefined, drift: undefined, targetsCheckedAt: now }, [
    { type: 'token.restored', tokenId, message, reason: state.repair?.reason, details: { targets } },
  ]);
}

export function restoreFailed(state: IntegrationState, failure: Failure, { now }: Context): Change {
  const { repair } = state;
  if (!repair) throw new TypeError('no repair is under way');
  const attempts = repair.attempts + 1;
  const nextAttemptAt = later(now, backoff(attempts, MINUTE, HOUR));
  const next = { ...state, repair: { ...repair, attempts, nextAttemptAt } };
  if (attempts > 1) return change(next);
  const message = `Restoring the targets of ${state.integration} waits: ${failure.message}`;
  const details = { step: 'restore', code: failure.code, nextAttemptAt };
  return change(next, [{ type: 'rotation.delayed', message, reason: failure.code, details }]);
}
