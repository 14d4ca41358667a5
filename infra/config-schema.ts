import * as z from 'zod';
import { DAY, YEAR } from '../lambdas/configuration/duration.ts';
import { account, integration } from '../lambdas/configuration/entries.ts';
import { credentialsPattern, targetsPatterns } from '../lambdas/configuration/namespace.ts';
import type { SchemaOptions } from '../lambdas/configuration/schedule.ts';
import { duration, given, LATER, name, pattern, text } from '../lambdas/configuration/words.ts';
import { DEFAULT_PREFIX } from '../lambdas/contract.ts';

/** The steps that CloudWatch Logs knows, in days. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const tableName = pattern(/^[\w.-]{3,255}$/, 'is not the name of a DynamoDB table');

/** What goes into the template and nowhere else may be known only at the deploy, or be CDK's stand-in until it has looked it up. */
const reference = (regex: RegExp, remedy: string) =>
  given.refine((value) => LATER.test(value) || /^[ps]-\d+$/.test(value) || regex.test(value), remedy);

const platform = z
  .strictObject({
    credentials: credentialsPattern.optional(),
    targets: targetsPatterns.optional(),
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
  })
  .refine(({ credentials, targets }) => (credentials === undefined) === (targets === undefined), {
    error: 'opens a namespace with "credentials" and "targets" together: give both, or neither',
  });

export const configSchema = (options: SchemaOptions) =>
  z
    .strictObject({
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
      accounts: z.record(name, account),
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
    })
    .refine(({ accounts, platform }) => Object.keys(accounts).length > 0 || platform.credentials !== undefined, {
      path: ['accounts'],
      error: 'must hold at least one account, unless platform.credentials opens a namespace for them',
    });

export type ParsedConfig = z.output<ReturnType<typeof configSchema>>;
