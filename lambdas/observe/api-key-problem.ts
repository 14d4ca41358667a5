/** Does a webhook tell of a problem with an API key, and is it ours? Pure. */

const DAY = 24 * 60 * 60 * 1_000;
/** Paddle's id of the key stands in `id`, or, where the event is about a find in public, in `api_key_id`. */
const PROBLEMS: Readonly<Record<string, string>> = {
  'api_key.expiring': 'expires soon',
  'api_key.expired': 'has expired',
  'api_key.revoked': 'was revoked',
  'api_key_exposure.created': 'was found in public',
};

export interface KeyProblem {
  readonly keyId: string | undefined;
  /** Stable code. `api-key-unknown`: which key is ours is not known yet, and silence would be worse than a false alarm. */
  readonly reason: 'our-api-key' | 'other-api-key' | 'api-key-unknown';
  readonly message: string;
  /** Whole days from the event until the key ends, rounded down; absent when the event does not say. */
  readonly daysLeft?: number;
}

/**
 * @param data the event's `data`, as Paddle sent it
 * @param ours id of the key that the account uses; absent before its first use, and for a legacy key
 * @returns `undefined` for every other type of event
 */
export function keyProblemOf(
  { type, at, data }: { type: string; at: string; data: Readonly<Record<string, unknown>> },
  ours: string | undefined,
): KeyProblem | undefined {
  const what = Object.hasOwn(PROBLEMS, type) ? PROBLEMS[type] : undefined;
  if (what === undefined) return undefined;
  const id = type === 'api_key_exposure.created' ? data.api_key_id : data.id;
  const keyId = typeof id === 'string' && /^apikey_[a-z\d]{1,64}$/.test(id) ? id : undefined;
  const end = typeof data.expires_at === 'string' ? Date.parse(data.expires_at) : Number.NaN;
  const daysLeft = Number.isNaN(end) ? undefined : Math.floor((end - Date.parse(at)) / DAY);
  const unknown = ours === undefined || keyId === undefined;
  const reason = unknown ? 'api-key-unknown' : keyId === ours ? 'our-api-key' : 'other-api-key';
  const left = type === 'api_key.expiring' && daysLeft !== undefined ? `: ${daysLeft} day(s) are left` : '';
  const message = `The API key ${keyId ?? 'that the event does not name'} ${what}${left}.`;
  return { keyId, reason, message, daysLeft };
}

export const isAboutKeys = (type: unknown): boolean => typeof type === 'string' && Object.hasOwn(PROBLEMS, type);
