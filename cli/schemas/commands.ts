/** What each command prints with `--json`: one schema for each, with everything that it may print. */
import * as z from 'zod';
import { Deployed, Done, Instant, Planned, Rejected, RollBack, Standing, Status, TokenId, Word } from './answers.ts';
import { Exported, Failing, Registered } from './entries.ts';

const change = z.union([Done, Rejected]);
const rehearsable = z.union([Done, Planned, Rejected]);
/** Absent where not all of the build could be read. */
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const Unread = z.array(z.object({ file: z.string(), why: z.string() }));
const Watched = z
  .object({ at: Instant, integration: z.string(), word: z.string(), why: z.string() })
  .describe('With --watch: a line whenever a verdict is another one than before');

const verifyBuild = z.object({
  outcome: z.enum(['verified', 'refused']),
  integration: z.string(),
  consumer: z.string(),
  digest: Digest.optional(),
  files: z.int(),
  tokenId: TokenId.optional(),
  faults: z.array(z.string()),
});

const inspectBuild = z.object({
  digest: Digest.optional(),
  files: z.int(),
  tokens: z.array(
    z.object({
      masked: z.string(),
      environment: z.enum(['sandbox', 'live']),
      integration: z.string().optional().describe('Absent: no integration that is known here owns it'),
      tokenId: TokenId.optional(),
      status: z.enum(['minted', 'current', 'superseded', 'orphan', 'revoking', 'revoked', 'unknown']),
      files: z.array(z.string()),
      blankIn: z
        .array(z.string())
        .describe('Where a line break or a blank belongs to it: Paddle.js refuses such a token'),
    }),
  ),
  unread: Unread,
});

const trigger = z.object({
  outcome: z.enum(['stored', 'missing', 'refused']),
  account: z.string(),
  event: z.string(),
  eventId: z.string(),
  url: z.string(),
  status: z.int().describe('Of HTTP'),
  message: z.string(),
});

const audit = z
  .looseObject({
    pk: z.string(),
    sk: z.string(),
    day: z.string().describe('In UTC: 2026-11-26'),
    kind: z.string(),
    id: z.string(),
    type: z.string(),
    at: Instant,
    account: z.string(),
    integration: z.string().optional(),
    tokenId: TokenId.optional(),
    rotationId: z.string().optional(),
    trigger: z.string().optional(),
    requestedBy: z.string().optional(),
    reason: z.string().optional(),
    message: z.string().optional(),
  })
  .describe('A line for each record');

const verify = z.object({
  ok: z.boolean(),
  partitions: z.int(),
  records: z.int(),
  pending: z.int().describe('So new that their links may be on the way'),
  faults: z.array(
    z.object({
      kind: z.enum(['changed', 'removed', 'unchained', 'broken', 'rewritten']),
      partition: z.string(),
      record: z.string().optional(),
      seq: z.int().optional(),
      message: z.string(),
    }),
  ),
});

const doctor = z.object({
  ok: z.boolean(),
  findings: z.array(
    z.object({ what: z.string(), ok: z.boolean(), message: z.string(), remedy: z.string().optional() }),
  ),
});

const scan = z.object({
  exit: z.enum({ gone: 0, served: 1, unproven: 2 }).describe('The exit code, too'),
  findings: z.array(
    z.object({
      url: z.string(),
      verdict: z.enum(['current', 'superseded', 'misconfigured', 'incomplete', 'unreadable']),
      reasons: z.array(z.object({ code: z.string(), message: z.string(), url: z.string().optional() })),
      foundIn: z.string().optional(),
      message: z.string(),
      waived: z.array(z.object({ url: z.string(), reason: z.string() })).optional(),
      cache: z.looseObject({ url: z.string(), by: z.string(), header: z.string() }).optional(),
      seenBy: z.array(z.enum(['reader', 'browser'])).optional(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

const init = z.object({
  written: z.array(z.string()),
  kept: z.array(z.string()).describe('Was there, and was left as it is'),
  missing: z.array(z.string()).describe('Where there is a configuration: what --yes would write'),
  next: z.array(z.string()).describe('What to do next'),
  configuration: z
    .object({
      file: z.string(),
      fault: z.string().optional().describe('Why it could not be read'),
      accounts: z.array(z.string()),
      integrations: z.array(z.string()),
    })
    .optional()
    .describe('The one that was there'),
});

const Failed = z
  .object({
    outcome: z.enum(['failed', 'misused']).describe('Exit code 1, and 2 for what was called wrongly (scan: 2)'),
    message: z.string(),
    remedy: z.string().optional().describe('What to do about it'),
  })
  .describe(
    'It failed before there was an answer; with --follow or --watch the last line. Also on standard error, in words.',
  );

/** By the command's name, with hyphens. Each may print `Failed` instead. */
export const SCHEMAS = {
  init,
  status: z.union([Status, z.array(Status), Rejected, Watched, Failing]),
  why: z.union([z.object({ integration: z.string(), standings: z.array(Standing).min(1) }), Rejected]),
  usage: z.union([z.array(Word), Rejected]),
  plan: z.union([Planned, Rejected]),
  rotate: rehearsable,
  adopt: change,
  rollback: change,
  pause: change,
  resume: change,
  hold: change,
  release: change,
  revoke: rehearsable,
  reconcile: change,
  env: z.union([Rejected, z.record(z.string(), z.string()).describe('The variable with the token in it, and tokenId')]),
  deployed: z.union([Deployed, Rejected]),
  'verify-build': z.union([verifyBuild, Rejected]),
  'inspect-build': inspectBuild,
  'can-roll-back': z.union([RollBack, Rejected]),
  audit,
  verify,
  doctor,
  scan,
  trigger,
  console: z.object({ url: z.string() }),
  register: Registered,
  unregister: Registered,
  export: Exported,
} as const;
export type SchemaName = keyof typeof SCHEMAS;

/** @param closed also refuses what is not in it: for tests. What is published is open, because a minor version may add to it. */
export function jsonSchemaOf(name: SchemaName, { closed = false } = {}): object {
  const title = `paddlewheel ${name.replace('inspect-', 'inspect ')} --json`;
  return { ...z.toJSONSchema(z.union([SCHEMAS[name], Failed]), { io: closed ? 'output' : 'input' }), title };
}
