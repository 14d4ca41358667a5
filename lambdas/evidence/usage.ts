import type { Instant, Reporter, Usage } from '../domain/model.ts';
import { later } from '../domain/time.ts';
import { OBSERVED_PREFIX } from '../domain/usage.ts';
import type { Check } from './check.ts';

/**
 * Every consumer seen in the look-back period, and every configured one, last reported the current token; and nobody's last
 * word is the token that is to be revoked, however long ago it was said: silence does not take a page down.
 * A reader that CloudTrail saw counts only against, and only in the look-back period: it has read a value, which says neither
 * that it serves the current one nor, for ever, that it serves an old one.
 */
export const checkUsage: Check = async ({ now, config, current, token }, { ledger }) => {
  const since = later(now, -config.lookBackMs);
  const seen = (await ledger.usage(config.name)).filter(
    (usage) => lastSeen(usage) >= since || (reports(usage) && inUse(usage).tokenId === token.id),
  );
  const silent = config.consumers.filter((name) => !seen.some((usage) => usage.consumer === name));
  const behind = seen.filter((usage) => inUse(usage).tokenId !== current.id);
  const reporting = seen.filter(reports);
  if (reporting.length === 0 && silent.length === 0 && behind.length === 0) return undefined;
  if (silent.length === 0 && behind.length === 0) {
    const message = `All ${seen.length} consumer(s) last reported ${current.id}.`;
    return { kind: 'usage', satisfied: true, reason: 'usage_current', message };
  }
  const [first] = behind;
  const message = first
    ? `Consumer ${first.consumer} last reported ${inUse(first).tokenId}${ofBuild(inUse(first).build)} at ${inUse(first).at}.`
    : `Consumer ${silent.join(', ')} has not reported since ${since}.`;
  return {
    kind: 'usage',
    satisfied: false,
    reason: first ? 'usage_outdated' : 'usage_silent',
    message,
    details: { behind: behind.map((usage) => ({ consumer: usage.consumer, ...inUse(usage) })), silent },
  };
};

/** It said so itself. */
const reports = ({ consumer }: Usage): boolean => !consumer.startsWith(OBSERVED_PREFIX);

/** What a consumer serves: its last deployment if it reports deployments at all, else its last build. */
export function inUse(usage: Usage): { tokenId: string; build?: string; at: Instant; by?: Reporter } {
  const { tokenId, build, at, by } = usage.deployed ?? usage;
  return { tokenId, build, at, ...(by && { by }) };
}

const lastSeen = (usage: Usage): Instant =>
  usage.deployed && usage.deployed.at > usage.at ? usage.deployed.at : usage.at;

const ofBuild = (build: string | undefined): string => (build ? ` (build ${build})` : '');
