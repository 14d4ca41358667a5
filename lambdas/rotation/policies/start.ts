import { nextRotationAt } from '../../domain/schedule.ts';
import { earliest, HOUR, later, MINUTE } from '../../domain/time.ts';
import { currentToken } from '../../domain/tokens.ts';
import { isCheckoutDown, TELL_EVERY } from '../checkout.ts';
import type { Decision } from '../decision.ts';
import { isCrowded, type Snapshot } from '../snapshot.ts';

/** The first token, a replacement for one that somebody else revoked, or the next scheduled one. */
export function startRotation(snapshot: Snapshot): Decision | undefined {
  const { now, config, state } = snapshot;
  if (state.pause || state.rotation || (state.retry && state.retry.nextAttemptAt > now)) return undefined;
  if (!currentToken(state)) return startWithoutCurrent(snapshot);
  const due = nextRotationAt(config, state);
  if (due > now || isCrowded(state)) return undefined;
  const message = `The rotation scheduled for ${due} is due.`;
  return { kind: 'intend', trigger: 'schedule', source: { kind: 'mint' }, reason: 'scheduled', message };
}

/** Healing so often within an hour is a fight with somebody: from then on it slows down, and a person is told. */
const HEALS_PER_HOUR = 3;
/** From the last loss to the next healing, for the third loss within an hour, the fourth, and all after it. */
const BRAKE = [MINUTE, 5 * MINUTE, 15 * MINUTE];

function startWithoutCurrent(snapshot: Snapshot): Decision {
  const { config, state } = snapshot;
  if (isCheckoutDown(state)) return braked(snapshot) ?? heal;
  if (config.adopt) {
    const source = { kind: 'adopt', tokenId: config.adopt } as const;
    return { kind: 'intend', trigger: 'first', source, reason: 'adopt', message: `Taking over ${config.adopt}.` };
  }
  const message = 'The integration has no token yet.';
  return { kind: 'intend', trigger: 'first', source: { kind: 'mint' }, reason: 'first', message };
}

const LOST = 'The current token was revoked by somebody else: pages are broken until a fresh one is published.';
const heal: Decision = {
  kind: 'intend',
  trigger: 'heal',
  source: { kind: 'mint' },
  reason: 'current_lost',
  message: LOST,
  why: LOST,
};

/** Only losses of current tokens count: whoever clears away superseded ones fights with nobody. */
function braked({ now, state }: Snapshot): Decision | undefined {
  const losses = state.tokens
    .filter((token) => token.publishedAt && !token.supersededAt && token.revokedBy === 'external')
    .map((token) => earliest(token.revokedAt, now) ?? now)
    .filter((at) => later(at, HOUR) > now)
    .sort();
  const wait = BRAKE[Math.min(losses.length - HEALS_PER_HOUR, BRAKE.length - 1)];
  const at = later(losses.at(-1) ?? now, wait ?? 0);
  if (wait === undefined || at <= now) return undefined;
  const message = `Checkout is down: ${losses.length} current tokens were revoked by somebody else within an hour. A person must find out by whom. The next one is minted at ${at}.`;
  return { kind: 'wait', until: earliest(at, later(now, TELL_EVERY)), reason: 'revoked_again_and_again', message };
}
