import { Refusal } from './errors.ts';
import { permits } from './permissions.ts';
import type { Route } from './router.ts';
import type { ApiKey } from './state.ts';
import type { World } from './world.ts';

export const API_KEY_FORMAT = /^pdl_(live|sdbx)_apikey_[a-z\d]{26}_[a-zA-Z\d]{22}_[a-zA-Z\d]{3}$/;

/**
 * The key behind an `Authorization` header, if it may do what the route does.
 * @throws Refusal 403; Paddle never answers 401 to an API key, and tells the cases apart by `code`
 */
export function authenticate(world: World, header: string | undefined, permission: Route['permission']): ApiKey {
  if (header === undefined || header.trim() === '') {
    throw new Refusal('authentication_missing', 'Authentication header missing.');
  }
  const [, value] = /^bearer +(\S+)$/i.exec(header.trim()) ?? [];
  if (value === undefined || !API_KEY_FORMAT.test(value)) {
    throw new Refusal('authentication_malformed', 'Authentication header included, but incorrectly formatted.');
  }
  const key = world.state.key(value);
  const now = world.clock.now();
  if (!key || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now * 1000)) {
    throw new Refusal('invalid_token', 'Invalid or revoked API key.');
  }
  if (permission !== 'any' && permission !== 'public' && !permits(key.permissions, permission)) {
    throw new Refusal('forbidden', `You are not permitted to perform this request: ${permission} is needed.`);
  }
  key.lastUsedAt = world.clock.micros();
  return key;
}
