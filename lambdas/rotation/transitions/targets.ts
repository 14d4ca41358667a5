/** Transitions about targets that somebody else may have overwritten. */

import type { IntegrationState, Repair, Token } from '../../domain/model.ts';
import { mayStandAtFormer, targetName, targetsWritten, withoutTargets } from '../../domain/targets.ts';
import { backoff, DAY, HOUR, later, latest, MINUTE } from '../../domain/time.ts';
import { tokenById } from '../../domain/tokens.ts';
import { FORMER_TARGET_HOLDS } from '../../evidence/targets.ts';
import { type Change, type Context, change, type RecordDraft, withToken } from '../change.ts';
import type { TargetReading } from '../outcome.ts';
import { lastCheckFor } from '../target-checks.ts';
import { livesAgain, sighted } from './sightings.ts';

/** What the targets hold is as it should be, is to be restored, or is only to be reported. */
export function targetsChecked(
  state: IntegrationState,
  tokenId: string,
  found: readonly string[],
  { now, config, nextId }: Context,
): Change {
  const checked: IntegrationState = { ...state, targetsCheckedAt: now, targetsUnread: undefined };
  // What joined and is not filled yet has not been overwritten.
  const differing = found.filter((name) => !state.repair?.only?.includes(name));
  if (differing.length === 0) return change({ ...checked, drift: undefined });
  const what = `${differing.join(', ')} of ${config.name} did not hold the current token ${tokenId}`;
  const details = { targets: differing, drift: config.drift };
  if (config.drift === 'report') {
    const known = state.drift?.targets.join() === differing.join();
    const drift = { targets: differing, since: state.drift?.since ?? now };
    const message = `${what}; it is left so, as configured.`;
    return change({ ...checked, drift }, known ? [] : [{ type: 'token.drifted', tokenId, message, details }]);
  }
  const reason = `${what}.`;
  const repair = { id: nextId(), reason, since: now, attempts: 0, nextAttemptAt: now };
  const message = `${what}: it is published there again.`;
  return change({ ...checked, repair }, [{ type: 'token.drifted', tokenId, message, details }]);
}

/** They could not be read, and may hold a dead token: again in a minute, and from then on at growing distances. */
export function targetsUnread(state: IntegrationState, { now }: Context): Change {
  const times = (state.targetsUnread ?? 0) + 1;
  const targetsCheckedAt = lastCheckFor(state.integration, now, backoff(times, MINUTE, HOUR));
  return change({ ...state, targetsCheckedAt, targetsUnread: times });
}

/** From here on the configured targets are those that are written, the others those that are only read. */
export function retargeted(state: IntegrationState, { now, config, nextId }: Context): Change {
  const joined = withoutTargets(config.targets, state.publishedTo ?? []).map(targetName);
  return change({
    ...state,
    ...targetsWritten(config, state, now),
    repair: filling(state, joined, config.targets.map(targetName), { id: nextId(), now }),
  });
}

/** A repair of all targets fills those that joined, too. */
function filling(
  { repair }: IntegrationState,
  joined: readonly string[],
  configured: readonly string[],
  { id, now }: { id: string; now: string },
): Repair | undefined {
  if (repair && !repair.only) return repair;
  const only = [...(repair?.only ?? []), ...joined].filter((name) => configured.includes(name));
  if (only.length === 0) return undefined;
  const reason = `${only.join(', ')} became a target.`;
  const base = joined.length > 0 || !repair ? { id, since: now, attempts: 0, nextAttemptAt: now } : repair;
  return { ...base, reason, only };
}

/** May a target have held the token, although it was not the current one? Its grace and its scans begin anew, also one under way. */
function served(token: Token, how: string, { now, config }: Context): Token {
  const isSuperseded = token.status === 'superseded' || token.revokingFrom === 'superseded';
  const awaitsDeployment = isSuperseded && config.graceFrom === 'deployed';
  // Without a deadline (its adoption was abandoned) it waits for a person, and goes on waiting.
  const isLeft = token.status === 'orphan' && token.revokeAfter === undefined;
  const revokeAfter = awaitsDeployment || isLeft ? undefined : latest(token.revokeAfter, later(now, config.graceMs));
  // Held, so that people see why, and that an alarm tells when it lasts. A reason that is known already stays.
  const held = { reason: 'served_again', message: `${token.id} ${how}.`, since: now, attempts: 0, nextCheckAt: now };
  const hold =
    !isLeft && (token.status === 'superseded' || token.status === 'orphan') ? (token.hold ?? held) : token.hold;
  // Evidence from before does not count: a run that was about to revoke it must ask again.
  const anew = { cleanScans: [], scanRound: undefined } as const;
  const next: Token = { ...token, ...anew, servedAt: now, servedUntil: undefined, revokeAfter, hold };
  return token.status === 'revoking' ? { ...next, revokingBy: undefined } : next;
}

/** Told by one write: each is a record, and a transaction holds a hundred items. */
const MOST_TOLD = 40;

/**
 * Tokens on their way out that a target was found to hold, whoever put them there. What a build read there may be deployed later.
 * Are there too many for one write, the targets are read again at once for the others.
 * @param changed what the reading led to
 * @param before the state in which it was begun: what was current then is served, and no news
 */
export function withSightings(
  changed: Change,
  before: IntegrationState,
  read: readonly TargetReading[],
  context: Context,
): Change {
  let next = changed;
  for (const { id } of sighted(before, read)) {
    if (next.records.length - changed.records.length >= MOST_TOLD)
      return { ...next, state: { ...next.state, targetsCheckedAt: later(context.now, -DAY) } };
    const token = tokenById(next.state, id);
    if (token && livesAgain(token)) next = reappeared(next, token, 'was found at a target', context);
  }
  return next;
}

/** A target was found to hold it, and nothing has been read since that shows it gone. */
export const mayBeServed = ({ status, servedAt, servedUntil, emergency }: Token): boolean =>
  (status === 'superseded' || status === 'orphan') && !emergency && servedAt !== undefined && !servedUntil;

/** All targets hold the current token, and this one no more. Since when, nobody has seen: its grace counts from now. */
export const servedNoMore = (token: Token, context: Context): Token => ({
  ...served(token, 'was at a target, at most until now', context),
  servedUntil: context.now,
});

export function withSightingsOver(changed: Change, context: Context): Change {
  const { state } = changed;
  // The former ones are read as evidence only, which ends it.
  const isOver = (token: Token) =>
    mayBeServed(token) && !mayStandAtFormer(state, token) && token.hold?.reason !== FORMER_TARGET_HOLDS;
  if (!state.tokens.some(isOver)) return changed;
  const tokens = state.tokens.map((token) => (isOver(token) ? servedNoMore(token, context) : token));
  return { ...changed, state: { ...state, tokens } };
}

/** A rotation that ends without having published its token may have left it at some targets. */
export const leftBehind = (before: Change, token: Token | undefined, context: Context): Change =>
  token && livesAgain(token) ? reappeared(before, token, 'may have been served by some targets', context) : before;

function reappeared({ state, records, claims }: Change, token: Token, how: string, context: Context): Change {
  const next = served(token, how, context);
  const known = token.servedAt !== undefined && !(token.revokeAfter !== undefined && token.revokeAfter <= context.now);
  const until = next.revokeAfter ? `until ${next.revokeAfter}` : 'until its successor is seen deployed once more';
  const record: RecordDraft = {
    type: 'token.reappeared',
    tokenId: token.id,
    rotationId: token.rotationId,
    message: `${token.id} ${how} although it is ${token.status}; it stays valid ${until}.`,
    details: { status: token.status, revokeAfter: next.revokeAfter },
  };
  return { state: withToken(state, next), records: known ? records : [...records, record], claims };
}
