/** One refused request, as Paddle words it: HTTP status, `error.code`, and for validation the fields at fault. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: RefusalCode,
    detail: string,
    options: { errors?: readonly FieldError[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.status = STATUS[code];
    this.code = code;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

const STATUS = {
  bad_request: 400,
  invalid_field: 400,
  invalid_json: 400,
  authentication_missing: 403,
  authentication_malformed: 403,
  invalid_token: 403,
  invalid_client_token: 403,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  request_body_too_large: 413,
  too_many_requests: 429,
  internal_error: 500,
  service_unavailable: 503,
  temporarily_unavailable: 540,
  notification_maximum_active_settings_reached: 400,
  notification_setting_cannot_be_duplicate: 409,
  url_notification_setting_incorrect: 400,
  email_notification_setting_incorrect: 400,
  notification_cannot_replay: 400,
  notification_replay_invalid_origin_type: 400,
  notification_simulation_run_notification_settings_conflict: 409,
} as const;
export type RefusalCode = keyof typeof STATUS;

const API_ERRORS: readonly string[] = [
  'too_many_requests',
  'internal_error',
  'service_unavailable',
  'temporarily_unavailable',
];

export const notFound = (id: string) => new Refusal('not_found', `Entity ${id} not found`);

export const invalidFields = (errors: readonly FieldError[]) =>
  new Refusal('invalid_field', 'Request does not pass validation.', { errors });

/** The documented envelope. The documented 429 is the only one without `meta`. */
export function errorBody(refusal: Refusal, requestId: string): Record<string, unknown> {
  const chapter = refusal.code.includes('notification') ? 'notifications' : 'shared';
  return {
    error: {
      type: API_ERRORS.includes(refusal.code) ? 'api_error' : 'request_error',
      code: refusal.code,
      detail: refusal.message,
      documentation_url: `https://developer.paddle.com/errors/${chapter}/${refusal.code}`,
      ...(refusal.errors ? { errors: refusal.errors } : {}),
    },
    ...(refusal.code === 'too_many_requests' ? {} : { meta: { request_id: requestId } }),
  };
}
