/** The revocation itself: done, interrupted, failed. */

import type { Hold, IntegrationState, PaddleToken, Token } from '../../domain/model.ts';
import { backoff, HOUR, instant, later, MINUTE, millis } from '../../domain/time.ts';
import { bounded, type Change, type Context, change, prune, type RecordDraft, tokenOf, withToken } from '../change.ts';
import { attemptsAfter, type Failure } from '../outcome.ts';
import { markLost } from './losses.ts';
import { wasPublished, watched } from './watch.ts';

const FAILURE_BACKOFF = MINUTE;
/** So many failed attempts to revoke make a token stuck: counted, listed, alarmed, a person's matter. */
const FAILURES_UNTIL_STUCK = 5;
/** Paddle's clock and ours may differ; a revocation older than ours by more than this was not ours. */
const CLOCK_SKEW = MINUTE;

/** Paddle says that it is over. The marker comes last, so that a crash repeats the question and never skips it. */
export function revoked(state: IntegrationState, tokenId: string, answer: PaddleToken, context: Context): Change {
  const token = tokenOf(state, tokenId);
  const revokedAt = answer.revokedAt ?? context.now;
  const before = token.revokingSince ?? token.revocationTriedAt ?? context.now;
  const external = millis(revokedAt) < millis(before) - CLOCK_SKEW;
  if (external) return markLost(state, token, answer, context);
  const next: Token = { ...token, status: 'revoked', revokedAt, revokedBy: 'paddlewheel', hold: undefined };
  const message = `${tokenId} is revoked.`;
  const by = { reason: token.emergency?.reason, requestedBy: token.emergency?.requestedBy };
  const isProved = token.status === 'revoking' && !token.emergency;
  const watch = wasPublished(token) ? { watch: watched(state, token, context, isProved) } : {};
  return change({ ...prune(withToken(state, { ...next, stuckSince: undefined })), ...watch }, [
    {
      type: 'token.revoked',
      tokenId,
      rotationId: token.rotationId,
      message,
      details: { revokedAt, requestId: answer.requestId },
      ...by,
    },
  ]);
}

/** What became of a revocation that an earlier run began. Still active: back to where it was, and prove again. */
export function confirmed(
  state: IntegrationState,
  tokenId: string,
  answer: PaddleToken | undefined,
  context: Context,
): Change {
  const token = tokenOf(state, tokenId);
  if (answer?.status === 'revoked') return revoked(state, tokenId, answer, context);
  if (!answer) {
    const message = `Paddle does not know ${tokenId}; is the account's API key of another account?`;
    return retirementFailed(state, 'confirm', tokenId, { class: 'alert', code: 'token_unknown', message }, context);
  }
  // A run that died, or gave up, without a word: so often that it is no accident, and nobody has been told.
  const failures = (token.failures ?? 0) + (token.hold ? 0 : 1);
  const isStuck = failures >= FAILURES_UNTIL_STUCK && !token.stuckSince;
  const interrupted: Token = {
    ...token,
    status: token.revokingFrom ?? 'superseded',
    revokingBy: undefined,
    revokingSince: undefined,
    revocationTriedAt: token.revokingSince ?? token.revocationTriedAt,
    hold: !token.hold && failures > 1 ? interruptedAgain(token, failures, context) : undefined,
    failures,
    stuckSince: isStuck ? context.now : token.stuckSince,
  };
  const stuck: RecordDraft[] = isStuck
    ? [
        {
          type: 'token.stuck',
          tokenId,
          rotationId: token.rotationId,
          message: `Revoking ${tokenId} was interrupted ${failures} times and is stuck: no run comes to its end.`,
          reason: 'interrupted',
        },
      ]
    : [];
  const message = `An earlier attempt to revoke ${tokenId} had no effect; the evidence is gathered anew.`;
  return change(withToken(state, interrupted), [
    {
      type: 'token.revocation-interrupted',
      tokenId,
      rotationId: token.rotationId,
      message,
      details: { failures },
    },
    ...stuck,
  ]);
}

/** Once is an accident; what dies again and again is tried at growing distances. */
const interruptedAgain = (token: Token, failures: number, { now }: Context): Hold => ({
  reason: 'revocation_interrupted',
  message: `Revoking ${token.id} was interrupted ${failures} times without a word.`,
  since: token.stuckSince ?? now,
  attempts: failures,
  nextCheckAt: later(now, backoff(failures - 1, FAILURE_BACKOFF, HOUR)),
});

/** Paddle's answer about a token that somebody said had changed. */
export function inspected(
  state: IntegrationState,
  tokenId: string,
  answer: PaddleToken | undefined,
  context: Context,
): Change | undefined {
  const token = tokenOf(state, tokenId);
  if (answer?.status !== 'revoked') return undefined;
  return token.status === 'revoking' || isLatePatch(token, answer, context)
    ? revoked(state, tokenId, answer, context)
    : markLost(state, token, answer, context);
}

/** Long after a PATCH of ours whose answer was lost, a revocation is somebody else's. */
const LATE_PATCH = HOUR;

/** A revocation of ours that seemed to have had no effect has taken effect after all. */
function isLatePatch({ revocationTriedAt: tried }: Token, { revokedAt }: PaddleToken, { now }: Context): boolean {
  if (!tried) return false;
  const since = millis(revokedAt ?? now) - millis(tried);
  return since >= -CLOCK_SKEW && since <= LATE_PATCH;
}

/** As if it had not been decided. Only a PATCH before this one may take effect yet: such a token never becomes current again. */
const notBegun = ({ revokingFrom, revocationTriedAt }: Token): Partial<Token> => ({
  status: revokingFrom ?? 'superseded',
  revokingSince: undefined,
  revokingFrom: revocationTriedAt === undefined ? undefined : revokingFrom,
});

/** A question or a PATCH failed. An ambiguous PATCH leaves the token `revoking`: the next run asks first. */
export function retirementFailed(
  state: IntegrationState,
  step: 'check-deployed' | 'prove' | 'confirm' | 'revoke',
  tokenId: string,
  failure: Failure,
  context: Context,
): Change {
  const token = tokenOf(state, tokenId);
  const { now } = context;
  const isQuestion = step === 'check-deployed' || step === 'prove';
  // A PATCH that has to wait for its turn certainly did nothing: there is nothing to ask about.
  const isUnsent = step === 'revoke' && failure.class === 'throttled';
  const failures = isQuestion ? (token.failures ?? 0) : attemptsAfter(token.failures ?? 0, failure);
  const attempts = attemptsAfter(token.hold?.attempts ?? 0, failure);
  const tries = isQuestion ? attempts : failures;
  const wait = backoff(tries, FAILURE_BACKOFF, HOUR);
  const nextCheckAt = failure.retryAt && failure.retryAt > millis(now) ? instant(failure.retryAt) : later(now, wait);
  const stuck = failures >= FAILURES_UNTIL_STUCK && !token.stuckSince;
  const hold: Hold = {
    reason: failure.code,
    message: bounded(`${step} failed: ${failure.message}`),
    since: token.hold?.since ?? now,
    attempts,
    nextCheckAt,
  };
  const next: Token = {
    ...token,
    ...(isUnsent ? notBegun(token) : {}),
    failures,
    hold,
    revokingBy: undefined,
    stuckSince: stuck ? now : token.stuckSince,
  };
  const about = { tokenId, rotationId: token.rotationId, reason: failure.code };
  if (stuck) {
    const message = `Revoking ${tokenId} has failed ${failures} times and is stuck: ${failure.message}`;
    return change(withToken(state, next), [{ type: 'token.stuck', message, ...about }]);
  }
  if (token.hold?.reason === failure.code) return change(withToken(state, next));
  const message = `Revoking ${tokenId} waits: ${hold.message}`;
  return change(withToken(state, next), [{ type: 'token.held', message, ...about, details: { nextCheckAt } }]);
}
