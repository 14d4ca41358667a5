import { API_KEY_FORMAT } from './auth.ts';
import { restInstant } from './clock.ts';
import { notFound, Refusal } from './errors.ts';
import { PERMISSIONS, type Permission, permits } from './permissions.ts';
import type { Answer, Call, Route } from './router.ts';
import type { ApiKey, Environment } from './state.ts';
import { pathId } from './validation.ts';
import type { World } from './world.ts';

export interface ApiKeyRequest {
  /** Absent: made up. Its environment is in its prefix. */
  readonly key?: string;
  /** Absent: that of the key, else the simulator's own. */
  readonly environment?: Environment;
  /** Absent: all of them. */
  readonly permissions?: readonly Permission[];
  readonly name?: string;
  /** Of another Paddle account, by whatever name: none of the simulator's own tokens are there. */
  readonly account?: string;
  /** Epoch milliseconds; absent: never. */
  readonly expiresAt?: number;
}

export interface CreatedApiKey {
  readonly id: string;
  readonly key: string;
  readonly environment: Environment;
}

/**
 * What a dashboard user does: keys are created there only.
 * @throws RangeError for a key that is not in Paddle's format, or of another environment than it says
 */
export function createApiKey(
  world: Pick<World, 'ids' | 'clock' | 'state' | 'environment'>,
  request: ApiKeyRequest,
): CreatedApiKey {
  const environment = environmentOf(request, world.environment);
  const id = request.key === undefined ? world.ids.next('apikey') : `apikey_${request.key.split('_')[3]}`;
  const key = request.key ?? world.ids.apiKey(environment, id);
  if (world.state.keys.some((other) => other.id === id)) throw new RangeError('this API key exists already');
  world.state.addKey(key, {
    id,
    ...(request.account === undefined ? {} : { account: request.account }),
    environment,
    name: request.name ?? 'Simulated key',
    obfuscated: `${key.slice(0, 26)}****`,
    permissions: request.permissions ?? PERMISSIONS,
    expiresAt: request.expiresAt === undefined ? null : request.expiresAt * 1000,
    createdAt: world.clock.micros(),
    revokedAt: null,
    lastUsedAt: null,
  });
  return { id, key, environment };
}

function environmentOf(request: ApiKeyRequest, byDefault: Environment): Environment {
  if (request.key === undefined) return request.environment ?? byDefault;
  const [, prefix] = API_KEY_FORMAT.exec(request.key) ?? [];
  if (!prefix) throw new RangeError('an API key must look like pdl_sdbx_apikey_… or pdl_live_apikey_…, 69 characters');
  const environment = prefix === 'live' ? 'live' : 'sandbox';
  if (request.environment !== undefined && request.environment !== environment) {
    throw new RangeError(`the API key is not one of ${request.environment}`);
  }
  return environment;
}

export function apiKeyRoutes(world: World): Route[] {
  return [{ method: 'GET', path: '/api-keys/:api_key_id', permission: 'any', handle: (call) => get(world, call) }];
}

/** A key may always read itself. */
function get(world: World, call: Call): Answer {
  const id = pathId(call, 'api_key_id', 'apikey');
  if (call.key?.id !== id && !permits(call.key?.permissions ?? [], 'api_key.read')) {
    throw new Refusal('forbidden', 'You are not permitted to perform this request: api_key.read is needed.');
  }
  const key = world.state.keys.find((each) => each.id === id && each.environment === call.environment);
  if (!key) throw notFound(id);
  return { status: 200, data: apiKeyJson(key, world.clock.now()) };
}

export function apiKeyJson(key: ApiKey, nowMs: number) {
  const orNull = (micros: number | null) => (micros === null ? null : restInstant(micros));
  const expired = key.expiresAt !== null && key.expiresAt <= nowMs * 1000;
  return {
    id: key.id,
    name: key.name,
    description: null,
    key: key.obfuscated,
    status: key.revokedAt !== null ? 'revoked' : expired ? 'expired' : 'active',
    permissions: key.permissions,
    rotatable: false,
    exposed_at: null,
    expires_at: orNull(key.expiresAt),
    last_used_at: orNull(key.lastUsedAt),
    created_at: restInstant(key.createdAt),
    updated_at: restInstant(key.revokedAt ?? key.createdAt),
  };
}
