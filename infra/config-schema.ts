import { Cron } from 'croner';
import { z } from 'zod';
import { type ConsumerSpec, DEFAULT_PREFIX, type DeployHook, HOSTS, type Target } from '../lambdas/contract.ts';
import { DAY, formatDuration, HOUR, MINUTE, parseDuration, YEAR } from './duration.ts';

/** What of the environment at synth time bears on the configuration. */
export interface SchemaOptions {
  /** For demonstrations: rotations more often than hourly. */
  readonly allowShort: boolean;
}

/** The steps that CloudWatch Logs knows, in days. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** How CDK writes a value that only the deploy knows. The configuration is read before, and goes to the ledger as it is. */
const LATER = /\$\{Token\[/;
/** `""` is a missing value that somebody meant to fill in; it never selects a default. */
const given = z.string().min(1, { error: 'is empty: give a value, or leave the setting out', abort: true });
const text = given.refine((value) => !LATER.test(value), {
  error: 'is known only when the stack is deployed; give the name itself',
  abort: true,
});

const pattern = (regex: RegExp, remedy: string) => text.regex(regex, { error: remedy, abort: true });
const name = pattern(
  /^[a-z0-9][a-z0-9-]{0,62}$/,
  'must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen',
);
const consumer = pattern(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
  'must be 1 to 63 letters, digits, dots, hyphens and underscores',
);

const parameterName = pattern(
  /^(?:\/[\w.-]+){1,15}$|^[\w.-]+$/,
  'is not the name of an SSM parameter: letters, digits and . _ - in at most 15 levels, such as /paddle/pricing-page/client-token',
)
  .max(900, 'is longer than 900 characters')
  .refine(
    (value) => !/^\/?(?:aws|ssm)/i.test(value),
    'must not begin with "aws" or "ssm": AWS keeps those names for itself',
  );
const secretName = pattern(
  /^[\w/+=.@-]{1,512}$/,
  'is not the name of a secret: at most 512 letters, digits and / _ + = . @ -',
);
const parameterArn = pattern(
  /^arn:aws[\w-]*:ssm:[\w-]+:\d{12}:parameter\/[\w./-]{1,900}$/,
  'is neither the name nor the ARN of an SSM parameter',
);
/** A union would answer "invalid input" and hide the actual fault. */
const parameterNameOrArn = text.superRefine((value, context) => {
  const { error } = (value.startsWith('arn:') ? parameterArn : parameterName).safeParse(value);
  for (const { message } of error?.issues ?? []) context.addIssue({ code: 'custom', message });
});
const kmsKey = pattern(/^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/, 'is not the ARN of a KMS key');
const secretNameOrArn = pattern(
  /^(?:[\w/+=.@-]{1,512}|arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]{1,519})$/,
  'is neither the name nor the ARN of a secret',
);

const duration = (least: number, most: number) =>
  z
    .string({
      error: (issue) =>
        typeof issue.input === 'number'
          ? `${issue.input} has no unit; write for instance "${issue.input} hours"`
          : undefined,
    })
    .min(1, { error: 'is empty: give a length of time, or leave the setting out', abort: true })
    .transform((value, context) => {
      const fault = (message: string) => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      try {
        const ms = parseDuration(value);
        if (ms < least) return fault(`must be at least ${formatDuration(least)}`);
        if (ms > most) return fault(`must be at most ${formatDuration(most)}`);
        return ms;
      } catch (error) {
        return fault((error as RangeError).message);
      }
    });

const EXACTLY_ONE = 'needs exactly one of "secret" and "ssmParameter"';
const onlyOne = (value: { secret?: unknown; ssmParameter?: unknown }) =>
  (value.secret === undefined) !== (value.ssmParameter === undefined);

/** An object of which exactly one of two keys is given, for the same reason no union. */
const eitherOf = <A extends z.ZodType, B extends z.ZodType>(secret: A, ssmParameter: B) =>
  z
    .strictObject({ secret: secret.optional(), ssmParameter: ssmParameter.optional(), kmsKey: kmsKey.optional() })
    .refine(onlyOne, EXACTLY_ONE);

const credential = eitherOf(secretNameOrArn, parameterNameOrArn).transform(({ secret, ssmParameter, kmsKey }) => ({
  ...(secret === undefined ? { ssmParameter: String(ssmParameter) } : { secret }),
  ...(kmsKey !== undefined && { kmsKey }),
}));
/** Published is where Paddlewheel is deployed: nothing can be written to a parameter of another account at all. */
const notAnArn = text.refine((value) => !value.startsWith('arn:'), {
  error:
    'is an ARN: targets are named, and lie in the account and region of the stack. For another region, replicate the secret; for another account, let it read this one, or deploy an installation there (docs/aws.md, "Other accounts and regions")',
  abort: true,
});
const jsonKey = text.max(256, 'is longer than 256 characters');
const target = z
  .strictObject({
    secret: notAnArn.pipe(secretName).optional(),
    ssmParameter: notAnArn.pipe(parameterName).optional(),
    jsonKey: jsonKey.optional(),
    kmsKey: kmsKey.optional(),
  })
  .refine(onlyOne, EXACTLY_ONE)
  .refine(({ jsonKey, secret }) => jsonKey === undefined || secret !== undefined, {
    path: ['jsonKey'],
    error:
      'goes with "secret" only: SSM has no way to change a part of a parameter without undoing what others write at the same time',
  })
  .transform(({ secret, ssmParameter, jsonKey, kmsKey }): Target => {
    const key = kmsKey !== undefined && { kmsKey };
    if (secret === undefined) return { kind: 'ssm', name: String(ssmParameter), ...key };
    return { kind: 'secret', name: secret, ...(jsonKey !== undefined && { jsonKey }), ...key };
  });

const isLoopback = (url: URL) => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);

/** https anywhere, http on this machine only; without credentials and fragment. Otherwise the reason why not. */
export function urlFault(value: string): string | undefined {
  const url = URL.parse(value);
  if (!url) return `"${value}" is not a URL`;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    return 'must begin with https:// (http:// only for localhost)';
  if (url.username || url.password || url.hash) return 'must hold no credentials and no fragment';
  return undefined;
}

const url = text.superRefine((value, context) => {
  const fault = value === '' ? undefined : urlFault(value);
  if (fault) context.addIssue({ code: 'custom', message: fault });
});
const origin = url.refine(
  (value) => URL.parse(value)?.origin === value,
  'must be an origin: scheme, host and port, without a path',
);
/** A waiver says why, and names more than "everything". */
const waiver = z.strictObject({
  url: pattern(/^https?:\/\/[^*\s/]+\/\S*$/, 'must begin with an origin; * stands for anything after it'),
  reason: text.min(3, 'must say why'),
});
const site = z.preprocess(
  (value) => (typeof value === 'string' ? { url: value } : value),
  z
    .strictObject({
      url,
      extraOrigins: z.array(origin).max(20).default([]),
      clicks: z.array(text.max(300)).max(10, 'must name at most 10 clicks').optional(),
      ignore: z.array(waiver).max(50, 'must name at most 50 waivers').optional(),
      acknowledgeCaching: duration(1_000, YEAR).optional(),
      headers: z.record(pattern(/^[A-Za-z][A-Za-z0-9-]{0,60}$/, 'must be the name of a header'), credential).optional(),
    })
    .transform(({ acknowledgeCaching, ...rest }) => ({
      ...rest,
      ...(acknowledgeCaching === undefined ? {} : { acknowledgeCachingMs: acknowledgeCaching }),
    })),
);

const deployWithin = duration(1_000, 7 * DAY).optional();
const deployHook = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('webhook'), url: credential, deployWithin }),
      z.strictObject({
        kind: z.literal('github'),
        deployWithin,
        repository: pattern(/^[\w.-]{1,39}\/[\w.-]{1,100}$/, 'must be "owner/name"'),
        token: credential,
        eventType: pattern(/^[\w.-]{1,100}$/, 'must be 1 to 100 letters, digits and . _ -').default(
          'client-token-published',
        ),
        apiUrl: url.default('https://api.github.com').transform((value) => value.replace(/\/+$/, '')),
      }),
    ],
    'must have the kind "webhook" or "github"',
  )
  .transform(
    ({ deployWithin: deployWithinMs, ...hook }): DeployHook => ({
      ...hook,
      ...(deployWithinMs === undefined ? {} : { deployWithinMs }),
    }),
  );

const BRANCH = /^[^\s~^:?*[\\]{1,255}$/;
const STAGE = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/;
/** An empty list would make every report a preview, and nothing would ever be proved. */
const listed = (item: z.ZodString, what: string) =>
  z.array(item).min(1, `must name at least one ${what}`).max(20, `must name at most 20 ${what}s`).optional();
/** A name alone, or with rules. */
const consumerWithRules = z.preprocess(
  (value) => (typeof value === 'string' ? { name: value } : value),
  z
    .strictObject({
      name: consumer,
      role: pattern(/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/, 'is not the ARN of a role').optional(),
      everyBuildDeploys: z.boolean().optional(),
      branches: listed(pattern(BRANCH, 'is not the name of a branch'), 'branch').optional(),
      stages: listed(pattern(STAGE, 'must be 1 to 63 letters, digits and . _ / -'), 'stage').optional(),
    })
    .transform((rules): string | ConsumerSpec => (Object.keys(rules).length === 1 ? rules.name : rules)),
);

/** Any fixed instant serves: the test only asks whether, and how often, the slots come. */
const REFERENCE = new Date('2026-01-01T00:00:00Z');

/** Why a cron expression cannot be used, if it cannot. */
function cronFault(cron: string, timezone: string, allowShort: boolean): string | undefined {
  if (cron.trim().split(/\s+/).length !== 5)
    return `"${cron}" must have exactly five fields: minute, hour, day of the month, month, day of the week`;
  try {
    const slots = new Cron(cron, { timezone, mode: '5-part', paused: true }).nextRuns(30, REFERENCE).map(Number);
    if (slots.length === 0) return `"${cron}" never comes`;
    const tooOften = slots.some((slot, index) => slot - (slots[index - 1] ?? Number.NEGATIVE_INFINITY) < HOUR);
    return tooOften && !allowShort ? `"${cron}" comes more often than hourly` : undefined;
  } catch (error) {
    return `"${cron}" is not a cron expression: ${(error as Error).message}`;
  }
}

const TOO_WIDE = 'must be shorter than the distance of two slots, or one would be passed over';

/** @param cron a valid one */
function leastDistance(cron: string, timezone: string): number {
  const slots = new Cron(cron, { timezone, mode: '5-part', paused: true }).nextRuns(30, REFERENCE).map(Number);
  return Math.min(...slots.slice(1).map((slot, index) => slot - (slots[index] ?? Number.NaN)));
}

/** An IANA name. Intl also takes offsets ("+01:00"), which would ignore daylight saving time. */
function isTimeZone(value: string): boolean {
  try {
    return /^[A-Za-z]/.test(value) && new Intl.DateTimeFormat('en', { timeZone: value }) !== undefined;
  } catch {
    return false;
  }
}

const schedule = ({ allowShort }: SchemaOptions) =>
  z
    .strictObject({
      cron: text.optional(),
      timezone: text.optional(),
      every: duration(allowShort ? 1_000 : HOUR, 10 * YEAR).optional(),
      spread: duration(1_000, 7 * DAY).optional(),
    })
    .transform(({ cron, timezone, every, spread: spreadMs }, context) => {
      const spread = spreadMs !== undefined && { spreadMs };
      const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
      if ((cron === undefined) === (every === undefined)) {
        fault([], 'needs exactly one of "every" and "cron" (with "timezone")');
        return z.NEVER;
      }
      if (cron === undefined) {
        if (timezone !== undefined) fault(['timezone'], 'belongs to "cron"; a fixed distance has no time zone');
        if (spreadMs !== undefined && spreadMs >= Number(every)) fault(['spread'], TOO_WIDE);
        return { every: Number(every), ...spread };
      }
      if (timezone === undefined)
        fault(
          ['timezone'],
          'is missing: name the IANA time zone in which the slots are meant, such as "Europe/London" or "UTC"',
        );
      else if (!isTimeZone(timezone))
        fault(['timezone'], `"${timezone}" is not an IANA time zone, such as "Europe/London" or "UTC"`);
      const zone = timezone !== undefined && isTimeZone(timezone) ? timezone : 'UTC';
      const bad = cronFault(cron, zone, allowShort);
      if (bad) fault(['cron'], bad);
      else if (spreadMs !== undefined && spreadMs >= leastDistance(cron, zone)) fault(['spread'], TOO_WIDE);
      return { cron, timezone: zone, ...spread };
    });

/** Longer than a weekend: a tab that was left open on Friday evening is looked at again on Monday morning. */
const SILENT_FOR = 3 * DAY;
/** Days are kept for a little longer (`lambdas/adapters/dynamodb/seen.ts`). */
const SILENT_FOR_MOST = 90 * DAY;
const seen = z.preprocess(
  // Two ways to write it, and a fault in the words of the one that was meant.
  (value) => (value === true ? {} : value === false ? undefined : value),
  z
    .strictObject(
      { silentFor: duration(1_000, SILENT_FOR_MOST).default(SILENT_FOR) },
      { error: (issue) => (issue.code === 'invalid_type' ? 'must be true, false or { silentFor }' : undefined) },
    )
    .transform(({ silentFor }) => ({ silentForMs: silentFor }))
    .optional(),
);

const account = z.strictObject({
  environment: z.enum(Object.keys(HOSTS) as (keyof typeof HOSTS)[], 'must be "sandbox" or "live"'),
  apiKey: credential,
  webhookSecret: credential.optional(),
  webhooks: z.enum(['managed', 'manual'], 'must be "managed" or "manual"').default('managed'),
  proveWebhooks: z.boolean().default(true),
  apiUrl: url.optional(),
  maxRevocationsPerRun: z.int('must be a whole number').min(1, 'must be at least 1').max(1_000).default(5),
  seen,
});

const integration = (options: SchemaOptions) =>
  z.strictObject({
    name,
    account: text,
    rotate: schedule(options),
    grace: duration(1_000, YEAR).default(48 * HOUR),
    graceFrom: z.enum(['published', 'deployed'], 'must be "published" or "deployed"').default('published'),
    publishTo: z.array(target).min(1, 'must name at least one target').max(20, 'must name at most 20 targets'),
    formerTargets: z.array(target).max(20, 'must name at most 20 targets').optional(),
    sites: z.array(site).max(12, 'must name at most 12 sites: give the others an integration of their own').default([]),
    scans: z
      .strictObject({
        count: z.int('must be a whole number').min(1, 'must be at least 1').max(20, 'must be at most 20').default(3),
        over: duration(1_000, 30 * DAY).default(30 * MINUTE),
      })
      .default({ count: 3, over: 30 * MINUTE }),
    consumers: z.array(consumerWithRules).max(100, 'must name at most 100 consumers').default([]),
    lookBack: duration(1_000, YEAR).default(30 * DAY),
    holdAlarmAfter: duration(1_000, YEAR).default(7 * DAY),
    drift: z.enum(['restore', 'report']).default('restore'),
    deployHooks: z.array(deployHook).max(5, 'must name at most 5 deploy hooks').optional(),
    deployWithin,
    seen: z.literal(false, 'must be false, or left out: it is switched on for an account').optional(),
    adopt: pattern(
      /^ctkn_[a-z\d]{26}$/,
      'is not the id of a client-side token (ctkn_ and 26 lower-case letters and digits)',
    ).optional(),
  });

const tableName = pattern(/^[\w.-]{3,255}$/, 'is not the name of a DynamoDB table');

/** What goes into the template and nowhere else may be known only at the deploy, or be CDK's stand-in until it has looked it up. */
const reference = (regex: RegExp, remedy: string) =>
  given.refine((value) => LATER.test(value) || /^[ps]-\d+$/.test(value) || regex.test(value), remedy);

const platform = z.strictObject({
  permissionsBoundary: reference(
    /^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/\S+$/,
    'is not the ARN of a managed policy',
  ).optional(),
  vpc: z
    .strictObject({
      subnetIds: z
        .array(reference(/^subnet-[0-9a-f]{8,17}$/, 'is not the id of a subnet'))
        .min(1, 'must name at least one')
        .max(16),
      securityGroupIds: z
        .array(reference(/^sg-[0-9a-f]{8,17}$/, 'is not the id of a security group'))
        .min(1, 'must name at least one')
        .max(5),
    })
    .optional(),
  tags: z.record(text.max(128), z.string().max(256)).optional(),
  kmsKey: reference(/^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/, 'is not the ARN of a KMS key').optional(),
  removal: z.enum(['retain', 'destroy'], 'must be "retain" or "destroy"').default('retain'),
});

export const configSchema = (options: SchemaOptions) =>
  z.strictObject({
    prefix: pattern(
      /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,19}$/,
      'must be 1 to 20 lower-case letters, digits and single hyphens, and begin with a letter',
    ).default(DEFAULT_PREFIX),
    strict: z.boolean().default(false),
    console: z.boolean().default(true),
    tables: z.strictObject({ ledger: tableName, auditTrail: tableName }).optional(),
    platform: platform.default({ removal: 'retain' }),
    webhookThrottle: z
      .strictObject({
        rate: z.int('must be a whole number').min(1, 'must be at least 1').max(1_000).default(10),
        burst: z.int('must be a whole number').min(1, 'must be at least 1').max(2_000).default(20),
      })
      .default({ rate: 10, burst: 20 }),
    paddleAddresses: z.int('must be a whole number').min(1, 'must be at least 1').max(100).default(1),
    accounts: z
      .record(name, account)
      .refine((accounts) => Object.keys(accounts).length > 0, 'must hold at least one account'),
    integrations: z.array(integration(options)).max(20_000, 'must hold at most 20000 integrations'),
    alarms: z
      .strictObject({
        email: z
          .array(text.pipe(z.email('is not an e-mail address')))
          .max(10, 'must name at most 10 addresses')
          .default([]),
      })
      .default({ email: [] }),
    usageFromCloudTrail: z.boolean().default(false),
    accessPolicies: z.boolean().default(false),
    archive: z
      .strictObject({
        keepFor: duration(DAY, 100 * YEAR),
        lock: z.enum(['governance', 'compliance'], 'must be "governance" or "compliance"').default('governance'),
      })
      .optional(),
    logRetentionDays: z
      .number()
      .refine((days) => RETENTION_DAYS.includes(days), `must be one of ${RETENTION_DAYS.join(', ')}`)
      .default(90),
  });

export type ParsedConfig = z.output<ReturnType<typeof configSchema>>;
