/**
 * `AWS API Call via CloudTrail` as EventBridge delivers it, for the calls that read a parameter or a secret.
 * Shapes: CloudTrail user guide, "record contents" and "userIdentity element".
 */
import * as z from 'zod/mini';
import type { Instant } from '../domain/model.ts';
import { OBSERVED_PREFIX } from '../domain/usage.ts';

/** One name that was read. The kind says where; a path stands for all parameters below it. */
export type ReadName =
  | { readonly kind: 'ssm' | 'secret'; readonly candidates: readonly string[]; readonly version: ReadVersion }
  | { readonly kind: 'ssm-path'; readonly path: string; readonly recursive: boolean; readonly version: ReadVersion };

/** `latest`: whatever was published then. `id`: that version of a secret. `other`: an older one, and nobody knows which. */
export type ReadVersion = { readonly is: 'latest' | 'other' } | { readonly is: 'id'; readonly id: string };

export interface ObservedRead {
  /** CloudTrail's own id of the event. */
  readonly eventId: string;
  /** Full seconds: CloudTrail rounds down. */
  readonly at: Instant;
  /** `cloudtrail:<role or user>`. */
  readonly consumer: string;
  /** As CloudTrail names the caller: the ARN of a role or user, if there is one. */
  readonly by: string;
  /** ARN of the role behind the session, if it was one. */
  readonly role?: string;
  readonly names: readonly ReadName[];
}

const DETAIL_TYPE = 'AWS API Call via CloudTrail';
/** What a usage record takes. */
const MAX_CONSUMER = 128;

const optionalText = z.optional(z.nullable(z.string()));
const Identity = z.object({
  type: z.string(),
  accountId: optionalText,
  principalId: optionalText,
  arn: optionalText,
  userName: optionalText,
  invokedBy: optionalText,
  sessionContext: z.optional(
    z.nullable(
      z.object({
        sessionIssuer: z.optional(z.nullable(z.object({ arn: optionalText, userName: optionalText }))),
      }),
    ),
  ),
});
const Event = z.object({
  'detail-type': z.literal(DETAIL_TYPE),
  source: z.enum(['aws.ssm', 'aws.secretsmanager']),
  detail: z.object({
    userIdentity: Identity,
    eventTime: z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)),
    eventSource: z.enum(['ssm.amazonaws.com', 'secretsmanager.amazonaws.com']),
    eventName: z.string(),
    eventID: z.string(),
    eventType: z.literal('AwsApiCall'),
    errorCode: optionalText,
    recipientAccountId: optionalText,
    requestParameters: z.nullable(z.looseObject({})),
  }),
});
type Detail = z.infer<typeof Event>['detail'];

/** A report of a build never has this key: its payload is strict. */
export const isCloudTrailEvent = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && 'detail-type' in payload;

/**
 * @returns `undefined` for a read that was refused, which is no use
 * @throws RangeError for an event of another shape: it is kept among the failures for a person, not skipped
 */
export function parseRead(payload: unknown): ObservedRead | undefined {
  const { data, error } = Event.safeParse(payload);
  if (error) {
    const paths = error.issues.map(({ path }) => path.join('.') || 'event').join(', ');
    throw new RangeError(`not a CloudTrail event about a read: ${paths}`);
  }
  const { detail } = data;
  if (detail.errorCode) return undefined;
  const role = detail.userIdentity.sessionContext?.sessionIssuer?.arn ?? undefined;
  const consumer = consumerOf(detail);
  return {
    eventId: detail.eventID,
    at: new Date(detail.eventTime).toISOString(),
    consumer,
    by: role ?? detail.userIdentity.arn ?? consumer,
    role,
    names: namesRead(detail),
  };
}

/** Roles and users by their names: sessions come and go, and every one would be a consumer that is silent for ever. */
function consumerOf({ userIdentity: who, recipientAccountId }: Detail): string {
  const issuer = who.sessionContext?.sessionIssuer?.userName;
  const name = issuer || who.userName || who.invokedBy || (who.type === 'Root' ? 'root' : who.principalId) || who.type;
  const foreign = who.accountId && recipientAccountId && who.accountId !== recipientAccountId;
  const full = foreign ? `${who.accountId}/${name}` : name;
  return `${OBSERVED_PREFIX}${full.replaceAll('#', '_')}`.slice(0, MAX_CONSUMER);
}

function namesRead({ eventSource, eventName, requestParameters }: Detail): readonly ReadName[] {
  const given: Record<string, unknown> = requestParameters ?? {};
  const call = `${eventSource.replace('.amazonaws.com', '')}:${eventName}`;
  switch (call) {
    case 'ssm:GetParameter':
      return [parameter(textAt(given, 'name', call))];
    case 'ssm:GetParameters':
      return textsAt(given, 'names', call).map(parameter);
    case 'ssm:GetParametersByPath':
      return [
        { kind: 'ssm-path', path: textAt(given, 'path', call), recursive: given.recursive === true, version: LATEST },
      ];
    case 'secretsmanager:GetSecretValue':
      return [secret(textAt(given, 'secretId', call), given)];
    case 'secretsmanager:BatchGetSecretValue':
      // By filters, the list is missing; Secrets Manager also tells every secret of a batch as a GetSecretValue.
      return given.secretIdList ? textsAt(given, 'secretIdList', call).map((id) => secret(id, {})) : [];
    default:
      throw new RangeError(`not a CloudTrail event about a read: eventName ${eventName}`);
  }
}

const LATEST = { is: 'latest' } as const;

function textAt(given: Record<string, unknown>, key: string, call: string): string {
  const value = given[key];
  if (typeof value !== 'string' || value === '') throw new RangeError(`${call} without ${key}`);
  return value;
}

function textsAt(given: Record<string, unknown>, key: string, call: string): readonly string[] {
  const values = given[key];
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'string'))
    throw new RangeError(`${call} without ${key}`);
  return values;
}

/** `/paddle/x`, `/paddle/x:3`, `/paddle/x:label`, or the ARN of any of them. An ARN does not tell `x` from `/x`. */
function parameter(given: string): ReadName {
  const [, fromArn] = /^arn:aws[\w-]*:ssm:[\w-]*:\d*:parameter(\/.*)$/.exec(given) ?? [];
  const [name = '', ...selector] = (fromArn ?? given).split(':');
  const candidates = fromArn ? [name, name.slice(1)] : [name];
  return { kind: 'ssm', candidates, version: selector.length > 0 ? { is: 'other' } : LATEST };
}

/** A name, an ARN, or an ARN without the six characters that AWS adds to the name. */
function secret(given: string, { versionId, versionStage }: Record<string, unknown>): ReadName {
  const [, fromArn] = /^arn:aws[\w-]*:secretsmanager:[\w-]*:\d*:secret:(.+)$/.exec(given) ?? [];
  const candidates = fromArn ? [fromArn.replace(/-[A-Za-z0-9]{6}$/, ''), fromArn] : [given];
  return { kind: 'secret', candidates: [...new Set(candidates)], version: secretVersion(versionId, versionStage) };
}

function secretVersion(versionId: unknown, versionStage: unknown): ReadVersion {
  if (typeof versionId === 'string') return { is: 'id', id: versionId };
  return versionStage === undefined || versionStage === null || versionStage === 'AWSCURRENT'
    ? LATEST
    : { is: 'other' };
}
