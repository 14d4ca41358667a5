import { seenEvery, seenOf } from '../domain/seen.ts';
import { earliest, later, latest } from '../domain/time.ts';
import type { Check } from './check.ts';

/** Nothing speaks against the revocation yet; there has only not been time enough. */
export const SILENT_SO_FAR = 'silence_in_progress';

/**
 * The superseded token has been silent for long enough. A silence proves something only while somebody listens: the
 * current token must have been seen within the same time, which is the positive control. It counts from when the token
 * was superseded, from its last sign of life, and from the first beacon of all, whichever is the latest.
 */
export const checkSeen: Check = async ({ now, config, token, current }, { ledger }) => {
  if (!config.seen) return undefined;
  const { silentForMs } = config.seen;
  const days = await ledger.seen(config.name);
  const [old, fresh] = [seenOf(days, token.id), seenOf(days, current.id)];
  const lastSign = old && later(old.last, seenEvery(config.seen));
  const heardSince = earliest(old?.first, fresh?.first);
  const from = latest(token.supersededAt, token.servedUntil ?? token.servedAt, lastSign, heardSince) ?? now;
  const until = later(from, silentForMs);
  const hold = (reason: string, message: string, more = {}) => ({
    ...{ kind: 'seen' as const, satisfied: false, reason, message },
    details: { last: old?.last, current: fresh?.last, ...more },
  });
  const isSilent = !lastSign || later(lastSign, silentForMs) <= now;
  if (old && !isSilent) {
    const message = `A page has used ${token.id} at ${old.last}: an open tab, a cache or an app. If it is not seen again, it counts as silent from ${until}.`;
    return hold('seen_recently', message, { until });
  }
  const listened = fresh && later(fresh.last, seenEvery(config.seen) + silentForMs) > now;
  if (!listened) {
    const since = fresh ? `since ${fresh.last}` : 'yet';
    const message = `No page has been seen with the current token ${current.id} ${since}, so that the silence of ${token.id} proves nothing. Is the beacon on the pages?`;
    return hold('seen_no_beacon', message);
  }
  if (until > now) {
    const message = `${token.id} has not been seen since ${from}; it counts as silent from ${until}.`;
    return hold(SILENT_SO_FAR, message, { until });
  }
  const last = old ? `was last seen at ${old.last}` : 'was never seen';
  const message = `${token.id} ${last}, and ${current.id} at ${fresh.last}.`;
  return { kind: 'seen', satisfied: true, reason: 'seen_silent', message, details: { last: old?.last, from } };
};
