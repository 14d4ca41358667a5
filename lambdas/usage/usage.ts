/** The function behind `paddlewheel-usage`: reports of builds and deployments, and reads that CloudTrail saw. */
import { isCloudTrailEvent } from './cloudtrail-event.ts';
import { createObserveReads, type ReadsAnswer, type ReadsParts } from './observe-reads.ts';
import { createReportUsage, type UsageAnswer, type UsageParts } from './report-usage.ts';

type Parts = UsageParts & Omit<ReadsParts, 'ownRoles'> & { readonly ownRoles?: readonly string[] };

/** @param parts without `ownRoles`, reads are not followed up: the configuration has not asked for it */
export function createUsage({ ownRoles, ...parts }: Parts): (payload: unknown) => Promise<UsageAnswer | ReadsAnswer> {
  const report = createReportUsage(parts);
  if (!ownRoles) return report;
  const observe = createObserveReads({ ...parts, ownRoles });
  return (payload) => (isCloudTrailEvent(payload) ? observe(payload) : report(payload));
}
