/** How an integration stands, in words: one verdict, why nothing happens, and what would end that. For whoever shows it. */
import { remedyOf } from './hold-remedies.ts';
import type { Instant, IntegrationConfig, IntegrationState, Token } from './model.ts';
import { DAY, later } from './time.ts';
import { currentToken } from './tokens.ts';
import { ahead, fromNow } from './when.ts';

/** From the worst to the best; lists are sorted so. */
export const LEVELS = ['stake', 'attention', 'held', 'busy', 'paused', 'grace', 'healthy', 'unmanaged'] as const;
export type Level = (typeof LEVELS)[number];

export const WORDS: Readonly<Record<Level, string>> = {
  stake: 'Checkout at stake',
  attention: 'Needs attention',
  held: 'Held',
  busy: 'Rotating',
  paused: 'Paused',
  grace: 'In grace',
  healthy: 'Healthy',
  unmanaged: 'Not managed',
};

/** Something that waits: why, and what would end it. */
export interface Standstill {
  readonly level: Level;
  /** A token's id, if it is about one. */
  readonly tokenId?: string;
  readonly why: string;
  readonly ends: string;
}

export interface Verdict {
  readonly level: Level;
  readonly sentence: string;
  readonly standstills: readonly Standstill[];
}

/** What is judged. */
export interface Judged {
  readonly config: IntegrationConfig;
  readonly state: IntegrationState;
  /** What the next reconcile would do, as `plan` says it. */
  readonly next: { readonly reason: string; readonly message: string };
  /** Pages serve a revoked token, one sentence per reason. Empty: none does, as far as anybody knows. */
  readonly atStake: readonly string[];
}

/** `in 2 days (2026-11-28T12:00:00.000Z)`; what is late comes now. */
const soon = (at: Instant, now: Instant): string => (at <= now ? 'now' : `${ahead(at, now)} (${at})`);

const PAUSE_FORGOTTEN = 7 * DAY;
/** So many attempts are more than a hiccup. */
const MANY_ATTEMPTS = 3;

export function verdictOf(view: Judged, now: Instant): Verdict {
  const { config, state } = view;
  if (!config.managed) {
    const why = 'It has left the configuration: nothing is minted, published or revoked.';
    const ends = 'Put it back into the configuration and deploy.';
    return { level: 'unmanaged', sentence: why, standstills: [{ level: 'unmanaged', why, ends }] };
  }
  const standstills = [...atStake(view, now), ...ofIntegration(view, now), ...ofTokens(view, now)].sort(
    (a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level),
  );
  const [worst] = standstills;
  if (worst) return { level: worst.level, sentence: worst.why, standstills };
  if (currentToken(state))
    return { level: 'healthy', sentence: 'The current token is everywhere; nothing waits.', standstills };
  const sentence = 'The first token is minted and published with the next heartbeat, within a minute.';
  return { level: 'busy', sentence, standstills };
}

/** A part of the verdict, as `status` answers it. */
export interface Standing extends Standstill {
  readonly word: string;
}

/** At least one, the worst first: the verdict. */
export function standingsOf(judged: Judged, now: Instant, nextRotationAt: Instant | undefined): readonly Standing[] {
  const { level, sentence, standstills } = verdictOf(judged, now);
  const ends = nextRotationAt ? `It rotates ${soon(nextRotationAt, now)}.` : '';
  const all: readonly Standstill[] = standstills.length > 0 ? standstills : [{ level, why: sentence, ends }];
  return all.map((one) => ({ ...one, word: WORDS[one.level] }));
}

function atStake({ state, atStake: reasons }: Judged, now: Instant): Standstill[] {
  const { pause, retry } = state;
  const mending = currentToken(state)
    ? 'Deploy those pages with the current token.'
    : 'A fresh token is minted and published next; then deploy the pages.';
  const blocked = pause && !currentToken(state) ? 'A pause keeps it from being mended: resume it.' : undefined;
  const waiting = retry && `It is tried again ${soon(retry.nextAttemptAt, now)}: ${retry.message}`;
  return reasons.map((why) => ({ level: 'stake', why, ends: blocked ?? waiting ?? mending }));
}

function ofIntegration(view: Judged, now: Instant): Standstill[] {
  const { state } = view;
  const { pause, rotation, retry, repair, drift, crowdedSince, unanswered } = state;
  const found: Standstill[] = [];
  if (pause) {
    const forgotten = later(pause.since, PAUSE_FORGOTTEN) <= now;
    const by = pause.requestedBy ? ` by ${pause.requestedBy}` : '';
    const why = `Paused${by} ${fromNow(pause.since, now)}${pause.reason ? `: ${pause.reason}` : ''}.`;
    const ends = pause.until
      ? `It ends by itself ${soon(pause.until, now)}, or when somebody resumes it.`
      : 'Resume it.';
    found.push({ level: forgotten ? 'attention' : 'paused', why, ends });
  }
  const wait = retry ?? unanswered;
  if (wait) {
    const why = `${rotation ? 'A rotation' : 'A question to Paddle'} waits: ${wait.message}`;
    const ends = `It is tried again ${soon(wait.nextAttemptAt, now)} (${wait.attempts} so far).`;
    found.push({ level: wait.attempts >= MANY_ATTEMPTS ? 'attention' : 'busy', why, ends });
  } else if (rotation) {
    const why = `A rotation is under way: ${view.next.message}`;
    found.push({ level: 'busy', why, ends: 'It goes on by itself.' });
  }
  if (repair) {
    const why = `The targets may not hold the current token: ${repair.message ?? repair.reason}`;
    const ends = `The current token is published there again ${soon(repair.nextAttemptAt, now)}.`;
    found.push({ level: repair.attempts >= MANY_ATTEMPTS ? 'attention' : 'busy', why, ends });
  }
  if (drift) {
    const why = `Somebody else has overwritten ${drift.targets.join(', ')} ${fromNow(drift.since, now)}.`;
    const ends = 'Put the current token back there, rotate, or configure drift: restore.';
    found.push({ level: 'attention', why, ends });
  }
  const overdue = state.deployment?.overdue;
  if (overdue)
    found.push({ level: 'attention', why: overdue.message, ends: 'Start the build again, or report its deployment.' });
  if (crowdedSince && view.next.reason === 'crowded')
    found.push({ level: 'attention', why: view.next.message, ends: 'Deploy what still uses them, or revoke them.' });
  return found;
}

function ofTokens({ config, state }: Judged, now: Instant): Standstill[] {
  return state.tokens.flatMap((token): Standstill[] => {
    const { id: tokenId, hold, manualHold, stuckSince, revokeAfter, status } = token;
    if (status === 'revoked' || status === 'minted') return [];
    const what = token.id;
    if (manualHold) {
      const by = manualHold.requestedBy ? ` by ${manualHold.requestedBy}` : '';
      const why = `${what} is held${by} ${fromNow(manualHold.since, now)}: ${manualHold.reason}`;
      return [{ level: 'held', tokenId, why, ends: 'It stays until somebody releases it.' }];
    }
    if (status === 'current') return [];
    if (hold) {
      const overdue = stuckSince !== undefined || later(hold.since, config.holdAlarmAfterMs) <= now;
      const why = `${what} is due and not revoked: ${hold.message}`;
      const again = `It is looked at again ${soon(hold.nextCheckAt, now)}.`;
      return [{ level: overdue ? 'attention' : 'held', tokenId, why, ends: `${remedyOf(hold.reason)}${again}` }];
    }
    if (status === 'revoking')
      return [{ level: 'busy', tokenId, why: `${what} is being revoked.`, ends: 'It goes on by itself.' }];
    if (revokeAfter === undefined) return [{ level: 'grace', tokenId, ...withoutDeadline(token) }];
    if (revokeAfter <= now)
      return [{ level: 'busy', tokenId, why: `The grace of ${what} is over.`, ends: 'The evidence is gathered next.' }];
    const why = `${what} is in grace: pages that were not deployed since still sell with it.`;
    return [
      { level: 'grace', tokenId, why, ends: `Its grace ends ${soon(revokeAfter, now)}; then the evidence decides.` },
    ];
  });
}

const withoutDeadline = (token: Token) =>
  token.status === 'orphan'
    ? {
        why: `${token.id} was taken over and did not become current.`,
        ends: 'Adopt it again, or revoke it by name.',
      }
    : {
        why: `The grace of ${token.id} has not begun: nobody has reported the current token deployed.`,
        ends: 'Report the deployment: npx paddlewheel deployed.',
      };
