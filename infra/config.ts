/**
 * The configuration, parsed once at synth into a frozen value in which every default is filled in. All faults are in
 * one error. Nothing downstream sees a text for a duration, an empty string, or an unknown setting.
 */
import type { z } from 'zod';
import { type AccountSpec, HOSTS, type IntegrationSpec, namesFor } from '../lambdas/contract.ts';
import { capacityFaults } from './capacity.ts';
import { crossFaults, type Fault } from './config-checks.ts';
import type { ConfigInput } from './config-input.ts';
import { placeFaults } from './config-places.ts';
import { configSchema, type ParsedConfig } from './config-schema.ts';
import { DAY } from './duration.ts';
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
    const lines = [...new Set(faults.map(({ path, message }) => `${formatPath(path)}: ${message}`))];
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
  const faults = [...(parsed.error?.issues ?? []).flatMap(toFaults), ...crossFaults(input, standIn)];
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  const configuration = complete(parsed.data, standIn);
  const here = {
    account: environment.CDK_DEFAULT_ACCOUNT || undefined,
    region: environment.CDK_DEFAULT_REGION || undefined,
  };
  const outOfReach = [...capacityFaults(configuration), ...placeFaults(configuration, here)];
  if (outOfReach.length > 0) throw new ConfigError(outOfReach);
  return deepFreeze(configuration);
}

function complete(parsed: ParsedConfig, standIn: string | undefined): Configuration {
  const { prefix, strict, console, tables, platform, webhookThrottle, paddleAddresses } = parsed;
  const names = namesFor(prefix);
  return {
    ...{ prefix, strict, console, tables, platform, webhookThrottle, paddleAddresses },
    accounts: Object.entries(parsed.accounts).map(([name, account]) => ({
      name,
      environment: account.environment,
      apiUrl: (standIn ?? account.apiUrl ?? HOSTS[account.environment]).replace(/\/+$/, ''),
      apiKey: account.apiKey,
      webhookSecret: account.webhookSecret ?? { secret: names.webhookSecret(name) },
      maxRevocationsPerRun: account.maxRevocationsPerRun,
      webhooks: account.webhooks,
      proveWebhooks: account.proveWebhooks,
    })),
    integrations: parsed.integrations.map(
      ({ rotate, grace, publishTo, scans, lookBack, holdAlarmAfter, deployWithin, seen, ...rest }) => ({
        ...rest,
        schedule: rotate,
        graceMs: grace,
        targets: publishTo,
        scans: { count: scans.count, overMs: scans.over },
        lookBackMs: lookBack,
        holdAlarmAfterMs: holdAlarmAfter,
        ...(deployWithin === undefined ? {} : { deployWithinMs: deployWithin }),
        ...(seen !== false && parsed.accounts[rest.account]?.seen ? { seen: parsed.accounts[rest.account]?.seen } : {}),
      }),
    ),
    alarms: parsed.alarms,
    logRetentionDays: parsed.logRetentionDays,
    usageFromCloudTrail: parsed.usageFromCloudTrail,
    accessPolicies: parsed.accessPolicies,
    archive: parsed.archive && { keepDays: Math.ceil(parsed.archive.keepFor / DAY), lock: parsed.archive.lock },
  };
}

/** Our words for zod's findings; a schema's own message goes before these. */
function say(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type')
    return issue.input === undefined
      ? 'is missing'
      : `must be ${issue.expected === 'record' ? 'object' : issue.expected}, not ${kindOf(issue.input)}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  return undefined;
}

const kindOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

function toFaults(issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not a setting that Paddlewheel knows' }));
  if (issue.code === 'invalid_key')
    return issue.issues.map(({ message }) => ({ path, message: `the name ${message}` }));
  return [{ path, message: issue.message }];
}

function formatPath(path: readonly (string | number)[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text.replace(/^\./, '') || 'configuration';
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
