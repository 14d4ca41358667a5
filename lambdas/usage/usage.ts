/** The function behind `paddlewheel-usage`: reports of builds and deployments, and reads that CloudTrail saw. */
import { asksToRollBack, canRollBack, type RollBackAnswer } from './can-roll-back.ts';
import { isCloudTrailEvent } from './cloudtrail-event.ts';
import { createObserveReads, type ReadsAnswer, type ReadsParts } from './observe-reads.ts';
import { createReportUsage, type UsageAnswer, type UsageParts } from './report-usage.ts';

type Parts = UsageParts & Omit<ReadsParts, 'ownRoles'> & { readonly ownRoles?: readonly string[] };

/** @param parts without `ownRoles`, reads are not followed up: the configuration has not asked for it */
export function createUsage({
  ownRoles,
  ...parts
}: Parts): (payload: unknown, alias?: string) => Promise<UsageAnswer | ReadsAnswer | RollBackAnswer> {
  const reportUsage = createReportUsage(parts);
  const report = (payload: unknown, alias?: string) =>
    asksToRollBack(payload) ? canRollBack(payload, parts) : reportUsage(payload, alias);
  if (!ownRoles) return report;
  const observe = createObserveReads({ ...parts, ownRoles });
  return (payload, alias) => (isCloudTrailEvent(payload) ? observe(payload) : report(payload, alias));
}
