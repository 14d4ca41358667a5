import { DEPLOY_WITHIN_MS } from '../../contract.ts';
import type {
  Deployment,
  Instant,
  IntegrationConfig,
  IntegrationState,
  Watch,
  WatchedToken,
} from '../../domain/model.ts';
import { DAY, earliest, HOUR, later, MINUTE } from '../../domain/time.ts';
import { currentToken } from '../../domain/tokens.ts';
import type { Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';

/** Rollbacks come late; a build of a month ago is hardly ever brought back. */
export const WATCHED_FOR = 30 * DAY;
/** On the first day after a revocation, and after it. */
const OFTEN = 15 * MINUTE;
const SELDOM = 6 * HOUR;

/** Is a revoked token served again, and does a publication go live? Reads only, so a pause does not keep it. */
export function watchWhatIsServed(snapshot: Snapshot): Decision | undefined {
  const at = watchAt(snapshot);
  if (!at || at > snapshot.now) return undefined;
  const message = `Reading what is served of ${snapshot.config.name}: revoked tokens, and the current one.`;
  return { kind: 'watch', reason: 'watch', message };
}

export const watchAt = (snapshot: Snapshot): Instant | undefined =>
  earliest(pagesAt(snapshot), awaited(snapshot)?.nextCheckAt);

/** Pages that joined when there were none are read at once. */
export function pagesAt({ state, config, now }: Pick<Snapshot, 'state' | 'config' | 'now'>): Instant | undefined {
  const isUnread = config.sites.length > 0 && watchedTokens(state, now).length > 0;
  return state.watch?.nextAt ?? (isUnread ? now : undefined);
}

/** Those that are watched for still, the latest first. One that is served is, however long that lasts: nobody else would see its end. */
export function watchedTokens({ watch }: IntegrationState, now: Instant): readonly WatchedToken[] {
  const longAgo = later(now, -WATCHED_FOR);
  return (watch?.tokens ?? []).filter(({ id, since }) => since > longAgo || isServed(watch, id));
}

/** As far as anybody has read. */
export const isServed = (watch: Watch | undefined, id: string): boolean =>
  watch?.served?.some(({ tokenId }) => tokenId === id) ?? false;

/** The deployment that somebody waits for: of the token that is current, and only where one could be noticed. */
export function awaited({ state, config }: Pick<Snapshot, 'state' | 'config'>): Deployment | undefined {
  const { deployment } = state;
  if (!deployment?.nextCheckAt || deployment.tokenId !== currentToken(state)?.id) return undefined;
  return canBeNoticed(config) ? deployment : undefined;
}

/** Without hooks nobody starts a build, and without pages and reports nobody would ever know of its end. */
export const canBeNoticed = ({ deployHooks = [], sites, consumers }: IntegrationConfig): boolean =>
  deployHooks.length > 0 && sites.length + consumers.length > 0;

export const withinOf = ({ deployWithinMs = DEPLOY_WITHIN_MS }: IntegrationConfig): number => deployWithinMs;

/** When pages are read again, if nothing is wrong with them. */
export function nextWatchAt(tokens: readonly WatchedToken[], now: Instant): Instant | undefined {
  if (tokens.length === 0) return undefined;
  const yesterday = later(now, -DAY);
  const isFirstDay = tokens.some(({ since }) => since > yesterday);
  return later(now, isFirstDay ? OFTEN : SELDOM);
}
