import type { Instant, Token } from '../../domain/model.ts';
import { nextRotationAt } from '../../domain/schedule.ts';
import { earliest, HOUR, later } from '../../domain/time.ts';
import { currentToken } from '../../domain/tokens.ts';
import type { Decision } from '../decision.ts';
import { CROWDED, isCrowded, type Snapshot } from '../snapshot.ts';
import { mayRetire, retirementCheckAt } from './retire.ts';
import { targetsCheckAt } from './watch-targets.ts';

/** Unmanaged: nothing, ever. Paused: nothing, but what an emergency began is finished. */
export function standStill({ config, state }: Snapshot): Decision | undefined {
  if (!config.managed) {
    const message = `${config.name} is no longer in the configuration: its tokens are left as they are.`;
    return { kind: 'wait', reason: 'unmanaged', message };
  }
  const emergency = state.rotation?.emergency || state.tokens.some((token) => token.emergency && isOpen(token));
  if (!state.pause || emergency) return undefined;
  const by = state.pause.requestedBy ? ` by ${state.pause.requestedBy}` : '';
  const why = state.pause.reason ? `: ${state.pause.reason}` : '';
  return { kind: 'wait', reason: 'paused', message: `Paused since ${state.pause.since}${by}${why}. Resume to go on.` };
}

const isOpen = (token: Token): boolean => ['superseded', 'revoking', 'orphan'].includes(token.status);

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
  for (const token of state.tokens) {
    const at = retirementCheckAt(token);
    if (!at || !mayRetire(snapshot, token)) continue;
    upcoming.push({ at, reason: token.hold?.reason ?? 'grace', message: retirementMessage(token, at) });
  }
  const check = targetsCheckAt(snapshot);
  if (check) upcoming.push({ at: check, reason: 'targets_check', message: `The targets are read again at ${check}.` });
  for (const sweep of state.sweeps) {
    const message = `Paddle is searched at ${sweep.at} for late twins of ${sweep.tokenName}.`;
    upcoming.push({ at: sweep.at, reason: 'sweep', message });
  }
  return upcoming;
}

function nextRotation({ now, config, state }: Snapshot): Upcoming {
  const at = nextRotationAt(config, state);
  if (at > now || !isCrowded(state))
    return { at, reason: 'scheduled', message: `The next scheduled rotation is due at ${at}.` };
  return { at: later(now, HOUR), reason: 'crowded', message: CROWDED };
}

function retirementMessage(token: Token, at: Instant): string {
  if (token.hold) return `Revoking ${token.id} waits until ${at}: ${token.hold.message}`;
  if (token.status === 'orphan') return `${token.id} was minted but never published; it is revoked after ${at}.`;
  return `${token.id} is in its grace window until ${at}.`;
}
