/** What pages and reports show of revoked tokens, and of publications that were to go live. */
import type {
  Deployment,
  HookCall,
  Instant,
  IntegrationState,
  RevokedSeen,
  ServedToken,
  Token,
  Watch,
  WatchedToken,
} from '../../domain/model.ts';
import { isToldAgain } from '../../domain/seen.ts';
import { backoff, DAY, earliest, HOUR, later, latest, MINUTE } from '../../domain/time.ts';
import { currentToken } from '../../domain/tokens.ts';
import { bounded, type Change, type Context, change, type RecordDraft } from '../change.ts';
import { TELL_EVERY } from '../checkout.ts';
import type { Outcome } from '../outcome.ts';
import {
  awaited,
  canBeNoticed,
  isServed,
  nextWatchAt,
  pagesAt,
  WATCHED_FOR,
  watchedTokens,
  withinOf,
} from '../policies/watch.ts';
import { placeRecords, placesAfter } from './served-places.ts';

type Watched = Extract<Outcome, { kind: 'watched' }>;

/** One item holds the state: so many are watched for. One that is served makes room for none. */
const MOST_WATCHED = 20;
/** A build that a publication has started needs its time; after that another one is asked for now and then, and then no more. */
const BUILD_TAKES = 30 * MINUTE;
const BUILD_EVERY = 6 * HOUR;
const MOST_BUILDS = 4;
/** Long after its failing hooks have ended among the failures, nobody waits for a deployment. */
const HOOKS_TRY_FOR = 3 * HOUR;
const SOON = MINUTE;

/**
 * A token that pages may hold is revoked: from here on it is watched for. Evidence says that nobody serves it, so that a
 * while may pass; an emergency, or somebody else, has not asked, and after a minute the pages are.
 */
export function watched(state: IntegrationState, token: Token, { now, config }: Context, isProved: boolean): Watch {
  const { watch } = state;
  const others = (watch?.tokens ?? []).filter(({ id }) => id !== token.id);
  const served = others.filter(({ id }) => isServed(watch, id));
  const silent = others
    .filter((each) => !served.includes(each))
    .slice(0, Math.max(0, MOST_WATCHED - 1 - served.length));
  const tokens = [
    { id: token.id, value: token.value, since: now },
    ...others.filter((each) => served.includes(each) || silent.includes(each)),
  ];
  if (config.sites.length === 0) return { ...watch, tokens };
  const first = isProved ? nextWatchAt(tokens, now) : later(now, SOON);
  return { ...watch, tokens, nextAt: earliest(watch?.nextAt, first) };
}

export const wasPublished = ({ publishedAt, servedAt, origin }: Token): boolean =>
  publishedAt !== undefined || servedAt !== undefined || origin === 'adopted';

/** A publication: its deployment is waited for, and the pages are asked how long caches keep what they served before. */
export function deploymentAwaited(state: IntegrationState, tokenId: string, { now, config }: Context) {
  const within = [
    withinOf(config),
    ...(config.deployHooks ?? []).flatMap(({ deployWithinMs }) => deployWithinMs ?? []),
  ];
  const deployment: Deployment | undefined = canBeNoticed(config)
    ? { tokenId, since: now, nextCheckAt: later(now, Math.min(...within)) }
    : undefined;
  const { watch } = state;
  if (config.sites.length === 0 || !currentToken(state)) return { deployment };
  const { cached: _, ...rest } = watch ?? { tokens: [] as readonly WatchedToken[] };
  return { deployment, watch: { ...rest, nextAt: earliest(rest.nextAt, later(now, SOON)) } };
}

export function watchedPages(state: IntegrationState, outcome: Watched, context: Context): Change {
  const { now, config } = context;
  const tokens = watchedTokens(state, now);
  const before = state.watch?.served ?? [];
  const isKept = (place: ServedToken) =>
    place.by === 'target' ||
    (place.by === 'site' && outcome.unread.includes(place.place) && tokens.some(({ id }) => id === place.tokenId));
  const found = outcome.served.map((each) => ({ ...each, since: now }));
  const served = placesAfter([...before.filter(isKept), ...found], before);
  const { cached } = outcome;
  const hasBegunAnew = (state.watch?.from ?? 0) === 0;
  const seen = seenAfter(state, outcome, context);
  const watch: Watch = {
    ...state.watch,
    tokens,
    served,
    seen: seen?.seen,
    from: outcome.next,
    nextAt: nextAt(served, tokens, outcome, config.sites.length > 0, now),
    ...(cached || hasBegunAnew ? { cached } : {}),
  };
  const builds = buildRequest({ ...state, watch }, context);
  const after = deploymentAfter(state, outcome, context);
  const next: IntegrationState = {
    ...state,
    watch: builds ? { ...watch, builds: builds.builds } : watch,
    ...(after ? { deployment: after.deployment } : {}),
  };
  return change(next, [
    ...placeRecords(before, served, { config, tokens }),
    ...(seen?.record ? [seen.record] : []),
    ...(builds ? [builds.record] : []),
    ...(after?.records ?? []),
  ]);
}

/** What beacons say of revoked tokens: told once a day, because anybody can send one. */
function seenAfter(
  state: IntegrationState,
  { seen = [] }: Watched,
  { now }: Context,
): { seen: RevokedSeen; record?: RecordDraft } | undefined {
  const known = state.watch?.seen;
  const last = latest(known?.last, ...seen.map((each) => each.last));
  if (last === undefined || later(last, WATCHED_FOR) <= now) return undefined;
  const tokenIds = seen.map(({ tokenId }) => tokenId);
  const isNew = seen.some((each) => known === undefined || each.last > known.last);
  if (!isNew || !isToldAgain(state, now)) return known && { seen: { ...known, last, tokenIds } };
  const message = `A beacon says that a page has used ${tokenIds.join(', ')}, which is revoked, at ${last}: an open tab, a cache, or a page that is not listed. Nobody can buy there. Anybody can send a beacon, so that this is told once a day.`;
  const record: RecordDraft = {
    ...{ type: 'token.revoked-seen', message: bounded(message), details: { tokenIds, last } },
    ...(tokenIds[0] === undefined ? {} : { tokenId: tokenIds[0] }),
  };
  return { seen: { tokenIds, last, toldAt: now }, record };
}

/** The ledger or a credential could not be read: again soon, and nothing is forgotten. */
export function watchFailed(state: IntegrationState, { now, config }: Context): Change {
  const at = later(now, TELL_EVERY);
  const waiting = awaited({ state, config });
  const watch = state.watch && pagesAt({ state, config, now }) ? { watch: { ...state.watch, nextAt: at } } : {};
  return change({ ...state, ...watch, ...(waiting ? { deployment: { ...waiting, nextCheckAt: at } } : {}) });
}

function nextAt(
  served: readonly ServedToken[],
  tokens: readonly WatchedToken[],
  { next }: Watched,
  hasSites: boolean,
  now: Instant,
): Instant | undefined {
  if (served.length > 0) return later(now, next === undefined ? TELL_EVERY : SOON);
  if (next !== undefined) return later(now, SOON);
  return hasSites ? nextWatchAt(tokens, now) : undefined;
}

/** The deploy hooks are called by a record of their own: seldom, and only so often, whatever pages do. */
function buildRequest(
  state: IntegrationState,
  { now }: Context,
): { builds: Watch['builds']; record: RecordDraft } | undefined {
  const { watch, pause } = state;
  const current = currentToken(state);
  const [served] = watch?.served ?? [];
  if (!served || !current?.publishedAt || pause || later(current.publishedAt, BUILD_TAKES) > now) return undefined;
  const last = watch?.builds && later(watch.builds.lastAt, DAY) > now ? watch.builds : undefined;
  if (last && (last.count >= MOST_BUILDS || later(last.lastAt, BUILD_EVERY) > now)) return undefined;
  const message = `A build of ${state.integration} is asked for: ${served.message}.`;
  const { id: tokenId, rotationId } = current;
  return {
    builds: { lastAt: now, count: (last?.count ?? 0) + 1 },
    record: { type: 'build.requested', tokenId, rotationId, message: bounded(message), reason: 'revoked_token_served' },
  };
}

/** Hook accepted, built, live: what became of the publication. */
function deploymentAfter(
  state: IntegrationState,
  { live, calls }: Watched,
  { now, config }: Context,
): { deployment: Deployment; records: readonly RecordDraft[] } | undefined {
  const waiting = awaited({ state, config });
  if (!waiting) return undefined;
  const { tokenId, overdue, attempts = 0, nextCheckAt: _, ...rest } = waiting;
  if (live) {
    const message = `${tokenId} is live after all: ${live} shows it.`;
    const recovered: RecordDraft = { type: 'deployment.recovered', tokenId, message, details: { seenAt: live } };
    return { deployment: { ...rest, tokenId, liveAt: now, seenAt: live }, records: overdue ? [recovered] : [] };
  }
  const accepted = calls.filter((call) => call.tokenId === tokenId && call.at >= waiting.since);
  const deadlineOf = ({ at, withinMs = withinOf(config) }: HookCall) => later(at, withinMs);
  const late = accepted.filter((call) => deadlineOf(call) <= now);
  if (late.length === 0) {
    const isOver = accepted.length === 0 && later(waiting.since, HOOKS_TRY_FOR) <= now;
    const at = earliest(...accepted.map(deadlineOf)) ?? later(now, 10 * MINUTE);
    return { deployment: { ...rest, tokenId, ...(isOver ? {} : { nextCheckAt: at }) }, records: [] };
  }
  const tries = attempts + 1;
  const deployment = { ...rest, tokenId, attempts: tries, nextCheckAt: later(now, backoff(tries, 5 * MINUTE, HOUR)) };
  if (overdue) return { deployment: { ...deployment, overdue }, records: [] };
  const hooks = late.map(({ label }) => label);
  const message = `${hooks.join(', ')} took the call, and no report and no page shows ${tokenId} yet: the build may have failed.`;
  const record: RecordDraft = {
    ...{ type: 'deployment.overdue', tokenId, message: bounded(message), reason: 'not_live_in_time' },
    details: { hooks, acceptedAt: late.map(({ at }) => at) },
  };
  return {
    deployment: { ...deployment, overdue: { since: now, hooks, message: bounded(message) } },
    records: [record],
  };
}
