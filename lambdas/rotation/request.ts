/** What `paddlewheel-rotate` and `paddlewheel-status` accept from a person or a pipeline. Strict: an unknown key is a fault, and all faults are told at once. */
import * as z from 'zod/mini';
import { redact } from '../domain/mask.ts';

export const ACTIONS = [
  'rotate',
  'status',
  'plan',
  'adopt',
  'rollback',
  'pause',
  'resume',
  'hold',
  'release',
  'revoke',
  'reconcile',
  'check',
] as const;
export type Action = (typeof ACTIONS)[number];

/** Answered by `paddlewheel-status`, which may change nothing; `paddlewheel-rotate` refuses them. */
export const READ_ACTIONS: readonly Action[] = ['status', 'plan', 'check'];

const text = (most: number, name: string) => {
  const error = `${name}: a text of 1 to ${most} characters`;
  return z.string(error).check(z.trim(), z.minLength(1, error), z.maxLength(most, error));
};
const flag = (name: string) => z.boolean(`${name}: true or false`);
const UNTIL = 'until: an instant with its time zone, such as 2026-12-01T09:00:00Z';
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;
function toInstant(text: string, context: z.core.ParsePayload): string {
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  context.issues.push({ code: 'custom', message: UNTIL, input: text, path: ['until'] });
  return text;
}
const TOKEN_ID = 'tokenId: the id of a client-side token, ctkn_ and 26 characters';

const schema = z.strictObject(
  {
    integration: text(63, 'integration'),
    action: z._default(z.enum(ACTIONS, `action: one of ${ACTIONS.join(', ')}`), 'rotate'),
    /** A guard for scripts: refuse unless the integration belongs to this environment. */
    environment: z.optional(z.enum(['sandbox', 'live'], 'environment: "sandbox" or "live"')),
    reason: z.optional(text(500, 'reason')),
    requestedBy: z.optional(text(200, 'requestedBy')),
    /** Repeating a request with the same id does nothing. Default: the id of the invocation. */
    requestId: z.optional(text(128, 'requestId')),
    emergency: z._default(flag('emergency'), false),
    dryRun: z._default(flag('dryRun'), false),
    /** For `pause`: when it ends by itself. */
    until: z.optional(z.pipe(z.string(UNTIL).check(z.regex(INSTANT, UNTIL)), z.transform(toInstant))),
    tokenId: z.optional(z.string(TOKEN_ID).check(z.regex(/^ctkn_[a-z\d]{26}$/, TOKEN_ID))),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'payload: a JSON object is expected' : undefined) },
);

export type RotateRequest = Readonly<z.infer<typeof schema>>;
export type Parsed = { readonly request: RotateRequest } | { readonly faults: readonly string[] };

/** Ends a token without grace and evidence, for real. */
export const breaksGlass = ({ action, emergency, dryRun }: RotateRequest): boolean =>
  !dryRun && (emergency || action === 'revoke');

/** @returns the request, or every fault as a sentence that begins with the path of the value and never shows it */
export function parseRequest(payload: unknown): Parsed {
  const { data, error } = schema.safeParse(payload);
  const faults = error
    ? error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys' ? issue.keys.map(unknownKey) : [issue.message],
      )
    : contradictions(data);
  return faults.length > 0 || !data ? { faults } : { request: data };
}

const unknownKey = (key: string): string => `${redact(key).slice(0, 64)}: no such key`;

function contradictions({ action, emergency, reason, tokenId, dryRun, until }: RotateRequest): string[] {
  const faults: string[] = [];
  const needsToken = ['adopt', 'hold', 'release', 'revoke'].includes(action);
  const mayTakeToken = needsToken || action === 'rollback' || (action === 'rotate' && emergency);
  if (needsToken && !tokenId) faults.push(`tokenId: action "${action}" needs the token's id`);
  if (tokenId && !mayTakeToken) faults.push(`tokenId: action "${action}" takes none`);
  if (until && action !== 'pause') faults.push(`until: action "${action}" takes none`);
  if (emergency && action !== 'rotate') faults.push('emergency: only for action "rotate"');
  if (emergency && !reason) faults.push('reason: an emergency rotation needs one; it is kept in the audit trail');
  if (action === 'hold' && !reason) faults.push('reason: a hold needs one; it is kept in the audit trail');
  if (action === 'revoke' && !reason)
    faults.push('reason: a forced revocation needs one; it is kept in the audit trail');
  if (dryRun && !['rotate', 'revoke', 'plan'].includes(action))
    faults.push('dryRun: only for actions "rotate" and "revoke"; use action "plan" to see what is next');
  return faults;
}
