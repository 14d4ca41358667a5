import { nextRotationAt } from '../../domain/schedule.ts';
import { HOUR, later } from '../../domain/time.ts';
import { currentToken } from '../../domain/tokens.ts';
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

/** Healing so often within an hour is a fight with somebody; minting on would only flood the account. */
const HEALS_PER_HOUR = 3;

function startWithoutCurrent({ now, config, state }: Snapshot): Decision {
  const losses = state.tokens
    .filter((token) => token.publishedAt && token.revokedBy === 'external')
    .map((token) => token.revokedAt ?? now)
    .sort();
  const storm = losses.at(-HEALS_PER_HOUR);
  if (storm && later(storm, HOUR) > now) {
    const message = `${HEALS_PER_HOUR} current tokens were revoked by somebody else within an hour: a person must find out by whom.`;
    return { kind: 'wait', until: later(storm, HOUR), reason: 'revoked_again_and_again', message };
  }
  if (losses.length > 0) {
    const message = 'The current token was revoked by somebody else: pages are broken until a fresh one is published.';
    return { kind: 'intend', trigger: 'heal', source: { kind: 'mint' }, reason: 'current_lost', message, why: message };
  }
  if (config.adopt) {
    const source = { kind: 'adopt', tokenId: config.adopt } as const;
    return { kind: 'intend', trigger: 'first', source, reason: 'adopt', message: `Taking over ${config.adopt}.` };
  }
  const message = 'The integration has no token yet.';
  return { kind: 'intend', trigger: 'first', source: { kind: 'mint' }, reason: 'first', message };
}
