/** What the functions answer, as `--json` prints it. The command line does not load this: the package ships what is made of it. */
import * as z from 'zod';
import { LEVELS } from '../../lambdas/domain/verdict.ts';

export const Instant = z.string().describe('An instant in ISO 8601, such as 2026-11-26T12:00:00.000Z');
export const TokenId = z.string().describe("Paddle's id of a client-side token, ctkn_…");
const Masked = z.string().describe("The token's value, masked: test_7d27…c08");
const Environment = z.enum(['sandbox', 'live']);
const TokenStatus = z.enum(['minted', 'current', 'superseded', 'orphan', 'revoking', 'revoked']);

export const Rejected = z
  .object({
    integration: z.string().optional(),
    outcome: z.enum(['rejected', 'refused', 'not-ready']),
    message: z.string(),
    faults: z.array(z.string()).optional(),
  })
  .describe('Nothing was changed. Exit code 1.');

export const Standing = z
  .object({
    level: z.enum(LEVELS),
    word: z.string().describe('The level in words'),
    tokenId: TokenId.optional().describe('The token that it is about, if it is about one'),
    why: z.string(),
    ends: z.string().describe('What would end it; empty when there is nothing to be said'),
  })
  .describe('A part of the verdict');

const Retry = z
  .looseObject({ since: Instant, attempts: z.int(), nextAttemptAt: Instant, message: z.string().optional() })
  .describe('Why it waits');
const Reporter = z.object({ name: z.string(), proof: z.enum(['role', 'cloudtrail', 'said']) });
const Cached = z.looseObject({ message: z.string() }).describe('How long a page may come from a cache');

export const Word = z
  .object({
    consumer: z.string(),
    place: z.enum(['production', 'preview', 'unclear']),
    tokenId: TokenId,
    build: z.string().optional(),
    branch: z.string().optional(),
    stage: z.string().optional(),
    at: Instant,
    isDeployed: z.boolean(),
    isObserved: z.boolean().describe('Nobody said so: CloudTrail saw a value being read'),
    lastSeen: Instant,
    by: Reporter.optional(),
  })
  .describe("A consumer's last word in one place");

const summary = {
  integration: z.string(),
  message: z.string(),
  token: z.object({ id: TokenId, masked: Masked }).optional().describe('The current one'),
  superseded: z.array(
    z.object({ id: TokenId, status: TokenStatus, revokeAfter: Instant.optional(), held: z.string().optional() }),
  ),
  published: z.array(z.string()).describe('The targets that hold the current token'),
};

/** Of the ledger's own fields, those that one may rely on. */
const StatusToken = z.looseObject({
  id: TokenId,
  name: z.string(),
  status: TokenStatus,
  masked: Masked,
  fingerprint: z.string().describe("The first 128 bits of the value's SHA-256, hexadecimal"),
  origin: z.enum(['minted', 'adopted']),
  rotationId: z.string(),
  createdAt: Instant,
  publishedAt: Instant.optional(),
  supersededAt: Instant.optional(),
  revokeAfter: Instant.optional(),
  revokedAt: Instant.optional(),
  hold: z.looseObject({ reason: z.string(), message: z.string(), since: Instant, nextCheckAt: Instant }).optional(),
  manualHold: z.object({ reason: z.string(), requestedBy: z.string().optional(), since: Instant }).optional(),
});

const Deployment = z.object({
  state: z.enum(['called', 'accepted', 'built', 'overdue', 'live']),
  tokenId: TokenId,
  since: Instant,
  nextCheckAt: Instant.optional(),
  liveAt: Instant.optional(),
  seenAt: z.string().optional(),
  hooks: z.array(z.object({ hook: z.string(), acceptedAt: Instant })),
  built: z.string().optional(),
  message: z.string().optional(),
});

export const Status = z
  .object({
    ...summary,
    outcome: z.literal('status'),
    standings: z.array(Standing).min(1).describe('The verdict, the worst first'),
    account: z.string(),
    environment: Environment,
    managed: z.boolean(),
    owner: z
      .enum(['file', 'api'])
      .describe('Who alone may change it: the configuration file, or the API of the registrar'),
    revision: z.int().optional().describe('Of an entry of the API: 1, and one more with each change'),
    checkoutDown: z.boolean(),
    servedRevoked: z
      .array(
        z.object({
          tokenId: TokenId,
          by: z.enum(['site', 'report', 'target']),
          place: z.string(),
          message: z.string(),
          since: Instant,
        }),
      )
      .optional(),
    paused: z
      .object({
        since: Instant,
        until: Instant.optional(),
        reason: z.string().optional(),
        requestedBy: z.string().optional(),
      })
      .optional(),
    deployment: Deployment.optional(),
    cached: Cached.optional(),
    retry: Retry.optional(),
    drift: z.object({ targets: z.array(z.string()), since: Instant }).optional(),
    rotation: z
      .object({
        rotationId: z.string(),
        trigger: z.string(),
        phase: z.string(),
        intendedAt: Instant,
        emergency: z.boolean(),
      })
      .optional(),
    currentSince: Instant.optional(),
    nextRotationAt: Instant.optional(),
    tokens: z.array(StatusToken),
    stuck: z.array(TokenId),
    crowded: z.object({ since: Instant, message: z.string() }).optional(),
    unclaimed: z.array(z.looseObject({ id: TokenId, name: z.string(), masked: Masked, message: z.string() })),
    consumers: z.array(Word),
    seen: z
      .array(
        z.object({
          tokenId: TokenId,
          status: TokenStatus.optional(),
          first: Instant,
          last: Instant,
          counts: z.record(z.string(), z.int()),
        }),
      )
      .optional(),
  })
  .describe('All that is known of an integration');

export const Planned = z
  .object({
    ...summary,
    outcome: z.literal('planned'),
    reason: z.string(),
    next: z.object({ action: z.string(), reason: z.string(), message: z.string() }),
    cached: Cached.optional(),
    upcoming: z.array(z.object({ at: Instant, reason: z.string(), message: z.string() })),
    breaks: z.array(z.string()).optional().describe('Of a dry run: what would break'),
  })
  .describe('What the next reconcile would do; of a dry run, what would happen');

const OUTCOMES = [
  'rotated',
  'adopted',
  'rolled-back',
  'paused',
  'resumed',
  'held',
  'released',
  'revoked',
  'reconciled',
  'abandoned',
  'unmanaged',
] as const;

export const Done = z
  .object({
    ...summary,
    outcome: z.enum(OUTCOMES),
    rotationId: z.string().optional(),
    reason: z.string().optional(),
    breaks: z.array(z.string()).optional().describe('Who used what was revoked without grace'),
    dueAt: Instant.optional().describe('When it is reconciled next'),
    records: z.array(z.object({ type: z.string(), at: Instant, message: z.string() })),
  })
  .describe('What came of it');

export const Deployed = z.object({
  integration: z.string(),
  outcome: z.literal('recorded'),
  token: z.object({ id: TokenId }),
  consumer: z.string(),
  phase: z.literal('deploy'),
  build: z.string().optional(),
  stale: z.literal(true).optional().describe('Another token is current by now: build again'),
  message: z.string(),
});

export const RollBack = z.object({
  integration: z.string(),
  outcome: z.enum(['allowed', 'refused']),
  tokenId: TokenId.optional(),
  status: TokenStatus.optional(),
  message: z.string(),
});
