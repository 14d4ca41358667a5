/**
 * What Paddle's published OpenAPI and reference pages call required, per entity, in our own words:
 * field -> what its value must satisfy.
 */
export type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const text = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const id = (prefix: string) => text(new RegExp(`^${prefix}_[a-z\\d]{26}$`));
const oneOf =
  (...values: unknown[]) =>
  (value: unknown) =>
    values.includes(value);
const orNull = (check: (value: unknown) => boolean) => (value: unknown) => value === null || check(value);
const length = (min: number, max: number) => (value: unknown) =>
  typeof value === 'string' && value.length >= min && value.length <= max;
const object = (value: unknown) => typeof value === 'object' && value !== null;
const listOf = (shape: Shape) => (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every((item) => missing(item, shape).length === 0);
const bool = (value: unknown) => typeof value === 'boolean';
const whole = (value: unknown) => Number.isInteger(value);
const restInstant = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const webhookInstant = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
const within = (shape: Shape) => (value: unknown) => missing(value, shape).length === 0;

/** The fields that are absent, or are not what they must be. */
export function missing(value: unknown, shape: Shape): string[] {
  const fields = (object(value) ? value : {}) as Record<string, unknown>;
  return Object.entries(shape).flatMap(([field, check]) => (field in fields && check(fields[field]) ? [] : [field]));
}

const clientTokenWith = (instant: (value: unknown) => boolean): Shape => ({
  id: id('ctkn'),
  token: text(/^(test|live)_[a-zA-Z0-9]{27}$/),
  name: length(1, 150),
  description: orNull(length(1, 500)),
  status: oneOf('active', 'revoked'),
  revoked_at: orNull(instant),
  created_at: instant,
  updated_at: instant,
});

export const clientToken = clientTokenWith(restInstant);

export const eventType: Shape = {
  name: text(/^[a-z_]+\.[a-z_]+$/),
  description: length(1, 500),
  group: length(1, 100),
  available_versions: (value) => Array.isArray(value) && value.every(whole),
};

export const notificationSetting: Shape = {
  id: id('ntfset'),
  description: length(1, 500),
  type: oneOf('url', 'email'),
  destination: length(1, 2048),
  active: bool,
  api_version: whole,
  include_sensitive_fields: bool,
  subscribed_events: listOf(eventType),
  endpoint_secret_key: text(/^pdl_ntfset_/),
  traffic_source: oneOf('platform', 'simulation', 'all'),
};

export const event: Shape = {
  event_id: id('evt'),
  event_type: text(/^[a-z_]+\.[a-z_]+$/),
  occurred_at: restInstant,
  data: object,
};

export const webhook: Shape = {
  event_id: id('evt'),
  event_type: oneOf('client_token.created', 'client_token.updated', 'client_token.revoked'),
  occurred_at: webhookInstant,
  notification_id: id('ntf'),
  data: within(clientTokenWith(webhookInstant)),
};

export const notification: Shape = {
  id: id('ntf'),
  type: text(/^[a-z_]+\.[a-z_]+$/),
  status: oneOf('not_attempted', 'needs_retry', 'delivered', 'failed'),
  payload: within(webhook),
  occurred_at: webhookInstant,
  delivered_at: orNull(restInstant),
  replayed_at: orNull(restInstant),
  origin: oneOf('event', 'replay'),
  last_attempt_at: orNull(restInstant),
  retry_at: orNull(restInstant),
  times_attempted: whole,
  notification_setting_id: id('ntfset'),
};

export const notificationLog: Shape = {
  id: id('ntflog'),
  response_code: whole,
  response_content_type: orNull(length(1, 200)),
  response_body: length(0, 1024),
  attempted_at: restInstant,
};

export const apiKey: Shape = {
  id: id('apikey'),
  name: length(1, 150),
  key: text(/^[a-z\d_]*\*{4}$/),
  status: oneOf('active', 'expired', 'revoked'),
  permissions: Array.isArray,
  expires_at: orNull(restInstant),
  created_at: restInstant,
  updated_at: restInstant,
};

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

export const meta: Shape = { request_id: text(UUID) };

export const pagedMeta: Shape = {
  ...meta,
  pagination: within({
    per_page: whole,
    next: (value) => typeof value === 'string' && URL.canParse(value),
    has_more: bool,
    estimated_total: whole,
  }),
};

export const error: Shape = {
  type: oneOf('request_error', 'api_error'),
  code: text(/^[a-z_]+$/),
  detail: length(1, 500),
  documentation_url: text(/^https:\/\/developer\.paddle\.com\/errors\//),
};
