/** A target that is read tells of a revoked token, and of its end. */
import type { IntegrationState, ServedToken, Token, WatchedToken } from '../../domain/model.ts';
import { targetName } from '../../domain/targets.ts';
import { holds } from '../../evidence/targets.ts';
import type { Change, Context, RecordDraft } from '../change.ts';
import type { TargetReading } from '../outcome.ts';
import { watchedTokens } from '../policies/watch.ts';
import { isConfigured, placeRecords, placesAfter } from './served-places.ts';

type Where = Pick<Context, 'now' | 'config'>;

/**
 * @param changed what the reading led to: a page that it told of is told no more
 * @param before the state in which it was begun: what it has found to be revoked was current until now, and no news at a target
 */
export function withRevokedAtTargets(
  changed: Change,
  before: IntegrationState,
  read: readonly TargetReading[],
  where: Where,
): Change {
  const { served, records } = afterReading(watchedTokens(before, where.now), changed.state, read, where);
  if (records.length === 0) return changed;
  const watch = { tokens: [], ...changed.state.watch, served };
  return { ...changed, state: { ...changed.state, watch }, records: [...changed.records, ...records] };
}

/**
 * Does a target hold a revoked token that the ledger does not know there? What the last publication brought is no news: it was
 * lost since, and is about to be replaced.
 */
export const isRevokedNews = (state: IntegrationState, read: readonly TargetReading[], where: Where): boolean => {
  const last = lastPublished(state)?.id;
  return afterReading(watchedTokens(state, where.now), state, read, where).records.some(
    ({ type, tokenId }) => type === 'token.revoked-served' && tokenId !== last,
  );
};

/** Of a target that was not read, what was known stays. */
function afterReading(
  tokens: readonly WatchedToken[],
  { watch }: IntegrationState,
  read: readonly TargetReading[],
  { now, config }: Where,
): { served: readonly ServedToken[]; records: readonly RecordDraft[] } {
  const before = watch?.served ?? [];
  const held = new Map(read.map(({ target, text }) => [target, text]));
  const isKept = (each: ServedToken) => each.by !== 'target' || (isConfigured(each, config) && !held.has(each.place));
  const found = config.targets.map(targetName).flatMap((place) =>
    tokens
      .filter((token) => holds(held.get(place), token))
      .map(({ id: tokenId }): ServedToken => {
        const message = `${place} of ${config.name} holds ${tokenId}, which is revoked`;
        return { tokenId, by: 'target', place, message, since: now };
      }),
  );
  const served = placesAfter([...before.filter(isKept), ...found], before);
  return { served, records: placeRecords(before, served, { config, tokens }) };
}

/** Before our first publication, an adopted token is what somebody else had published. */
function lastPublished({ tokens }: IntegrationState): Token | undefined {
  const at = ({ publishedAt = '' }: Token) => publishedAt;
  return tokens
    .filter(({ publishedAt, origin }) => publishedAt !== undefined || origin === 'adopted')
    .toSorted((a, b) => (at(a) < at(b) ? 1 : -1))[0];
}
