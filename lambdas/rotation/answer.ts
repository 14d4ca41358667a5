/** What a person or a pipeline is told. Token values never leave through here, only masked. */

import { fingerprintOf } from '../domain/fingerprint.ts';
import { maskToken } from '../domain/mask.ts';
import type { AuditRecord, HookCall, SeenDay, Token, Usage } from '../domain/model.ts';
import { nextRotationAt } from '../domain/schedule.ts';
import { allSeen } from '../domain/seen.ts';
import { targetName } from '../domain/targets.ts';
import { DAY, later } from '../domain/time.ts';
import { currentToken, tokenById } from '../domain/tokens.ts';
import { described, wordOf } from '../domain/usage.ts';
import { cacheForecast } from '../evidence/sites.ts';
import { isCheckoutDown } from './checkout.ts';
import { decide } from './decide.ts';
import { unclaimedOf } from './policies/unclaimed.ts';
import { allUpcoming } from './policies/wait.ts';
import { CROWDED, isCrowded, type Snapshot } from './snapshot.ts';
import { unclaimedBecause } from './transitions/orphans.ts';

export interface Answer extends Partial<Summary> {
  readonly integration: string;
  readonly outcome: string;
  readonly message: string;
  readonly reason?: string;
  readonly faults?: readonly string[];
  readonly rotationId?: string;
  readonly [detail: string]: unknown;
}

/** The common part of every answer about an integration. */
export interface Summary {
  readonly integration: string;
  readonly token?: { readonly id: string; readonly masked: string };
  /** What is on its way out, orphans and revocations under way included. */
  readonly superseded: readonly {
    readonly id: string;
    readonly status: string;
    readonly revokeAfter?: string;
    /** Why it is not revoked although it is due. */
    readonly held?: string;
  }[];
  readonly published: readonly string[];
}

export const rejected = (integration: string, faults: readonly string[]): Answer => ({
  integration,
  outcome: 'rejected',
  faults,
  message: `Nothing was changed. ${faults.join(' ')}`,
});

export function summary({ config, state }: Snapshot): Summary {
  const current = currentToken(state);
  return {
    integration: config.name,
    ...(current ? { token: { id: current.id, masked: maskToken(current.value) } } : {}),
    superseded: state.tokens.filter(leaving).map((token) => ({
      id: token.id,
      status: token.status,
      revokeAfter: token.revokeAfter,
      ...heldBecause(token),
    })),
    published: current ? config.targets.map(targetName) : [],
  };
}

function heldBecause(token: Token): { held?: string } {
  const { manualHold, hold, status, revokeAfter } = token;
  if (manualHold) return { held: manualHold.reason };
  if (hold) return { held: hold.message };
  if (status !== 'orphan' || revokeAfter) return {};
  return { held: 'It was taken over and did not become current. Adopt it again, or revoke it by name.' };
}

const leaving = (token: Token): boolean => ['superseded', 'orphan', 'revoking'].includes(token.status);

/** Everything that the ledger knows, for people. */
export function status(
  snapshot: Snapshot,
  usage: readonly Usage[],
  calls: readonly HookCall[] = [],
  seen: readonly SeenDay[] = [],
): Answer {
  const { config, state } = snapshot;
  const { rotation, retry } = state;
  const current = currentToken(state);
  return {
    ...summary(snapshot),
    outcome: 'status',
    message: `${downAt(snapshot)}${seenAt(snapshot)}${decide(snapshot).message}`,
    servedRevoked: config.managed ? state.watch?.served : undefined,
    account: config.account,
    environment: config.environment,
    managed: config.managed,
    owner: config.owner ?? 'file',
    revision: config.revision,
    paused: state.pause,
    checkoutDown: isCheckoutDown(state) || (config.managed && (state.watch?.served ?? []).length > 0),
    deployment: deploymentStatus(snapshot, usage, calls),
    cached: state.watch?.cached && cacheForecast(state.watch.cached, config.graceMs),
    retry: retry ?? state.repair ?? state.unanswered,
    drift: state.drift,
    rotation: rotation && {
      rotationId: rotation.rotationId,
      trigger: rotation.trigger,
      phase: rotation.phase,
      intendedAt: rotation.intendedAt,
      emergency: rotation.emergency,
    },
    currentSince: current?.publishedAt,
    nextRotationAt: config.managed && !state.pause ? nextRotationAt(config, state) : undefined,
    tokens: state.tokens.map(({ value, ...token }) => ({
      ...token,
      masked: maskToken(value),
      fingerprint: fingerprintOf(value),
    })),
    stuck: state.tokens.filter((token) => token.stuckSince && leaving(token)).map((token) => token.id),
    crowded: state.crowdedSince && isCrowded(state) ? { since: state.crowdedSince, message: CROWDED } : undefined,
    unclaimed: unclaimedOf(state).map(({ value, ...token }) => ({
      ...token,
      masked: maskToken(value),
      message: unclaimedBecause(token),
    })),
    consumers: usage.map((report) => wordOf(report, config.consumers)),
    seen: config.seen && allSeen(seen).map((one) => ({ ...one, status: tokenById(state, one.tokenId)?.status })),
  };
}

/** What is wrong comes first, whatever else is waited for. */
function downAt({ config, state }: Snapshot): string {
  const [first, ...more] = config.managed ? (state.watch?.served ?? []) : [];
  if (!first) return '';
  const others = more.length > 0 ? ` (and at ${more.length} more places)` : '';
  return `CHECKOUT IS DOWN: ${first.message}, since ${first.since}${others}. Deploy a build with the current token. `;
}

/** A hint, and no proof: it is said of the last day, and of what is served by a page more is known. */
function seenAt({ config, state, now }: Snapshot): string {
  const { seen, served = [] } = state.watch ?? {};
  if (!config.managed || !config.seen || !seen || served.length > 0 || later(seen.last, DAY) <= now) return '';
  return `A beacon says that a page has used ${seen.tokenIds.join(', ')}, which is revoked, at ${seen.last}: an open tab, a cache, or a page that is not listed. `;
}

/** Hook accepted, built, live: three states, and the one that somebody should look at. */
function deploymentStatus({ state, config }: Snapshot, usage: readonly Usage[], calls: readonly HookCall[]) {
  const { deployment } = state;
  const current = currentToken(state);
  if (!deployment || deployment.tokenId !== current?.id) return undefined;
  const { since, liveAt, seenAt, overdue, nextCheckAt, tokenId } = deployment;
  const accepted = calls.filter((call) => call.tokenId === tokenId && call.at >= since);
  const built = usage
    .map((report) => wordOf(report, config.consumers))
    .find((word) => word.tokenId === tokenId && word.at >= since && !word.isObserved);
  const standing = liveAt
    ? 'live'
    : overdue
      ? 'overdue'
      : built
        ? 'built'
        : accepted.length > 0
          ? 'accepted'
          : 'called';
  return {
    ...{ state: standing, tokenId, since, nextCheckAt, liveAt, seenAt },
    hooks: accepted.map(({ label, at }) => ({ hook: label, acceptedAt: at })),
    built: built && `${built.consumer}${described(built)}`,
    message: overdue?.message,
  };
}

/** What the next reconcile would do, when, and what is still missing. */
export function plan(snapshot: Snapshot, wish?: string): Answer {
  const next = decide(snapshot);
  const upcoming = [...allUpcoming(snapshot)].sort((a, b) => (a.at < b.at ? -1 : 1));
  return {
    ...summary(snapshot),
    outcome: 'planned',
    reason: next.reason,
    message: `${wish ?? 'The next reconcile'}: ${next.message}`,
    next: { action: next.kind, reason: next.reason, message: next.message },
    cached: snapshot.state.watch?.cached && cacheForecast(snapshot.state.watch.cached, snapshot.config.graceMs),
    upcoming: upcoming.map(({ at, reason, message }) => ({ at, reason, message })),
  };
}

/** Who still uses a token (the current one, unless named), and so breaks if it is revoked without grace. */
export function breakage(
  { config, state }: Snapshot,
  usage: readonly Usage[],
  tokenId = currentToken(state)?.id,
): readonly string[] {
  const consumers = usage
    .map((report) => wordOf(report, config.consumers))
    .filter((word) => word.tokenId === tokenId)
    .map((word) => `consumer ${word.consumer}${described(word)} last reported ${tokenId} at ${word.at}`);
  const isCurrent = tokenId !== undefined && tokenId === currentToken(state)?.id;
  const pages = config.sites.map(({ url }) => `${url} serves ${tokenId} until it is deployed again`);
  return isCurrent ? [...consumers, ...pages] : consumers;
}

/**
 * The rotation that a request brought about or joined, found by its records: those say what triggered it. A record of a token that
 * the run met on its way (held, lost, served again) has the id of the rotation that made that token.
 */
export const rotationIdOf = (records: readonly AuditRecord[], snapshot: Snapshot): string | undefined =>
  records.find((record) => record.type === 'token.published')?.rotationId ??
  records.find((record) => record.trigger !== undefined && record.rotationId)?.rotationId ??
  snapshot.state.rotation?.rotationId;
