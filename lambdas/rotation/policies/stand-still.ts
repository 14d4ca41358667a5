import type { Pause, Token } from '../../domain/model.ts';
import { DAY, earliest, HOUR, later, latest } from '../../domain/time.ts';
import { isCheckoutDown, isRevokedAtTarget, TELL_EVERY } from '../checkout.ts';
import type { Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';
import { watchAt, watchWhatIsServed } from './watch.ts';

/** A pause that lasts longer was probably forgotten: somebody is told. */
export const PAUSE_ALARM_AFTER = 7 * DAY;

/** Unmanaged: nothing, ever. What is reported meanwhile stays in the ledger until the integration is managed again. */
export function leaveUnmanaged({ config }: Snapshot): Decision | undefined {
  if (config.managed) return undefined;
  const message = `${config.name} is no longer in the configuration: its tokens are left as they are.`;
  return { kind: 'wait', reason: 'unmanaged', message };
}

export function endPause({ now, config, state }: Snapshot): Decision | undefined {
  const { pause } = state;
  if (!pause?.until || pause.until > now) return undefined;
  const message = `The pause of ${config.name} ended at ${pause.until}.`;
  return { kind: 'resume', reason: 'pause_over', message };
}

/** Paused: nothing, but what an emergency began is finished. */
export function standStill(snapshot: Snapshot): Decision | undefined {
  const { state } = snapshot;
  const emergency = state.rotation?.emergency || state.tokens.some((token) => token.emergency && isOpen(token));
  if (!state.pause || emergency) return undefined;
  const watch = watchWhatIsServed(snapshot);
  if (watch) return watch;
  return { kind: 'wait', until: earliest(pauseCheckAt(snapshot), watchAt(snapshot)), ...paused(snapshot, state.pause) };
}

/** Will it be revoked, once that is due? One that a person holds will not. */
const isOpen = ({ status, manualHold }: Token): boolean =>
  status === 'revoking' || ((status === 'superseded' || status === 'orphan') && !manualHold);

function paused({ state }: Snapshot, { since, until, requestedBy, reason }: Pause) {
  const by = requestedBy ? ` by ${requestedBy}` : '';
  const why = reason ? `: ${reason}` : '';
  const text = `Paused since ${since}${by}${why}. ${until ? `It ends at ${until}.` : 'Resume to go on.'}`;
  if (!isCheckoutDown(state)) return { reason: 'paused', message: text };
  const message = `Checkout is down: the current token was revoked by somebody else, and nothing is published while paused. ${text}`;
  return { reason: 'paused', message };
}

/** When a paused integration is reconciled again: to end the pause, or to say that it lasts too long or breaks checkout. */
export function pauseCheckAt({ now, state }: Snapshot): string | undefined {
  const { pause } = state;
  if (!pause) return undefined;
  const isTold = isCheckoutDown(state) || isRevokedAtTarget(state);
  const forgotten = latest(later(pause.since, PAUSE_ALARM_AFTER), later(now, HOUR));
  return earliest(pause.until, forgotten, isTold ? later(now, TELL_EVERY) : undefined);
}
