/** Where tokens are published, and where credentials are kept. */
import * as z from 'zod';
import type { Target } from '../contract.ts';
import { pattern, text } from './words.ts';

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

const EXACTLY_ONE = 'needs exactly one of "secret" and "ssmParameter"';
const onlyOne = (value: { secret?: unknown; ssmParameter?: unknown }) =>
  (value.secret === undefined) !== (value.ssmParameter === undefined);

/** An object of which exactly one of two keys is given, for the same reason no union. */
const eitherOf = <A extends z.ZodType, B extends z.ZodType>(secret: A, ssmParameter: B) =>
  z
    .strictObject({ secret: secret.optional(), ssmParameter: ssmParameter.optional(), kmsKey: kmsKey.optional() })
    .refine(onlyOne, EXACTLY_ONE);

export const credential = eitherOf(secretNameOrArn, parameterNameOrArn).transform(
  ({ secret, ssmParameter, kmsKey }) => ({
    ...(secret === undefined ? { ssmParameter: String(ssmParameter) } : { secret }),
    ...(kmsKey !== undefined && { kmsKey }),
  }),
);
/** Published is where Paddlewheel is deployed: nothing can be written to a parameter of another account at all. */
const notAnArn = text.refine((value) => !value.startsWith('arn:'), {
  error:
    'is an ARN: targets are named, and lie in the account and region of the stack. For another region, replicate the secret; for another account, let it read this one, or deploy an installation there (docs/aws.md, "Other accounts and regions")',
  abort: true,
});
const jsonKey = text.max(256, 'is longer than 256 characters');
/** Both are the sort key of an item. */
const MOST_KEY_BYTES = 1_000;
export const target = z
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
  .refine(({ jsonKey = '', secret = '' }) => Buffer.byteLength(`${secret}#${jsonKey}`) <= MOST_KEY_BYTES, {
    path: ['jsonKey'],
    error: `and the name of the secret take more than ${MOST_KEY_BYTES} bytes together`,
  })
  .transform(({ secret, ssmParameter, jsonKey, kmsKey }): Target => {
    const key = kmsKey !== undefined && { kmsKey };
    if (secret === undefined) return { kind: 'ssm', name: String(ssmParameter), ...key };
    return { kind: 'secret', name: secret, ...(jsonKey !== undefined && { jsonKey }), ...key };
  });
