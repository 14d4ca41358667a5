/** The knobs: what Paddle does to its callers now and then, and how much of it. */
import { z } from 'zod';

const duration = z
  .number()
  .int()
  .min(0)
  .max(366 * 86_400_000);
const share = z.number().min(0).max(1);

const webhookQuirks = z.strictObject({
  /** Nothing is attempted; everything waits. */
  paused: z.boolean(),
  /** Every attempt fails as if nobody listened at the destination. */
  unreachable: z.boolean(),
  /** Share of notifications that are never sent. */
  dropShare: share,
  /** Share of accepted notifications that are sent once more. */
  duplicateShare: share,
  /** Before its first attempt a notification waits a random time from `minDelayMs` to `maxDelayMs`: this shuffles. */
  minDelayMs: duration,
  maxDelayMs: duration,
  revokedBeforeUpdated: z.boolean(),
  /** Attempts under way at the same time. 1: in order, as long as nothing is delayed or retried. */
  concurrency: z.number().int().min(1).max(64),
  timeoutMs: z.number().int().min(1).max(60_000),
  /** Distance to the first retry, and its growth from each to the next. Paddle: about 60 s and 1.1. */
  retryFirstMs: duration,
  retryFactor: z.number().min(1).max(10),
  /** `null`: as documented, 60 attempts live and 3 in sandbox. */
  maxAttempts: z.number().int().min(1).max(60).nullable(),
  /** Whose time `ts` is: the verifier lives in the machine's time, whatever the simulator's clock was set to. */
  signatureTime: z.enum(['machine', 'simulator']),
  /** Added to `ts`. */
  signatureSkewSeconds: z.number().int().min(-1_000_000_000).max(1_000_000_000),
});

const quirks = z.strictObject({
  /** Per address; `null`: no limit. Whoever exceeds it is locked out for `lockOutMs`. */
  rateLimit: z.strictObject({ perMinute: z.number().int().min(1).max(1_000_000), lockOutMs: duration }).nullable(),
  /** A new token appears in lists only after this time. */
  listLagMs: duration,
  /** `GET /client-tokens/{id}` lags as well. */
  lagOnGet: z.boolean(),
  /** A revoked token is listed as active for this time. */
  revocationLagMs: duration,
  /** An event appears in `GET /events` only after this time. */
  eventsLagMs: duration,
  /** The checkout takes a new token, and refuses a revoked one, only after these times. */
  checkoutActivationLagMs: duration,
  checkoutRevocationLagMs: duration,
  /** `PATCH {status: revoked}` on a revoked token: 200 without effect, 400, or 409. Paddle does not document which. */
  revokedAgain: z.enum(['no-op', 'invalid-field', 'conflict']),
  /** `POST` with a name that an active token has. Paddle does not document that it refuses. */
  duplicateNames: z.enum(['allowed', 'conflict']),
  /** Real destinations must be https. */
  requireHttps: z.boolean(),
  /** What `GET /ips` answers; `null`: the documented addresses. Deliveries come from this machine either way. */
  ips: z.array(z.string().min(1)).max(100).nullable(),
  webhooks: webhookQuirks,
});

export type Quirks = z.infer<typeof quirks>;

const quirksChange = quirks.partial().extend({ webhooks: webhookQuirks.partial().optional() });
/** Any part of the knobs; what is left out stays. */
export type QuirksChange = z.input<typeof quirksChange>;

export const DEFAULT_QUIRKS: Quirks = {
  rateLimit: { perMinute: 240, lockOutMs: 60_000 },
  listLagMs: 0,
  lagOnGet: false,
  revocationLagMs: 0,
  eventsLagMs: 0,
  checkoutActivationLagMs: 0,
  checkoutRevocationLagMs: 0,
  revokedAgain: 'no-op',
  duplicateNames: 'allowed',
  requireHttps: false,
  ips: null,
  webhooks: {
    paused: false,
    unreachable: false,
    dropShare: 0,
    duplicateShare: 0,
    minDelayMs: 0,
    maxDelayMs: 0,
    revokedBeforeUpdated: false,
    concurrency: 1,
    timeoutMs: 5000,
    retryFirstMs: 1000,
    retryFactor: 1.1,
    maxAttempts: null,
    signatureTime: 'machine',
    signatureSkewSeconds: 0,
  },
};

/**
 * @throws z.ZodError on an unknown knob or a value out of bounds
 */
export function changeQuirks(current: Quirks, change: unknown): Quirks {
  const { webhooks, ...rest } = quirksChange.parse(change);
  const next = { ...current, ...rest, webhooks: { ...current.webhooks, ...webhooks } };
  // A range the wrong way round is widened to a point rather than refused: one of its ends was just set.
  next.webhooks.maxDelayMs = Math.max(next.webhooks.minDelayMs, next.webhooks.maxDelayMs);
  return next;
}
