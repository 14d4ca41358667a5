/**
 * What Paddle wraps around every event, in a webhook and in its list of events alike. Only what a key is made of is required;
 * unknown properties are allowed, so that Paddle may add some.
 * @see https://developer.paddle.com/webhooks/about/how-webhooks-work
 */
import { redact } from '../domain/mask.ts';
import { utcInstant } from '../domain/paddle-instant.ts';

export interface Envelope {
  /** `evt_…`, and `ntfsimevt_…` for simulations. */
  readonly event_id: string;
  readonly event_type: string;
  /** In UTC; Paddle writes three or six digits of a second. */
  readonly occurred_at: string;
  /** Differs per destination and per replay; items of `GET /events` have none. */
  readonly notification_id?: string;
  /** An object, in all that Paddle documents. */
  readonly data?: unknown;
}

export type ReadEvent = { readonly event: Envelope } | { readonly faults: readonly string[] };

/** It becomes part of a key, hence the plain characters and the bound. */
const PLAIN_ID = /^[A-Za-z0-9_-]{1,128}$/;
const PLAIN_TYPE = /^[A-Za-z0-9_.-]{1,128}$/;

const harmless = (pattern: RegExp, value: unknown): value is string =>
  typeof value === 'string' && pattern.test(value) && redact(value) === value;

export const plainId = (value: unknown): string | undefined => (harmless(PLAIN_ID, value) ? value : undefined);
export const plainType = (value: unknown): string | undefined => (harmless(PLAIN_TYPE, value) ? value : undefined);

/** @returns the event with its instant in UTC, or the names of the properties that cannot be read */
export function readEvent(value: unknown): ReadEvent {
  const fields = propertiesOf(value);
  if (!fields) return { faults: ['event'] };
  const event_id = plainId(fields.event_id);
  const event_type = plainType(fields.event_type);
  const occurred_at = utcInstant(fields.occurred_at);
  if (event_id === undefined || event_type === undefined || occurred_at === undefined) {
    const faults = Object.entries({ event_id, event_type, occurred_at }).filter(([, read]) => read === undefined);
    return { faults: faults.map(([name]) => name) };
  }
  const notification_id = plainId(fields.notification_id);
  return { event: { event_id, event_type, occurred_at, notification_id, data: fields.data } };
}

/** `undefined` for everything but an object: a list, a text, a number, nothing. */
export const propertiesOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
