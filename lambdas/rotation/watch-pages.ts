/** Reads pages and reports for what is no evidence: revoked tokens that are served, publications that go live, caches. */
import { EffectError } from '../domain/errors.ts';
import type { IntegrationConfig, SeenDay, ServedToken, SiteCheck, WatchedToken } from '../domain/model.ts';
import { seenOf } from '../domain/seen.ts';
import { currentToken } from '../domain/tokens.ts';
import { described, type Word, wordOf } from '../domain/usage.ts';
import type { PageReading } from '../evidence/ports.ts';
import { AT_ONCE, LONGEST_SCAN_MS, longestCached } from '../evidence/scan-round.ts';
import { bounded } from './change.ts';
import type { Outcome } from './outcome.ts';
import { awaited, watchedTokens } from './policies/watch.ts';
import type { Effects } from './ports.ts';
import type { Snapshot } from './snapshot.ts';

type Sighting = Omit<ServedToken, 'since'>;

export async function watchPages(snapshot: Snapshot, world: Effects): Promise<Outcome> {
  const { config, state, now } = snapshot;
  const tokens = watchedTokens(state, now);
  const current = currentToken(state);
  const words = (await world.ledger.usage(config.name))
    .map((usage) => wordOf(usage, config.consumers))
    .filter(({ place, isDeployed }) => place !== 'preview' && isDeployed);
  const { sites, next } = await readSites(config, state.watch?.from ?? 0, tokens, current?.value, world);
  const served: Sighting[] = words.flatMap((word) => reportOf(word, tokens));
  for (const site of sites)
    if (site.servesGone) served.push(await siteOf(site, snapshot, { tokens, last: served.at(-1)?.tokenId }, world));
  const deployment = awaited(snapshot);
  const live = deployment && liveAt(deployment.tokenId, words, sites);
  const cached = longestCached(sites);
  return {
    kind: 'watched',
    served,
    unread: config.sites.map(({ url }) => url).filter((url) => !sites.some((site) => site.url === url && site.isRead)),
    ...(next === undefined ? {} : { next }),
    ...(live ? { live } : {}),
    ...(cached ? { cached } : {}),
    seen: config.seen && tokens.length > 0 ? seenSince(await world.ledger.seen(config.name), tokens) : [],
    calls: deployment ? await world.ledger.hookCalls(config.name) : [],
  };
}

async function readSites(
  { sites }: IntegrationConfig,
  from: number,
  tokens: readonly WatchedToken[],
  current: string | undefined,
  { scanner, timeLeft = () => Number.POSITIVE_INFINITY }: Effects,
): Promise<{ sites: readonly PageReading[]; next?: number }> {
  const readings: PageReading[] = [];
  const wanted = { gone: tokens.map(({ value }) => value), ...(current === undefined ? {} : { current }) };
  let at = Math.min(from, sites.length);
  // At least one batch, so that each run makes progress.
  while (at < sites.length && (readings.length === 0 || timeLeft() >= LONGEST_SCAN_MS)) {
    readings.push(...(await Promise.all(sites.slice(at, at + AT_ONCE).map((site) => readSite(site, wanted, scanner)))));
    at += AT_ONCE;
  }
  return { sites: readings, ...(at < sites.length ? { next: at } : {}) };
}

/** A page that cannot be read (its credential is missing) says nothing; it must not keep the others from it. */
async function readSite(
  site: SiteCheck,
  wanted: { gone: readonly string[]; current?: string },
  scanner: Effects['scanner'],
): Promise<PageReading> {
  try {
    return await scanner.watch(site, wanted);
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
    return { url: site.url, servesGone: false, showsCurrent: false, isRead: false };
  }
}

async function siteOf(
  { url, foundIn = url }: PageReading,
  { config, state }: Snapshot,
  { tokens, last }: { tokens: readonly WatchedToken[]; last: string | undefined },
  world: Effects,
): Promise<Sighting> {
  const site = config.sites.find((each) => each.url === url);
  const known = state.watch?.served?.find(({ by, place }) => by === 'site' && place === url);
  const token = site ? await servedOf(site, tokens, known?.tokenId ?? last, world) : tokens[0];
  const tokenId = token?.id ?? '';
  const where = foundIn === url ? '' : ` (in ${foundIn})`;
  return { tokenId, by: 'site', place: url, message: bounded(`${url} serves ${tokenId}, which is revoked${where}`) };
}

/**
 * Which of several tokens a page serves: the one that is known there, or at the page before, or each reading halves them. When there
 * is no time left for that, it is a guess until the next run: that the page serves one must be told.
 */
async function servedOf(
  site: SiteCheck,
  tokens: readonly WatchedToken[],
  likelyId: string | undefined,
  { scanner, timeLeft = () => Number.POSITIVE_INFINITY }: Effects,
): Promise<WatchedToken | undefined> {
  const mayAsk = () => timeLeft() >= LONGEST_SCAN_MS;
  const mayServe = async (some: readonly WatchedToken[]) => {
    const { servesGone, isRead } = await readSite(site, { gone: some.map(({ value }) => value) }, scanner);
    return servesGone || !isRead;
  };
  const likely = tokens.find(({ id }) => id === likelyId);
  if (likely && tokens.length > 1 && (!mayAsk() || (await mayServe([likely])))) return likely;
  let among = tokens;
  while (among.length > 1 && mayAsk()) {
    const half = among.slice(0, Math.ceil(among.length / 2));
    among = (await mayServe(half)) ? half : among.slice(half.length);
  }
  return among[0];
}

/** Only what was said since: what a consumer had said before is what the revocation was decided on. */
function reportOf(word: Word, tokens: readonly WatchedToken[]): Sighting[] {
  const token = tokens.find(({ id, since }) => id === word.tokenId && word.at >= since);
  if (!token) return [];
  const place = `consumer ${word.consumer}${described(word)}`;
  return [{ tokenId: token.id, by: 'report', place, message: `${place} has deployed ${token.id}, which is revoked` }];
}

/** An open tab, a cache, a page that is not listed: or somebody who has the fingerprint. */
const seenSince = (days: readonly SeenDay[], tokens: readonly WatchedToken[]) =>
  tokens.flatMap(({ id: tokenId, since }) => {
    const last = seenOf(days, tokenId)?.last;
    return last !== undefined && last > since ? [{ tokenId, last }] : [];
  });

function liveAt(tokenId: string, words: readonly Word[], sites: readonly PageReading[]): string | undefined {
  const word = words.find((each) => each.place === 'production' && each.tokenId === tokenId);
  if (word) return `consumer ${word.consumer}${described(word)}`;
  return sites.find(({ showsCurrent }) => showsCurrent)?.url;
}
