/** Transitions of tokens on their way out: superseded, held, revoking, revoked; orphans and losses. */

import type { Evidence, Hold, Instant, IntegrationState, PaddleToken, Token, Usage } from '../../domain/model.ts';
import { backoff, HOUR, instant, later, latest, MINUTE, millis } from '../../domain/time.ts';
import { parseTokenName } from '../../domain/token-name.ts';
import { currentToken, tokenById } from '../../domain/tokens.ts';
import { bounded, type Change, type Context, change, prune, withToken } from '../change.ts';
import type { Failure, Outcome } from '../outcome.ts';
import { markLost, withOrphans } from './rotation.ts';

const HOLD_BACKOFF = 5 * MINUTE;
const HOLD_BACKOFF_MAX = HOUR;
const FAILURE_BACKOFF = MINUTE;
/** So many failed attempts to revoke make a token stuck: counted, listed, alarmed, a person's matter. */
export const FAILURES_UNTIL_STUCK = 5;
/** Paddle's clock and ours may differ; a revocation older than ours by more than this was not ours. */
const CLOCK_SKEW = MINUTE;

const tokenOf = (state: IntegrationState, tokenId: string): Token => {
  const token = tokenById(state, tokenId);
  if (!token) throw new TypeError(`${tokenId} is not in the state of ${state.integration}`);
  return token;
};

/** For a grace window that starts at the deployment: has the new token been seen in use? */
export function deploymentChecked(
  state: IntegrationState,
  tokenId: string,
  { deployedAt }: { deployedAt?: Instant; usage: readonly Usage[] },
  context: Context,
): Change {
  const token = tokenOf(state, tokenId);
  const current = currentToken(state);
  if (!deployedAt) {
    const message = `${current?.id ?? 'the current token'} has not been reported or seen deployed yet, so the grace window of ${tokenId} has not started.`;
    return held(state, token, 'awaiting_deployment', message, HOUR, context);
  }
  // A deployment from before this token was superseded (then a rollback came between) is no start of its grace.
  const since = latest(deployedAt, token.supersededAt) ?? context.now;
  const revokeAfter = later(since, context.config.graceMs);
  const next = withToken(state, { ...token, revokeAfter, hold: undefined });
  const seen = current ? withToken(next, { ...current, deployedAt }) : next;
  const message = `${current?.id ?? 'The current token'} was seen deployed at ${deployedAt}; ${tokenId} stays valid until ${revokeAfter}.`;
  return change(seen, [{ type: 'token.deployed', tokenId: current?.id ?? tokenId, message, details: { revokeAfter } }]);
}

/** The evidence decides: record the decision to revoke, or hold. */
export function proved(
  state: IntegrationState,
  tokenId: string,
  outcome: Extract<Outcome, { kind: 'evidence' }>,
  context: Context,
): Change {
  const { evidence, cleanScan, currentLost } = outcome;
  const token = tokenOf(state, tokenId);
  const { now, runId } = context;
  if (evidence.satisfied) {
    const next: Token = {
      ...token,
      status: 'revoking',
      revokingBy: runId,
      revokingSince: now,
      revokingFrom: token.status === 'orphan' ? 'orphan' : 'superseded',
      hold: undefined,
    };
    return change(withToken(state, next), [
      {
        type: 'token.revoking',
        tokenId,
        rotationId: token.rotationId,
        message: `${tokenId} is about to be revoked: ${evidence.items.map((item) => item.message).join(' ')}`,
        reason: token.emergency?.reason,
        requestedBy: token.emergency?.requestedBy,
        details: { evidence, revokeAfter: token.revokeAfter },
      },
    ]);
  }
  const scanned = { ...token, cleanScans: nextScans(token, cleanScan, context) };
  const refusing = firstRefusal(evidence);
  const wait = refusing.reason === 'scans_in_progress' ? scanPause(context) : undefined;
  // A target that differs is examined at once, and restored if that is what is wanted.
  const watched = refusing.reason === 'target_differs' ? { ...state, targetsCheckedAt: undefined } : state;
  const hold = held(watched, scanned, refusing.reason, refusing.message, wait, context, evidence);
  const current = currentToken(state);
  if (!currentLost || !current) return hold;
  const lost = markLost(hold.state, current, { ...current, token: current.value, status: 'revoked' }, context);
  return { ...lost, records: [...hold.records, ...lost.records] };
}

/** A clean scan counts; a scan that found the token, or failed, starts the count anew. */
function nextScans(token: Token, cleanScan: boolean | undefined, { now, config }: Context): readonly Instant[] {
  if (cleanScan === undefined) return token.cleanScans ?? [];
  if (!cleanScan) return [];
  const [first, ...later] = [...(token.cleanScans ?? []), now];
  // The first and the latest tell all that is asked; something else may hold for years.
  return first === undefined ? [] : [first, ...later.slice(-config.scans.count)];
}

const scanPause = ({ config }: Context): number =>
  Math.max(MINUTE, Math.ceil(config.scans.overMs / Math.max(1, config.scans.count - 1)));

const firstRefusal = (evidence: Evidence): { reason: string; message: string } =>
  evidence.items.find((item) => !item.satisfied && item.reason !== 'scans_in_progress') ??
  evidence.items.find((item) => !item.satisfied) ?? { reason: 'no_evidence', message: 'There is no evidence.' };

function held(
  state: IntegrationState,
  token: Token,
  reason: string,
  message: string,
  wait: number | undefined,
  { now }: Context,
  evidence?: Evidence,
): Change {
  const before = token.hold;
  const attempts = (before?.attempts ?? 0) + 1;
  const nextCheckAt = later(now, wait ?? backoff(attempts, HOLD_BACKOFF, HOLD_BACKOFF_MAX));
  const hold: Hold = { reason, message: bounded(message), since: before?.since ?? now, attempts, nextCheckAt };
  const next = withToken(state, { ...token, hold });
  if (before?.reason === reason) return change(next);
  return change(next, [
    {
      type: 'token.held',
      tokenId: token.id,
      rotationId: token.rotationId,
      message: `Revoking ${token.id} is held: ${message}`,
      reason,
      details: { nextCheckAt, evidence },
    },
  ]);
}

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
  return change(prune(withToken(state, { ...next, stuckSince: undefined })), [
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
  const interrupted: Token = {
    ...token,
    status: token.revokingFrom ?? 'superseded',
    revokingBy: undefined,
    revokingSince: undefined,
    revocationTriedAt: token.revokingSince ?? token.revocationTriedAt,
    hold: undefined,
  };
  const message = `An earlier attempt to revoke ${tokenId} had no effect; the evidence is gathered anew.`;
  return change(withToken(state, interrupted), [
    {
      type: 'token.revocation-interrupted',
      tokenId,
      rotationId: token.rotationId,
      message,
      details: { failures: token.failures },
    },
  ]);
}

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
  const failures = (token.failures ?? 0) + (step === 'revoke' || step === 'confirm' ? 1 : 0);
  const wait = backoff(Math.max(1, failures), FAILURE_BACKOFF, HOUR);
  const nextCheckAt = failure.retryAt && failure.retryAt > millis(now) ? instant(failure.retryAt) : later(now, wait);
  const stuck = failures >= FAILURES_UNTIL_STUCK && !token.stuckSince;
  const hold: Hold = {
    reason: failure.code,
    message: bounded(`${step} failed: ${failure.message}`),
    since: token.hold?.since ?? now,
    attempts: (token.hold?.attempts ?? 0) + 1,
    nextCheckAt,
  };
  const next: Token = {
    ...token,
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

/** Active tokens that bear the name of a doubted mint and that nobody knows are its late twins. */
export function swept(state: IntegrationState, matches: readonly PaddleToken[], context: Context): Change {
  const done = state.sweeps.filter((sweep) => sweep.at <= context.now);
  let next = change({ ...state, sweeps: state.sweeps.filter((sweep) => sweep.at > context.now) });
  for (const { tokenName, rotationId } of done) {
    const twins = matches.filter((token) => token.name === tokenName);
    next = withOrphans(next, twins, { rotationId }, context);
  }
  return next;
}

/**
 * A token that bears our name and that the state does not know. It is taken as an orphan only if our own records say that
 * its rotation was ours and that the token itself was never heard of. One that was known once may be what pages serve
 * (a ledger that was restored from a backup forgets tokens), and one without a record is somebody else's, whatever its name.
 */
export function claimed(
  state: IntegrationState,
  { token, provenance }: Extract<Outcome, { kind: 'unclaimed' }>,
  context: Context,
): Change | undefined {
  if (token?.status !== 'active' || provenance !== 'intended') return undefined;
  const named = parseTokenName(token.name);
  if (!named || named.integration !== state.integration) return undefined;
  const { rotation } = state;
  // Its own rotation is still under way and will find it, or is about to adopt it.
  const adopted = rotation && rotation.source.kind !== 'mint' && rotation.source.tokenId === token.id;
  if (adopted || rotation?.rotationId === named.rotationId) return undefined;
  return withOrphans(change(state), [token], { rotationId: named.rotationId }, context);
}
