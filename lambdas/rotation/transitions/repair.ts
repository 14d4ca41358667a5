/** Targets that may not hold the current token, and get it back. */

import type { IntegrationState, PaddleToken } from '../../domain/model.ts';
import { targetsWritten } from '../../domain/targets.ts';
import { backoff, HOUR, instant, later, MINUTE, millis } from '../../domain/time.ts';
import { tokenById } from '../../domain/tokens.ts';
import { bounded, type Change, type Context, change } from '../change.ts';
import { attemptsAfter, type Failure } from '../outcome.ts';
import { markLost } from './losses.ts';
import { deploymentAwaited } from './watch.ts';

export function restored(
  state: IntegrationState,
  tokenId: string,
  targets: readonly string[],
  context: Context,
): Change {
  const { now, config } = context;
  const { repair } = state;
  const awaits = deploymentAwaited(state, tokenId, context);
  const record = { type: 'token.restored', tokenId, reason: repair?.reason, details: { targets } } as const;
  if (repair?.only) {
    const message = `${targets.join(', ')} hold${targets.length === 1 ? 's' : ''} ${tokenId}: ${repair.reason}`;
    return change({ ...state, ...awaits, repair: undefined }, [{ ...record, message }]);
  }
  const message = `All targets hold ${tokenId} again: ${repair?.reason ?? ''}`;
  const settled = { repair: undefined, drift: undefined, targetsCheckedAt: now, targetsUnread: undefined };
  return change({ ...state, ...awaits, ...settled, ...targetsWritten(config, state, now) }, [{ ...record, message }]);
}

/** The current token is not active at Paddle: nothing was written. A revoked one is replaced by a fresh one. */
export function notRestored(
  state: IntegrationState,
  tokenId: string,
  answer: PaddleToken | undefined,
  context: Context,
): Change {
  const current = tokenById(state, tokenId);
  if (current && answer) return markLost(state, current, answer, context);
  const message = `Paddle does not know ${tokenId}; is the account's API key that of another account?`;
  return restoreFailed(state, { class: 'alert', code: 'token_unknown', message }, context);
}

export function restoreFailed(state: IntegrationState, failure: Failure, { now }: Context): Change {
  const { repair } = state;
  if (!repair) throw new TypeError('no repair is under way');
  const attempts = attemptsAfter(repair.attempts, failure);
  const { retryAt } = failure;
  const isPutOff = retryAt !== undefined && retryAt > millis(now);
  const nextAttemptAt = isPutOff ? instant(retryAt) : later(now, backoff(attempts, MINUTE, HOUR));
  const next = { ...state, repair: { ...repair, message: bounded(failure.message), attempts, nextAttemptAt } };
  const isTold = attempts > 1 || (attempts === repair.attempts && repair.message !== undefined);
  if (isTold) return change(next);
  const message = `Restoring the targets of ${state.integration} waits: ${failure.message}`;
  const details = { step: 'restore', code: failure.code, nextAttemptAt };
  return change(next, [{ type: 'rotation.delayed', message, reason: failure.code, details }]);
}
