/** One account and one integration, as a person writes them: in a configuration file, or in a call of the registrar. */
import * as z from 'zod';
import { type ConsumerSpec, type DeployHook, HOSTS } from '../contract.ts';
import { DAY, HOUR, MINUTE, YEAR } from './duration.ts';
import { credential, target } from './places.ts';
import { type SchemaOptions, schedule } from './schedule.ts';
import { duration, name, origin, pattern, text, url } from './words.ts';

const consumer = pattern(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
  'must be 1 to 63 letters, digits, dots, hyphens and underscores',
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

export const account = z.strictObject({
  environment: z.enum(Object.keys(HOSTS) as (keyof typeof HOSTS)[], 'must be "sandbox" or "live"'),
  apiKey: credential,
  webhookSecret: credential.optional(),
  webhooks: z.enum(['managed', 'manual'], 'must be "managed" or "manual"').default('managed'),
  proveWebhooks: z.boolean().default(true),
  apiUrl: url.optional(),
  maxRevocationsPerRun: z.int('must be a whole number').min(1, 'must be at least 1').max(1_000).default(5),
  seen,
});

export const integration = (options: SchemaOptions) =>
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

export type ParsedAccount = z.output<typeof account>;
export type ParsedIntegration = z.output<ReturnType<typeof integration>>;
