import type { IntegrationConfig } from '../domain/model.ts';
import { later } from '../domain/time.ts';
import { consumerOf, described, type Word, wordOf } from '../domain/usage.ts';
import type { Check } from './check.ts';

/**
 * Every consumer seen in the look-back period, and every configured one, has deployed the current token in production;
 * and nobody's last word is the token that is to be revoked, however long ago it was said: silence does not take a page
 * down. A build proves that a build has read the token, and not that anybody serves it: pull requests, previews and
 * caches build, too. A reader that CloudTrail saw counts only against, and only in the look-back period: it has read a
 * value, which says neither that it serves the current one nor, for ever, that it serves an old one.
 */
export const checkUsage: Check = async ({ now, config, current, token }, { ledger }) => {
  const since = later(now, -config.lookBackMs);
  const words = (await ledger.usage(config.name))
    .map((usage) => wordOf(usage, config.consumers))
    .filter(({ place }) => place !== 'preview')
    .filter((word) => word.lastSeen >= since || (!word.isObserved && word.tokenId === token.id));
  const configured = config.consumers.map((each) => consumerOf(each).name);
  const inProduction = words.filter(({ place, isObserved }) => place === 'production' && !isObserved);
  const behind = words.filter(({ tokenId }) => tokenId !== current.id);
  const undeployed = inProduction.filter(({ tokenId, isDeployed }) => tokenId === current.id && !isDeployed);
  const silent = configured.filter((name) => !inProduction.some(({ consumer }) => consumer === name));
  if (inProduction.length + silent.length + behind.length === 0) return undefined;
  const details = { behind: listed(behind), undeployed: listed(undeployed), silent, ...counts({ behind, undeployed }) };
  const hold = (reason: string, message: string) => ({
    ...{ kind: 'usage' as const, satisfied: false, reason, message, details },
  });
  const [first] = behind;
  if (first) {
    const message = `Consumer ${first.consumer} last reported ${first.tokenId}${described(first)} at ${first.at}.`;
    return hold('usage_outdated', message);
  }
  if (silent.length > 0) return hold(...silence(silent, words, since));
  const [built] = undeployed;
  if (built && !pagesSpeakFor(undeployed, inProduction, config)) {
    const message = `Consumer ${built.consumer} has built ${current.id}${described(built)} and has not reported that it is live: a build alone proves nothing. Report it (paddlewheel deployed), or say everyBuildDeploys.`;
    return hold('usage_undeployed', message);
  }
  const message = built
    ? `Consumer ${built.consumer} has built ${current.id}${described(built)}; its pages say whether it is live.`
    : `All ${inProduction.length} consumer(s) have deployed ${current.id}.`;
  return { kind: 'usage', satisfied: true, reason: built ? 'usage_by_sites' : 'usage_current', message };
};

/** The pages are that consumer's only if there is no other whose they could be. */
const pagesSpeakFor = (
  undeployed: readonly Word[],
  inProduction: readonly Word[],
  { sites, consumers }: IntegrationConfig,
): boolean => {
  const names = new Set([...consumers.map((each) => consumerOf(each).name), ...inProduction.map((w) => w.consumer)]);
  return sites.length > 0 && names.size === 1 && undeployed.length === 1;
};

function silence(silent: readonly string[], words: readonly Word[], since: string): [reason: string, message: string] {
  const unclear = words.find(({ place, consumer }) => place === 'unclear' && silent.includes(consumer));
  if (!unclear) return ['usage_silent', `Consumer ${silent.join(', ')} has not reported since ${since}.`];
  const message = `Consumer ${unclear.consumer} has reported ${unclear.tokenId}${described(unclear)}, and nobody has said that this is production: name its branches or stages in the configuration.`;
  return ['usage_unclear', message];
}

/** The evidence is kept in one item of the audit trail, and each branch that nobody has named may have a word. */
const MOST_LISTED = 50;
const listed = (words: readonly Word[]) => words.slice(0, MOST_LISTED).map(inDetail);

/** How many there are of those that are not all listed. */
function counts(lists: Readonly<Record<string, readonly Word[]>>): { of?: Readonly<Record<string, number>> } {
  const long = Object.entries(lists).filter(([, words]) => words.length > MOST_LISTED);
  return long.length > 0 ? { of: Object.fromEntries(long.map(([name, words]) => [name, words.length])) } : {};
}

const inDetail = ({ consumer, tokenId, build, branch, stage, at, by }: Word) => ({
  ...{ consumer, tokenId, build, branch, stage, at },
  ...(by && { by }),
});
