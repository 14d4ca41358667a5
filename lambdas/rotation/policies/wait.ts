import type { Instant, IntegrationConfig, Token } from '../../domain/model.ts';
import { nextRotationAt, spreadOf } from '../../domain/schedule.ts';
import { earliest, HOUR, later, MINUTE, SECOND } from '../../domain/time.ts';
import { currentToken } from '../../domain/tokens.ts';
import { isCheckoutDown, isRevokedAtTarget, TELL_EVERY } from '../checkout.ts';
import type { Decision } from '../decision.ts';
import { CROWDED, isCrowded, type Snapshot } from '../snapshot.ts';
import { mayRetire, retirementCheckAt } from './retire.ts';
import { pauseCheckAt } from './stand-still.ts';
import { unclaimedOf } from './unclaimed.ts';
import { watchAt } from './watch.ts';
import { targetsCheckAt } from './watch-targets.ts';

interface Upcoming {
  readonly at: Instant;
  readonly reason: string;
  readonly message: string;
}

/** Nothing is due: the earliest of all that will be. */
export function waitForNext(snapshot: Snapshot): Decision {
  const upcoming = allUpcoming(snapshot);
  const at = earliest(...upcoming.map((next) => next.at));
  const next = upcoming.find((candidate) => candidate.at === at);
  if (!next) return { kind: 'wait', reason: 'idle', message: 'Nothing will fall due by itself.' };
  return { kind: 'wait', until: next.at, reason: next.reason, message: next.message };
}

/** Everything that will fall due by itself, in no particular order. */
export function allUpcoming(snapshot: Snapshot): readonly Upcoming[] {
  const { state } = snapshot;
  const upcoming: Upcoming[] = [];
  const mayProgress = !state.pause || state.rotation?.emergency;
  if (state.rotation && state.retry && mayProgress) {
    const { nextAttemptAt: at, code, message } = state.retry;
    upcoming.push({ at, reason: code, message: `Rotation ${state.rotation.rotationId} waits: ${message}` });
  }
  if (!state.rotation && state.retry) {
    const { nextAttemptAt: at, code, message } = state.retry;
    upcoming.push({ at, reason: code, message });
  }
  if (state.repair && currentToken(state) && !state.pause) {
    const { nextAttemptAt: at, reason } = state.repair;
    upcoming.push({ at, reason: 'targets_differ', message: `The targets are restored at ${at}: ${reason}` });
  }
  if (!state.rotation && !state.pause) upcoming.push(nextRotation(snapshot));
  const pauseAt = pauseCheckAt(snapshot);
  if (pauseAt) upcoming.push({ at: pauseAt, reason: 'paused', message: `The pause is looked at again at ${pauseAt}.` });
  if (isCheckoutDown(state)) {
    const at = later(snapshot.now, TELL_EVERY);
    const message = `Checkout is down: the current token was revoked by somebody else, and no other is published yet.`;
    upcoming.push({ at, reason: 'checkout_down', message });
  }
  if (isRevokedAtTarget(state)) {
    const at = later(snapshot.now, TELL_EVERY);
    const message = `A target holds a token that is revoked; that is told again at ${at}.`;
    upcoming.push({ at, reason: 'revoked_at_target', message });
  }
  for (const token of state.tokens) {
    const at = retirementCheckAt(token);
    if (!at || !mayRetire(snapshot, token)) continue;
    upcoming.push({ at, reason: token.hold?.reason ?? 'grace', message: retirementMessage(token, at) });
  }
  const watch = watchAt(snapshot);
  if (watch) upcoming.push({ at: watch, reason: 'watch', message: `Pages and reports are read again at ${watch}.` });
  const check = targetsCheckAt(snapshot);
  if (check) upcoming.push({ at: check, reason: 'targets_check', message: `The targets are read again at ${check}.` });
  for (const sweep of state.pause ? [] : state.sweeps) {
    const message = `Paddle is searched at ${sweep.at} for late twins of ${sweep.tokenName}.`;
    upcoming.push({ at: sweep.at, reason: 'sweep', message });
  }
  for (const { id, nextCheckAt: at } of state.pause ? [] : unclaimedOf(state)) {
    const message = `Paddle is asked at ${at} whether ${id}, which only bears our name, is still there.`;
    upcoming.push({ at, reason: 'unclaimed', message });
  }
  return upcoming;
}

function nextRotation({ now, config, state }: Snapshot): Upcoming {
  const at = nextRotationAt(config, state);
  if (at > now || !isCrowded(state))
    return { at, reason: 'scheduled', message: `The next scheduled rotation is due at ${at}.${spreadNote(config)}` };
  return { at: later(now, HOUR), reason: 'crowded', message: CROWDED };
}

/** Nobody should have to wonder why it is not the minute that the configuration names. */
function spreadNote(config: IntegrationConfig): string {
  const { spreadMs } = config.schedule;
  if (!spreadMs) return '';
  const after = `${spreadOf(config) / SECOND} s after its slot`;
  return ` Its schedule is spread over ${spreadMs / MINUTE} minutes: this integration has its place ${after}.`;
}

function retirementMessage(token: Token, at: Instant): string {
  if (token.hold) return `Revoking ${token.id} waits until ${at}: ${token.hold.message}`;
  if (token.status === 'orphan') return `${token.id} was minted but never published; it is revoked after ${at}.`;
  return `${token.id} is in its grace window until ${at}.`;
}
