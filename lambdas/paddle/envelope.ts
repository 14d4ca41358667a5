/** What Paddle wraps around every event. Unknown properties are allowed, so that Paddle may add some. */
import * as z from 'zod/mini';

const Envelope = z.object({
  // `evt_…`, and `ntfsimevt_…` for simulations. It becomes part of a key, hence the plain characters and the bound.
  event_id: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,128}$/)),
  event_type: z.string().check(z.regex(/^[A-Za-z0-9_.-]{1,128}$/)),
  // RFC 3339 in UTC; Paddle writes three or six digits of a second.
  occurred_at: z.string().check(
    z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/),
    z.refine((at) => !Number.isNaN(Date.parse(at))),
  ),
  // Differs per destination and per replay; items of `GET /events` have none.
  notification_id: z.optional(z.string().check(z.maxLength(128))),
  data: z.record(z.string(), z.unknown()),
});

export type Envelope = z.infer<typeof Envelope>;

/**
 * @param text the body, already verified
 * @returns `undefined` when it is no JSON or no event
 * @see https://developer.paddle.com/webhooks/about/how-webhooks-work
 */
export function parseEnvelope(text: string): Envelope | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  return Envelope.safeParse(body).data;
}
