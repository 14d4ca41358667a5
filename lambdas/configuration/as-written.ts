/** Entries as a person writes them, out of what the ledger has: what an export says can be registered again. */
import type { AccountSpec, IntegrationSpec, SiteCheck, Target } from '../contract.ts';
import { formatDuration } from './duration.ts';

type Written = Readonly<Record<string, unknown>>;

/** Absent settings are left out. */
const given = (settings: Record<string, unknown>): Written =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

/** The place of the webhook secret is given by the namespace, and said nowhere else. */
export const accountAsWritten = (account: AccountSpec & { readonly revision?: number }): Written =>
  given({
    name: account.name,
    environment: account.environment,
    apiKey: account.apiKey,
    webhooks: account.webhooks,
    proveWebhooks: account.proveWebhooks,
    apiUrl: account.apiUrl,
    maxRevocationsPerRun: account.maxRevocationsPerRun,
    revision: account.revision,
  });

const time = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : formatDuration(ms));

export function integrationAsWritten(spec: IntegrationSpec & { readonly revision?: number }): Written {
  const { schedule, scans } = spec;
  const spread = time(schedule.spreadMs);
  return given({
    name: spec.name,
    account: spec.account,
    rotate: given(
      'every' in schedule
        ? { every: formatDuration(schedule.every), spread }
        : { cron: schedule.cron, timezone: schedule.timezone, spread },
    ),
    grace: formatDuration(spec.graceMs),
    graceFrom: spec.graceFrom,
    publishTo: spec.targets.map(targetAsWritten),
    formerTargets: spec.formerTargets?.map(targetAsWritten),
    sites: spec.sites.map(siteAsWritten),
    scans: { count: scans.count, over: formatDuration(scans.overMs) },
    consumers: spec.consumers,
    lookBack: formatDuration(spec.lookBackMs),
    holdAlarmAfter: formatDuration(spec.holdAlarmAfterMs),
    drift: spec.drift,
    // An empty list, for the API takes no other.
    deployHooks: spec.deployHooks,
    deployWithin: time(spec.deployWithinMs),
    adopt: spec.adopt,
    revision: spec.revision,
  });
}

const targetAsWritten = (target: Target): Written =>
  target.kind === 'ssm' ? { ssmParameter: target.name } : given({ secret: target.name, jsonKey: target.jsonKey });

const siteAsWritten = ({ acknowledgeCachingMs, ...site }: SiteCheck): Written =>
  given({ ...site, acknowledgeCaching: time(acknowledgeCachingMs) });
