/** Entries with every default filled in, as the ledger has them. */
import { type AccountSpec, HOSTS, type IntegrationSpec, type SeenSpec } from '../contract.ts';
import type { ParsedAccount, ParsedIntegration } from './entries.ts';

export interface AccountDefaults {
  /** Where its webhook secret is kept unless it says otherwise. */
  readonly webhookSecret: string;
  /** Replaces every `apiUrl`. */
  readonly standIn?: string;
}

export const completeAccount = (
  name: string,
  account: ParsedAccount,
  { webhookSecret, standIn }: AccountDefaults,
): AccountSpec => ({
  name,
  environment: account.environment,
  apiUrl: (standIn ?? account.apiUrl ?? HOSTS[account.environment]).replace(/\/+$/, ''),
  apiKey: account.apiKey,
  webhookSecret: account.webhookSecret ?? { secret: webhookSecret },
  maxRevocationsPerRun: account.maxRevocationsPerRun,
  webhooks: account.webhooks,
  proveWebhooks: account.proveWebhooks,
});

/** @param ofAccount the beacons that its account takes */
export function completeIntegration(integration: ParsedIntegration, ofAccount: SeenSpec | undefined): IntegrationSpec {
  const { rotate, grace, publishTo, scans, lookBack, holdAlarmAfter, deployWithin, seen, ...rest } = integration;
  return {
    ...rest,
    schedule: rotate,
    graceMs: grace,
    targets: publishTo,
    scans: { count: scans.count, overMs: scans.over },
    lookBackMs: lookBack,
    holdAlarmAfterMs: holdAlarmAfter,
    ...(deployWithin === undefined ? {} : { deployWithinMs: deployWithin }),
    ...(seen !== false && ofAccount ? { seen: ofAccount } : {}),
  };
}
