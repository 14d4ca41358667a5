/** Tokens on their way out that may not go yet: what is missing, and when it is asked for again. */

import type {
  Evidence,
  EvidenceItem,
  Hold,
  Instant,
  IntegrationState,
  ScanRound,
  Token,
  Usage,
} from '../../domain/model.ts';
import { backoff, DAY, HOUR, later, latest, MINUTE, millis, SECOND } from '../../domain/time.ts';
import { currentToken } from '../../domain/tokens.ts';
import { cleanScansOf, scanPause } from '../../evidence/clean-scans.ts';
import { SILENT_SO_FAR } from '../../evidence/seen.ts';
import { FORMER_TARGET_HOLDS } from '../../evidence/targets.ts';
import { bounded, type Change, type Context, change, followedBy, tokenOf, withToken } from '../change.ts';
import { attemptsAfter, type Outcome } from '../outcome.ts';
import { markLost } from './losses.ts';
import { mayBeServed, servedNoMore } from './targets.ts';

const HOLD_BACKOFF = 5 * MINUTE;
const HOLD_BACKOFF_MAX = HOUR;
/** A scan of all sites that one run was too short for is carried on at the next heartbeat. */
const SCAN_GOES_ON = MINUTE;
/** Of a `ThrottledError`. */
const NO_TURN = 'too_many_requests';
/** Nothing speaks against the revocation yet. */
const PATIENT = ['scans_in_progress', 'scan_unfinished', SILENT_SO_FAR];

/** For a grace window that starts at the deployment: has the new token been seen in use? */
export function deploymentChecked(
  state: IntegrationState,
  tokenId: string,
  { deployedAt, scanRound }: { deployedAt?: Instant; usage: readonly Usage[]; scanRound?: ScanRound },
  context: Context,
): Change {
  const token = tokenOf(state, tokenId);
  const current = currentToken(state);
  if (!deployedAt) {
    if (context.config.graceFrom !== 'deployed') return graceFromNow(state, token, context);
    const message = `${current?.id ?? 'the current token'} has not been reported or seen deployed yet, so the grace window of ${tokenId} has not started.`;
    const wait = scanRound ? SCAN_GOES_ON : HOUR;
    return held(state, { ...token, scanRound }, { reason: 'awaiting_deployment', message, wait }, context);
  }
  // A deployment from before this token was superseded (then a rollback came between) is no start of its grace.
  // Nor is one from before a target held it again.
  const since = latest(deployedAt, token.supersededAt, token.servedAt) ?? context.now;
  const revokeAfter = later(since, context.config.graceMs);
  const next = withToken(state, { ...token, revokeAfter, hold: undefined, scanRound: undefined });
  const seen = current ? withToken(next, { ...current, deployedAt }) : next;
  const message = `${current?.id ?? 'The current token'} was seen deployed at ${deployedAt}; ${tokenId} stays valid until ${revokeAfter}.`;
  return change(seen, [{ type: 'token.deployed', tokenId: current?.id ?? tokenId, message, details: { revokeAfter } }]);
}

/** The configuration does not wait for a deployment any more. A deploy never revokes, so the whole grace is still to come. */
function graceFromNow(state: IntegrationState, token: Token, { now, config }: Context): Change {
  const revokeAfter = later(now, config.graceMs);
  const { id: tokenId, rotationId } = token;
  const message = `The grace window of ${tokenId} does not wait for a deployment any more, as configured; it stays valid until ${revokeAfter}.`;
  const next = withToken(state, { ...token, revokeAfter, hold: undefined, scanRound: undefined });
  return change(next, [{ type: 'token.superseded', tokenId, rotationId, message, details: { revokeAfter } }]);
}

/** The evidence decides: record the decision to revoke, or hold. */
export function proved(
  state: IntegrationState,
  tokenId: string,
  outcome: Extract<Outcome, { kind: 'evidence' }>,
  context: Context,
): Change {
  const { evidence, scanRound } = outcome;
  const token = tokenOf(state, tokenId);
  const { now, runId } = context;
  if (isSeenGone(token, evidence)) return withLoss(seenGone(state, token, context), outcome, context);
  // Asked for before its time: nothing stands against it any more but the deadline, which stands.
  if (evidence.satisfied && !token.emergency && token.revokeAfter !== undefined && token.revokeAfter > now)
    return change(withToken(state, { ...token, hold: undefined }));
  if (evidence.satisfied) {
    const next: Token = {
      ...token,
      status: 'revoking',
      revokingBy: runId,
      revokingSince: now,
      revokingFrom: token.status === 'orphan' ? 'orphan' : 'superseded',
      hold: undefined,
      scanRound: undefined,
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
  // Whoever reads it there uses it: its grace begins when it is seen gone.
  const isServed = evidence.items.some(({ reason }) => reason === FORMER_TARGET_HOLDS);
  const sighted = isServed ? { servedAt: now, servedUntil: undefined } : {};
  const scanned = { ...token, ...sighted, ...nextScans(token, outcome, context), scanRound };
  const refusing = firstRefusal(evidence);
  // A target that differs is examined at once, and restored if that is what is wanted.
  const isWrong = refusing.reason === 'target_differs';
  const watched = isWrong ? { ...state, targetsCheckedAt: later(now, -DAY) } : state;
  const hold = held(watched, scanned, { ...refusing, ...patience(refusing, token, context) }, context, evidence);
  return withLoss(hold, outcome, context);
}

/** The evidence is the first reading that shows it gone from the targets, whatever else it says. */
function isSeenGone(token: Token, { items, satisfied }: Evidence): boolean {
  const targets = items.find(({ kind }) => kind === 'targets');
  return mayBeServed(token) && (targets?.satisfied ?? satisfied);
}

/** Its whole grace begins with that. */
function seenGone(state: IntegrationState, token: Token, context: Context): Change {
  const hold = token.hold?.reason === FORMER_TARGET_HOLDS ? undefined : token.hold;
  return change(withToken(state, servedNoMore({ ...token, hold }, context)));
}

function withLoss(before: Change, { currentLost }: Extract<Outcome, { kind: 'evidence' }>, context: Context): Change {
  const current = currentToken(before.state);
  if (!currentLost || !current) return before;
  const answer = { ...current, token: current.value, status: 'revoked' } as const;
  return followedBy(before, markLost(before.state, current, answer, context));
}

/** A clean scan counts; a scan that found the token, or failed, starts the count anew. */
function nextScans(
  token: Token,
  { cleanScan, cleanScanOf }: Extract<Outcome, { kind: 'evidence' }>,
  { now, config }: Context,
): Pick<Token, 'cleanScans' | 'cleanScansOf'> {
  if (cleanScan === undefined) return { cleanScans: token.cleanScans ?? [] };
  if (!cleanScan) return { cleanScans: [] };
  const [first = now, ...later] = [...cleanScansOf(token, cleanScanOf, now, config), now];
  // The first and the latest tell all that is asked; something else may hold for years.
  return { cleanScans: [first, ...later.slice(-config.scans.count)], cleanScansOf: cleanScanOf };
}

/** A scan that goes on is no cause of its own: what was told before it is still the last word. */
function patience({ reason, details }: Refusal, { hold }: Token, context: Context): { reason?: string; wait?: number } {
  if (reason === 'scans_in_progress') return { wait: scanPause(context.config) };
  // A turn at Paddle is not worth reading all pages again so soon.
  const isWorthIt = reason !== NO_TURN || context.config.sites.length === 0;
  // A silence is over at a known instant, if nothing breaks it, and so is the wait for a turn.
  if (typeof details?.until === 'string' && isWorthIt)
    return { wait: within(SECOND, millis(details.until) - millis(context.now), HOUR) };
  return reason === 'scan_unfinished' ? { reason: hold?.reason ?? 'scans_in_progress', wait: SCAN_GOES_ON } : {};
}

type Refusal = Pick<EvidenceItem, 'reason' | 'message' | 'details'>;
const within = (least: number, ms: number, most: number): number => Math.min(most, Math.max(least, ms));

const firstRefusal = (evidence: Evidence): Refusal =>
  evidence.items.find((item) => !item.satisfied && !PATIENT.includes(item.reason)) ??
  evidence.items.find((item) => !item.satisfied) ?? { reason: 'no_evidence', message: 'There is no evidence.' };

function held(
  state: IntegrationState,
  token: Token,
  { reason, message, wait }: { reason: string; message: string; wait?: number },
  { now }: Context,
  evidence?: Evidence,
): Change {
  const before = token.hold;
  const attempts = attemptsAfter(before?.attempts ?? 0, { class: reason === NO_TURN ? 'throttled' : 'refused' });
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
