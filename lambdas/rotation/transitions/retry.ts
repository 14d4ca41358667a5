/** A step of the rotation that failed: when it is tried again, and what is told of it. */

import type { IntegrationState, Retry, Rotation } from '../../domain/model.ts';
import { backoff, HOUR, instant, later, MINUTE, millis, SECOND } from '../../domain/time.ts';
import { attribution, bounded, type Change, type Context, change, type RecordDraft, rotationOf } from '../change.ts';
import { attemptsAfter, type Failure } from '../outcome.ts';

const RETRY_BACKOFF = MINUTE;
const RETRY_BACKOFF_MAX = HOUR;
const LIST_BACKOFF = 15 * SECOND;
const LIST_BACKOFF_MAX = MINUTE;
/** Causes kept, of which no second record is written. */
const TOLD_KEPT = 20;

/** A step failed: remember why, and when to try again. What may have been posted must be searched for first. */
export function rotationFailed(state: IntegrationState, step: string, failure: Failure, context: Context): Change {
  const rotation = rotationOf(state);
  const inDoubt = step === 'mint' && failure.class === 'ambiguous';
  const next: Rotation = {
    ...rotation,
    clearedBy: undefined,
    mayHavePosted: step === 'mint' && !inDoubt ? false : rotation.mayHavePosted,
    doubted: rotation.doubted || inDoubt,
  };
  const ms = inDoubt ? listPause(1, rotation) : backoff(attemptsOf(state, step) + 1, RETRY_BACKOFF, RETRY_BACKOFF_MAX);
  const { retryAt } = failure;
  const at = retryAt && retryAt > millis(context.now) ? instant(retryAt) : later(context.now, ms);
  return retryLater({ ...state, rotation: next }, { ...failure, step, nextAttemptAt: at }, context);
}

/** Between two lists that prove a mint's absence. Each POST whose answer was lost makes the next one four times as rare. */
export function listPause(emptyLists: number, { rounds = 0 }: Rotation): number {
  const slower = 4 ** Math.min(rounds, 10);
  return Math.min(RETRY_BACKOFF_MAX, backoff(emptyLists, LIST_BACKOFF, LIST_BACKOFF_MAX) * slower);
}

/** Asking again, before a token is published, is no progress: publishing goes on failing as often as before. */
const PHASES: Record<string, string> = { mint: 'mint', find: 'find', verify: 'publish', publish: 'publish' };

const attemptsOf = ({ retry }: IntegrationState, step: string): number =>
  retry && PHASES[retry.step] === PHASES[step] ? retry.attempts : 0;

export function retryLater(
  state: IntegrationState,
  cause: Pick<Retry, 'step' | 'code' | 'message' | 'nextAttemptAt'> & Partial<Pick<Failure, 'class'>>,
  { now }: Context,
): Change {
  const rotation = rotationOf(state);
  const { step, code, message, nextAttemptAt } = cause;
  const before = state.retry;
  const told = before?.told ?? [];
  const name = `${step} ${code}`;
  const retry: Retry = {
    ...{ step, code, message: bounded(message), nextAttemptAt },
    since: before?.since ?? now,
    attempts: attemptsAfter(attemptsOf(state, step), { class: 'transient', ...cause }),
    told: told.includes(name) ? told : [...told, name].slice(-TOLD_KEPT),
  };
  if (told.includes(name) || told.length >= TOLD_KEPT) return change({ ...state, retry });
  const text = `Rotation ${rotation.rotationId} waits at ${step}: ${message}`;
  const { tokenId } = rotation;
  const details = { step, code, nextAttemptAt };
  return change({ ...state, retry }, [
    { type: 'rotation.delayed', tokenId, message: text, details, ...attribution(rotation), reason: code },
  ]);
}

/** What is told when a rotation goes on that had to wait. */
export function recovered({ retry }: IntegrationState, rotation: Rotation): RecordDraft[] {
  if (!retry) return [];
  const { step, since, attempts } = retry;
  const message = `Rotation ${rotation.rotationId} goes on; it had waited at ${step} since ${since}.`;
  const details = { step, since, attempts };
  return [{ type: 'rotation.recovered', tokenId: rotation.tokenId, message, details, ...attribution(rotation) }];
}

/** Attempts that must keep their distance whoever is waiting: a lock-out, and lists that prove a mint's absence. */
const isPatient = (retry: Retry, rotation: Rotation | undefined): boolean =>
  retry.code === 'too_many_requests' || (rotation?.phase === 'intended' && rotation.doubted);

/** Somebody is waiting: try again now rather than at the next attempt. */
export function hurried({ retry, rotation }: IntegrationState): Pick<IntegrationState, 'retry'> {
  if (!retry || isPatient(retry, rotation)) return { retry };
  return { retry: { ...retry, nextAttemptAt: retry.since } };
}
