import { ALARMS, METRICS, OVERDUE_SECONDS } from '../contract.ts';
import type { Token } from '../domain/model.ts';
import type { Log, Metrics } from '../domain/ports.ts';
import { later, millis } from '../domain/time.ts';
import { isCredentialCode } from '../paddle/errors.ts';
import { isCheckoutDown } from './checkout.ts';
import { PAUSE_ALARM_AFTER } from './policies/stand-still.ts';
import { awaited } from './policies/watch.ts';
import type { Result } from './result.ts';
import { isCrowded, type Snapshot } from './snapshot.ts';

/**
 * What one reconcile says in numbers, and beside each number a line that names the integration. Failures, long holds and stuck
 * revocations count at every reconcile that ends in them, which is once an hour at least: alarms stay on until they are over.
 */
export function measure(result: Result, metrics: Metrics, log: Log): void {
  for (const { type, integration, tokenId } of result.records) {
    if (type !== 'token.lost') continue;
    metrics.count(METRICS.outOfBandChange);
    log.warn('Somebody else revoked a token', { alarm: ALARMS.outOfBandChange, integration, tokenId });
  }
  for (const { type, integration, tokenId, message } of result.records) {
    if (type !== 'token.revoked-served' && type !== 'token.revoked-seen') continue;
    metrics.count(METRICS.revokedTokenServed);
    log.warn(message, { alarm: ALARMS.revokedTokenServed, integration, tokenId });
  }
  if (result.outcome !== 'settled') return;
  measureServed(result.snapshot, metrics, log);
  const { state, now, config } = result.snapshot;
  const integration = config.name;
  const isSellers = lacksCredential(result.snapshot);
  const retry = state.retry ?? (state.repair && { ...state.repair, step: 'restore', code: 'targets_differ' });
  if (retry) {
    const { step, code, since, attempts } = retry;
    if (!isSellers) metrics.count(METRICS.rotationFailure);
    const alarm = isSellers ? undefined : ALARMS.rotationFailure;
    log.warn('The rotation waits', { alarm, integration, step, code, since, attempts });
  }
  if (state.unanswered) {
    const { code, since, attempts } = state.unanswered;
    metrics.count(METRICS.rotationFailure);
    log.warn('Reported tokens wait for an answer of Paddle', {
      ...{ alarm: ALARMS.rotationFailure, integration, step: 'inspect', code, since, attempts },
    });
  }
  if (isCheckoutDown(state)) {
    metrics.count(METRICS.outOfBandChange);
    const { reason, message } = result.decision;
    log.warn('Checkout is down', { alarm: ALARMS.outOfBandChange, integration, reason, why: message });
  }
  if (config.managed && state.pause && now >= later(state.pause.since, PAUSE_ALARM_AFTER)) {
    metrics.count(METRICS.holdOverdue);
    const { since, requestedBy } = state.pause;
    log.warn('A pause lasts too long', { alarm: ALARMS.holdOverdue, integration, since, requestedBy });
  }
  if (state.crowdedSince && isCrowded(state)) {
    metrics.count(METRICS.rotationFailure);
    const { crowdedSince: since } = state;
    log.warn('A rotation is due and cannot begin', {
      alarm: ALARMS.rotationFailure,
      integration,
      code: 'crowded',
      since,
    });
  }
  if (!isSellers) measureProgress(result.snapshot, metrics, log);
  const tokens = state.tokens.filter(({ status }) => status !== 'revoked');
  const stuck = tokens.filter(({ stuckSince }) => stuckSince);
  if (stuck.length > 0) metrics.count(METRICS.revocationStuck);
  for (const { id: tokenId, stuckSince: since, hold } of stuck)
    log.warn('A revocation is stuck', {
      alarm: ALARMS.revocationStuck,
      integration,
      tokenId,
      since,
      code: hold?.reason,
    });
  const overdue = tokens.filter((token) => millis(now) - heldSince(token, millis(now)) > config.holdAlarmAfterMs);
  if (overdue.length > 0) metrics.count(METRICS.holdOverdue);
  for (const { id: tokenId, hold } of overdue)
    log.warn('A hold lasts too long', { alarm: ALARMS.holdOverdue, integration, tokenId, reason: hold?.reason });
}

/** The key of a seller is the seller's to mend: it is listed (`status --failing`), and no alarm of the platform's. */
const lacksCredential = ({ config, state }: Snapshot): boolean =>
  config.owner === 'api' && ASKING.includes(state.retry?.step ?? '') && isCredentialCode(state.retry?.code ?? '');
/** Steps that use the key. */
const ASKING = ['mint', 'find', 'verify'];

/**
 * The absence of success: a failure puts `dueAt` off, so the heartbeat alone would call a rotation that fails for days
 * punctual. Reconciles at a rotation under way come at least once an hour.
 */
function measureProgress({ state, now, config }: Snapshot, metrics: Metrics, log: Log): void {
  const { rotation, pause } = state;
  if (!rotation || pause || !config.managed) return;
  const late = (millis(now) - millis(rotation.intendedAt)) / 1_000;
  metrics.seconds(METRICS.overdueSeconds, late);
  if (late < OVERDUE_SECONDS) return;
  const { rotationId } = rotation;
  log.warn('A rotation is overdue', { alarm: ALARMS.overdue, integration: config.name, rotationId, seconds: late });
}

/**
 * Epoch ms since when the token should be gone and is not: its deadline, or, while its grace window waits for a
 * deployment, the moment when it was superseded. `now`, when nothing holds it.
 */
function heldSince(token: Token, now: number): number {
  const { status, hold, manualHold, revokeAfter, supersededAt, servedAt } = token;
  // A person's hold is meant to last, and a revocation under way gets stuck rather than held.
  if (!hold || manualHold || status === 'revoking') return now;
  const deadline = millis(revokeAfter ?? supersededAt ?? hold.since);
  // A target that goes on holding the token puts its deadline off again and again: as long as it did, the hold lasted.
  if (servedAt && deadline > now) return now - Math.max(0, millis(servedAt) - millis(hold.since));
  return deadline;
}

/** Counted at every reconcile, which come every few minutes while a revoked token is served. */
function measureServed({ state, config }: Snapshot, metrics: Metrics, log: Log): void {
  const integration = config.name;
  const served = state.watch?.served ?? [];
  if (config.managed && served.length > 0) metrics.count(METRICS.revokedTokenServed);
  for (const { tokenId, place, since } of config.managed ? served : [])
    log.warn('A revoked token is served', { alarm: ALARMS.revokedTokenServed, integration, tokenId, place, since });
  const overdue = awaited({ state, config })?.overdue;
  if (!config.managed || !overdue) return;
  metrics.count(METRICS.deploymentOverdue);
  const { since, hooks } = overdue;
  log.warn('A deployment is overdue', { alarm: ALARMS.deploymentOverdue, integration, since, hooks });
}
