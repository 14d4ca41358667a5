/** From what the sources saw of a page to one verdict about it. Pure. Whatever is not certain is not `current`. */
import type { FindingReason, SiteFinding } from './finding.ts';
import type { CacheLifetime, Misconfiguration, PageObservation, Sighting, Unread } from './observation.ts';

export interface Waiver {
  /** A URL; `*` stands for anything. */
  readonly url: string;
  readonly reason: string;
}

export interface JudgedPage {
  readonly url: string;
  readonly ignore?: readonly Waiver[];
  /** Seconds; what a person has written to be enough, whatever the headers say. */
  readonly acknowledgedCaching?: number;
}

/** @param observations one of each source that was asked */
export function judgePage(page: JudgedPage, observations: readonly PageObservation[]): SiteFinding {
  const waived: { url: string; reason: string }[] = [];
  const waive = ({ url }: { url: string }) => {
    const waiver = page.ignore?.find((each) => matches(each.url, url));
    if (waiver) waived.push({ url, reason: waiver.reason });
    return waiver === undefined;
  };
  const unread = observations.flatMap((each) => each.unread.filter((one) => !isSettled(one, each, observations)));
  const left = uniqueByUrl(unread).filter(waive);
  const cache = longest(keptByCaches(observations).filter(waive), page.acknowledgedCaching);
  const sightings = observations.flatMap((each) => each.sightings);
  const superseded = surest(sightings, 'superseded');
  const current = surest(sightings, 'current');
  const reasons = [
    ...(superseded ? [supersededSeen(superseded)] : []),
    ...misconfigured(observations, current),
    ...observations.flatMap(({ failure, source }) =>
      failure ? [{ code: failure.code, message: `The ${source}: ${failure.message}.`, url: page.url }] : [],
    ),
    ...observations.flatMap(({ doubts }) =>
      doubts.map(({ code, url, message }) => ({ code, url, message: `${url}: ${message}.` })),
    ),
    ...left.map(({ url, code, message }) => ({ code, url, message: `${url} was not read: ${message}.` })),
    ...(current || superseded || observations.every(({ failure }) => failure) ? [] : [notSeen(page.url)]),
  ];
  const verdict = verdictOf(observations, reasons, superseded !== undefined);
  const deciding = superseded ?? (verdict === 'current' ? current : undefined);
  return {
    ...{ url: page.url, verdict, reasons },
    ...(deciding ? { foundIn: deciding.url } : {}),
    message: sentence(page.url, verdict, reasons, observations),
    ...(waived.length > 0 ? { waived: uniqueByUrl(waived) } : {}),
    ...(cache ? { cache } : {}),
    seenBy: observations.filter(({ failure }) => !failure).map(({ source }) => source),
    details: Object.fromEntries(observations.map((each) => [each.source, summary(each)])),
  };
}

/**
 * The verdict for somebody who waits no longer than so many seconds: a page that caches may keep for longer is not
 * proved to be out of use, although everything that is served is.
 */
export function withinGrace(finding: SiteFinding, graceSeconds: number): SiteFinding {
  const { cache } = finding;
  if (finding.verdict !== 'current' || !cache || (cache.seconds ?? Infinity) <= graceSeconds) return finding;
  const message = `An older ${finding.url} may still come from a cache ${cacheWords(cache)}.`;
  const reason = { code: 'cache_outlives_grace', message, url: cache.url };
  return { ...finding, verdict: 'incomplete', reasons: [reason], message };
}

/** `for 730 days: https://… sends "cache-control: …"`. */
export function cacheWords({ seconds, url, header, by }: CacheLifetime): string {
  const who = by === 'http' ? `${url} sends "${header}"` : `${url}: ${header}`;
  return seconds === undefined ? `without end: ${who}` : `for ${lengthOf(seconds)}: ${who}`;
}

function lengthOf(seconds: number): string {
  const [unit, size] = seconds >= 172_800 ? ['days', 86_400] : seconds >= 7_200 ? ['hours', 3_600] : ['seconds', 1];
  return `${Math.ceil(seconds / (size as number))} ${unit}`;
}

function verdictOf(
  observations: readonly PageObservation[],
  reasons: readonly FindingReason[],
  superseded: boolean,
): SiteFinding['verdict'] {
  if (superseded) return 'superseded';
  if (reasons.some(({ code }) => MISCONFIGURED.has(code))) return 'misconfigured';
  if (observations.every(({ failure }) => failure)) return 'unreadable';
  return reasons.length > 0 ? 'incomplete' : 'current';
}

/**
 * The other source read it; or there is no such thing, and the browser saw that the page gets on without: a missing
 * script of another origin never runs. One of the site's own that is missing is a half-deployed site, and stays.
 */
function isSettled(one: Unread, by: PageObservation, observations: readonly PageObservation[]): boolean {
  if (observations.some((each) => each !== by && each.read.some((url) => sameUrl(url, one.url)))) return true;
  const origin = URL.parse(one.url)?.origin;
  if (origin === undefined || by.ownOrigins.includes(origin)) return false;
  const browser = observations.find(({ source, failure }) => source === 'browser' && !failure);
  return browser !== undefined && [...browser.missing, ...by.missing].some((url) => sameUrl(url, one.url));
}

const sameUrl = (a: string, b: string): boolean => a.split('#', 1)[0] === b.split('#', 1)[0];

/** What the browser tried as a returning visitor outweighs what the reader recheck of a service worker's source. */
function keptByCaches(observations: readonly PageObservation[]): CacheLifetime[] {
  const tried = observations.some((each) => each.source === 'browser' && each.returned);
  return observations.flatMap(({ source, caching }) =>
    caching.filter(({ by }) => !(tried && source === 'reader' && by === 'service-worker')),
  );
}

function longest(kept: readonly CacheLifetime[], acknowledged: number | undefined): SiteFinding['cache'] {
  const [first] = [...kept].sort((a, b) => (b.seconds ?? Infinity) - (a.seconds ?? Infinity));
  if (!first || acknowledged === undefined || acknowledged >= (first.seconds ?? Infinity)) return first;
  return { ...first, seconds: acknowledged, acknowledged: true };
}

const RANK: readonly Sighting['place'][] = ['paddle', 'response', 'frame', 'storage', 'request', 'message'];

/** The sighting that says most: in Paddle.js's own hands, else exactly. */
function surest(sightings: readonly Sighting[], which: Sighting['which']): Sighting | undefined {
  const weight = ({ how, place }: Sighting) => (how === 'bytes' ? 0 : 100) + RANK.indexOf(place);
  return sightings.filter((each) => each.which === which).sort((a, b) => weight(a) - weight(b))[0];
}

const PLACES: Record<Sighting['place'], string> = {
  response: 'is still served in',
  frame: 'stands in the frame',
  storage: "is kept in the browser's storage by",
  request: 'is sent to',
  message: 'comes in a message of',
  paddle: 'is what Paddle.js was initialised with in',
};

const supersededSeen = ({ url, how, place }: Sighting): FindingReason => ({
  code: 'superseded_seen',
  url,
  message: `The superseded token ${PLACES[place]} ${url} (${how === 'bytes' ? 'exact' : `tolerant: ${how}`}).`,
});

const notSeen = (url: string): FindingReason => ({
  code: 'current_not_seen',
  url,
  message: `Neither token is in ${url} nor in what it loads, which proves nothing.`,
});

const WORDS: Record<Misconfiguration['code'], string> = {
  wrong_environment:
    "Paddle.js is told the environment that the token does not belong to; it needs Environment.set('sandbox') for test_ tokens only",
  empty_token: 'the token is empty',
  placeholder_token: 'a placeholder stands where the token should',
  malformed_token: 'the token has a newline or quotes in it',
  third_token: 'Paddle.js was initialised with a token that is neither of the two',
};
const MISCONFIGURED: ReadonlySet<string> = new Set(Object.keys(WORDS));

/** What the browser saw Paddle.js take outweighs what the text of a script seems to say. */
function misconfigured(observations: readonly PageObservation[], current: Sighting | undefined): FindingReason[] {
  const ran = observations.some(({ initialised }) => initialised.some(({ token }) => token === 'current'));
  const all = observations.flatMap(({ misconfigurations }) => misconfigurations);
  const counted = all.filter(({ certainty }) => certainty === 'certain' || (certainty === 'likely' ? !ran : !current));
  return [...new Map(counted.map((each) => [each.code, each])).values()].map(({ code, url }) => ({
    ...{ code, url, message: `In ${url} ${WORDS[code]}.` },
  }));
}

function sentence(
  url: string,
  verdict: SiteFinding['verdict'],
  reasons: readonly FindingReason[],
  observations: readonly PageObservation[],
): string {
  if (verdict === 'current') {
    const taken = observations.some(({ initialised }) => initialised.some(({ token }) => token === 'current'));
    const answers = observations.reduce((sum, { read }) => sum + read.length, 0);
    const how = taken ? 'hand Paddle.js the current token' : 'serve the current token';
    return `${url} and what it loads (${answers} answers) ${how} and nowhere the superseded one.`;
  }
  const [first] = reasons;
  const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : '';
  const lead = verdict === 'superseded' || verdict === 'misconfigured' ? '' : `${url} proves nothing: `;
  return `${lead}${first?.message ?? ''}${more}`;
}

const summary = ({ failure, initialised, unread, missing, details, read, returned }: PageObservation) => ({
  ...{ read: read.length, initialised, unread: unread.length, missing: missing.length, ...details },
  ...(failure ? { failure } : {}),
  ...(returned === undefined ? {} : { returned }),
});

function uniqueByUrl<T extends { readonly url: string }>(list: readonly T[]): T[] {
  return [...new Map(list.map((each) => [each.url, each])).values()];
}

/** `https://cdn.example/*` by pieces, because a pattern from a configuration must not become a slow expression. */
export function matches(pattern: string, url: string): boolean {
  const [head = '', ...pieces] = pattern.split('*');
  if (pieces.length === 0) return pattern === url;
  if (!url.startsWith(head)) return false;
  let at = head.length;
  for (const piece of pieces.slice(0, -1)) {
    const found = url.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  const tail = pieces.at(-1) ?? '';
  return url.length - tail.length >= at && url.endsWith(tail);
}
