/**
 * The configuration, parsed once at synth into a frozen value in which every default is filled in. All faults are in
 * one error. Nothing downstream sees a text for a duration, an empty string, or an unknown setting.
 */

import { crossFaults, type Fault, fileFaults } from '../lambdas/configuration/checks.ts';
import { completeAccount, completeIntegration } from '../lambdas/configuration/complete.ts';
import { DAY } from '../lambdas/configuration/duration.ts';
import { linesOf, say, toFaults } from '../lambdas/configuration/faults.ts';
import { type AccountSpec, type IntegrationSpec, type Namespace, namesFor } from '../lambdas/contract.ts';
import { capacityFaults } from './capacity.ts';
import type { ConfigInput } from './config-input.ts';
import { namespaceOf, overlapFaults } from './config-namespace.ts';
import { placeFaults } from './config-places.ts';
import { configSchema, type ParsedConfig } from './config-schema.ts';
import type { Platform } from './platform.ts';

export type { ConfigInput } from './config-input.ts';

/** Gives `paddlewheel.config.ts` its types. The checks come later, in `parseConfig`. */
export const defineConfig = (input: ConfigInput): ConfigInput => input;

/**
 * The whole configuration, complete and frozen.
 * @internal
 */
export interface Configuration {
  /** Begins the names of all resources. */
  readonly prefix: string;
  readonly strict: boolean;
  readonly console: boolean;
  readonly tables?: { readonly ledger: string; readonly auditTrail: string };
  readonly platform: Platform;
  /** What entries of the registrar's API may use. Absent: there are none. */
  readonly namespace?: Namespace;
  readonly webhookThrottle: { readonly rate: number; readonly burst: number };
  readonly paddleAddresses: number;
  readonly accounts: readonly AccountSpec[];
  readonly integrations: readonly IntegrationSpec[];
  readonly alarms: { readonly email: readonly string[] };
  readonly logRetentionDays: number;
  readonly usageFromCloudTrail: boolean;
  /** A managed policy for each kind of person. */
  readonly accessPolicies: boolean;
  readonly archive?: { readonly keepDays: number; readonly lock: 'governance' | 'compliance' };
}

/**
 * The variables that bear on a synth. Empty means not set.
 * @internal
 */
export interface ConfigEnvironment {
  /** Replaces every account's `apiUrl`: points the whole system at a stand-in for Paddle. */
  readonly PADDLEWHEEL_PADDLE_URL?: string;
  /** `1`: rotations more often than hourly are allowed, for demonstrations. */
  readonly PADDLEWHEEL_ALLOW_SHORT?: string;
  /** Of the stack, as the CDK tells its app. Unknown: what lies in another account or region is not refused for that. */
  readonly CDK_DEFAULT_ACCOUNT?: string;
  readonly CDK_DEFAULT_REGION?: string;
}

/** Everything that is wrong with a configuration, one fault a line: `integrations[1].rotate.cron: …`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];
  /** @internal */
  constructor(faults: readonly Fault[]) {
    const lines = linesOf(faults);
    super(
      `the configuration has ${lines.length} fault${lines.length === 1 ? '' : 's'}:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    );
    this.faults = lines;
  }
}

/**
 * @throws ConfigError with every fault
 * @internal
 */
export function parseConfig(input: unknown, environment: ConfigEnvironment): Configuration {
  const parsed = configSchema({ allowShort: environment.PADDLEWHEEL_ALLOW_SHORT === '1' }).safeParse(input, {
    error: say,
  });
  const standIn = environment.PADDLEWHEEL_PADDLE_URL || undefined;
  // The checks across entries read the raw input, so that they are reported together with the faults within entries.
  const faults = [
    ...(parsed.error?.issues ?? []).flatMap(toFaults),
    ...crossFaults(input, standIn),
    ...fileFaults(input, standIn),
  ];
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  const configuration = complete(parsed.data, standIn);
  const here = {
    account: environment.CDK_DEFAULT_ACCOUNT || undefined,
    region: environment.CDK_DEFAULT_REGION || undefined,
  };
  const outOfReach = [
    ...capacityFaults(configuration),
    ...placeFaults(configuration, here),
    ...overlapFaults(configuration),
  ];
  if (outOfReach.length > 0) throw new ConfigError(outOfReach);
  return deepFreeze(configuration);
}

function complete(parsed: ParsedConfig, standIn: string | undefined): Configuration {
  const { prefix, strict, console, tables, platform, webhookThrottle, paddleAddresses } = parsed;
  const names = namesFor(prefix);
  const accounts = Object.entries(parsed.accounts).map(([name, account]) =>
    completeAccount(name, account, { webhookSecret: names.webhookSecret(name), standIn }),
  );
  return {
    ...{ prefix, strict, console, tables, platform, webhookThrottle, paddleAddresses, accounts },
    ...namespaceOf(platform, accounts, parsed.integrations, standIn),
    integrations: parsed.integrations.map((integration) =>
      completeIntegration(integration, parsed.accounts[integration.account]?.seen),
    ),
    alarms: parsed.alarms,
    logRetentionDays: parsed.logRetentionDays,
    usageFromCloudTrail: parsed.usageFromCloudTrail,
    accessPolicies: parsed.accessPolicies,
    archive: parsed.archive && { keepDays: Math.ceil(parsed.archive.keepFor / DAY), lock: parsed.archive.lock },
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
