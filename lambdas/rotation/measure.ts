import { ALARMS, METRICS, OVERDUE_SECONDS } from '../contract.ts';
import type { Log } from '../shared/log.ts';
import type { Meter } from '../shared/metrics.ts';
import type { Token } from './model.ts';
import type { Result } from './reconcile.ts';
import type { Snapshot } from './snapshot.ts';
import { millis } from './time.ts';

/**
 * What one look says in numbers, and beside each number a line that names the integration. Trouble, long holds and stuck
 * revocations count at every look that ends in them, which is once an hour at least: alarms stay on until they are over.
 */
export function measure(result: Result, meter: Meter, log: Log): void {
  for (const { type, integration, tokenId } of result.records) {
    if (type !== 'token.lost') continue;
    meter.count(METRICS.outOfBandChange);
    log.warn('Somebody else revoked a token', { alarm: ALARMS.outOfBandChange, integration, tokenId });
  }
  if (result.outcome !== 'settled') return;
  const { state, now, config } = result.snapshot;
  const integration = config.name;
  const trouble = state.trouble ?? (state.repair && { ...state.repair, step: 'restore', code: 'targets_differ' });
  if (trouble) {
    const { step, code, since, attempts } = trouble;
    meter.count(METRICS.rotationTrouble);
    log.warn('The rotation waits', { alarm: ALARMS.rotationTrouble, integration, step, code, since, attempts });
  }
  measureProgress(result.snapshot, meter, log);
  const tokens = state.tokens.filter(({ status }) => status !== 'revoked');
  const stuck = tokens.filter(({ stuckSince }) => stuckSince);
  if (stuck.length > 0) meter.count(METRICS.revocationStuck);
  for (const { id: tokenId, stuckSince: since, hold } of stuck)
    log.warn('A revocation is stuck', {
      alarm: ALARMS.revocationStuck,
      integration,
      tokenId,
      since,
      code: hold?.reason,
    });
  const overdue = tokens.filter((token) => millis(now) - heldSince(token, millis(now)) > config.holdAlarmAfterMs);
  if (overdue.length > 0) meter.count(METRICS.holdOverdue);
  for (const { id: tokenId, hold } of overdue)
    log.warn('A hold lasts too long', { alarm: ALARMS.holdOverdue, integration, tokenId, reason: hold?.reason });
}

/**
 * The absence of success: trouble puts `dueAt` off, so the heartbeat alone would call a rotation that fails for days
 * punctual. Looks at a rotation under way come at least once an hour.
 */
function measureProgress({ state, now, config }: Snapshot, meter: Meter, log: Log): void {
  const { rotation, pause } = state;
  if (!rotation || pause || !config.managed) return;
  const late = (millis(now) - millis(rotation.intendedAt)) / 1_000;
  meter.seconds(METRICS.overdueSeconds, late);
  if (late < OVERDUE_SECONDS) return;
  const { rotationId } = rotation;
  log.warn('A rotation is overdue', { alarm: ALARMS.overdue, integration: config.name, rotationId, seconds: late });
}

/**
 * Epoch ms since when the token should be gone and is not: its deadline, or, while its grace window waits for a
 * deployment, the moment when it was superseded. `now`, when nothing holds it.
 */
function heldSince({ status, hold, manualHold, revokeAfter, supersededAt }: Token, now: number): number {
  // A person's hold is meant to last, and a revocation under way gets stuck rather than held.
  if (!hold || manualHold || status === 'revoking') return now;
  return millis(revokeAfter ?? supersededAt ?? hold.since);
}
