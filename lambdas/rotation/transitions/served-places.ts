/** The places that serve a revoked token: pages, reports of deployments, targets. */
import type { IntegrationConfig, ServedToken, WatchedToken } from '../../domain/model.ts';
import { targetName } from '../../domain/targets.ts';
import { bounded, type RecordDraft } from '../change.ts';

/** One item holds the state: so many places are listed. */
const MOST_PLACES = 20;

/** Each place once. What was known keeps its beginning, and its room: only its end ends it. */
export function placesAfter(all: readonly ServedToken[], before: readonly ServedToken[]): readonly ServedToken[] {
  const unique = new Map(all.map((each) => [keyOf(each), each]));
  const known = before.filter((each) => unique.has(keyOf(each)));
  const merged = known.map((each): ServedToken => ({ ...each, ...unique.get(keyOf(each)), since: each.since }));
  return [...merged, ...withoutPlaces([...unique.values()], known)].slice(0, MOST_PLACES);
}

/** @param tokens those that are watched for: what is no more, nobody has read */
export function placeRecords(
  before: readonly ServedToken[],
  after: readonly ServedToken[],
  { config, tokens }: { config: IntegrationConfig; tokens: readonly WatchedToken[] },
): readonly RecordDraft[] {
  const isWatched = ({ tokenId }: ServedToken) => tokens.some(({ id }) => id === tokenId);
  return [
    ...withoutPlaces(after, before).map(appeared),
    ...withoutPlaces(before, after).map((each) =>
      isWatched(each) && isConfigured(each, config) ? gone(each, config) : left(each, config),
    ),
  ];
}

/** A page or a target that left the configuration is read no more. Reports are read, whoever sends them. */
export function isConfigured({ by, place }: ServedToken, { sites, targets }: IntegrationConfig): boolean {
  if (by === 'report') return true;
  return by === 'site'
    ? sites.some(({ url }) => url === place)
    : targets.some((target) => targetName(target) === place);
}

function appeared({ tokenId, by, place, message }: ServedToken): RecordDraft {
  const details = { by, place };
  return { type: 'token.revoked-served', tokenId, message: bounded(`Checkout is down: ${message}.`), details };
}

const gone = (one: ServedToken, { name }: IntegrationConfig): RecordDraft =>
  ended(one, `${one.place} of ${name} no longer serves ${one.tokenId}, which is revoked; it did since ${one.since}.`);

const left = (one: ServedToken, { name }: IntegrationConfig): RecordDraft =>
  ended(
    one,
    `${one.place} is read for ${name} no more, so nobody knows whether it still serves ${one.tokenId}, which is revoked; it did since ${one.since}.`,
    'not_read',
  );

const ended = ({ tokenId, by, place, since }: ServedToken, message: string, reason?: string): RecordDraft => ({
  ...{ type: 'token.revoked-gone', tokenId, message: bounded(message), details: { by, place, since } },
  ...(reason === undefined ? {} : { reason }),
});

const withoutPlaces = (some: readonly ServedToken[], others: readonly ServedToken[]): readonly ServedToken[] => {
  const keys = new Set(others.map(keyOf));
  return some.filter((each) => !keys.has(keyOf(each)));
};
const keyOf = ({ by, place, tokenId }: ServedToken): string => `${by} ${place} ${tokenId}`;
