import { z } from 'zod';
import { restInstant } from './clock.ts';
import { invalidFields, notFound, Refusal } from './errors.ts';
import { emit } from './events.ts';
import { csv, page } from './paging.ts';
import type { Answer, Call, Route } from './router.ts';
import type { ClientToken, Environment } from './state.ts';
import { body, owned, pathId } from './validation.ts';
import type { World } from './world.ts';

const NEVER = Number.POSITIVE_INFINITY;

const name = z.string().min(1).max(150);
const description = z.string().min(1).max(500).nullable();
export const newToken = z.strictObject({ name, description: description.optional() });
export const renamedToken = z.strictObject({ name: name.optional(), description: description.optional() });
const tokenUpdate = z.strictObject({ status: z.enum(['active', 'revoked']) });

export function clientTokenRoutes(world: World): Route[] {
  return [
    { method: 'POST', path: '/client-tokens', permission: 'client_token.write', handle: (call) => create(world, call) },
    { method: 'GET', path: '/client-tokens', permission: 'client_token.read', handle: (call) => list(world, call) },
    {
      method: 'GET',
      path: '/client-tokens/:client_token_id',
      permission: 'client_token.read',
      handle: (call) => ({ status: 200, data: tokenJson(visible(world, call), restInstant) }),
    },
    {
      method: 'PATCH',
      path: '/client-tokens/:client_token_id',
      permission: 'client_token.write',
      handle: (call) => update(world, call),
    },
  ];
}

/** The entity in the given notation of instants. The value is never masked, nor is it at Paddle. */
export function tokenJson(token: ClientToken, instant: (micros: number) => string) {
  return {
    id: token.id,
    token: token.token,
    name: token.name,
    description: token.description,
    status: token.status,
    revoked_at: token.revokedAt === null ? null : instant(token.revokedAt),
    created_at: instant(token.createdAt),
    updated_at: instant(token.updatedAt),
  };
}

export function createToken(world: World, environment: Environment, request: z.infer<typeof newToken>): ClientToken {
  const { state, quirks, clock, ids } = world;
  if (quirks.duplicateNames === 'conflict') {
    const taken = [...state.tokens.values()].some(
      (other) => other.environment === environment && other.status === 'active' && other.name === request.name,
    );
    if (taken) throw new Refusal('conflict', 'An active client-side token has this name.');
  }
  const at = clock.micros();
  const token: ClientToken = {
    id: ids.next('ctkn'),
    environment,
    token: ids.tokenValue(environment),
    name: request.name,
    description: request.description ?? null,
    status: 'active',
    createdAt: at,
    updatedAt: at,
    revokedAt: null,
    listedFrom: clock.now() + quirks.listLagMs,
    revocationListedFrom: NEVER,
    usableFrom: clock.now() + quirks.checkoutActivationLagMs,
    usableUntil: NEVER,
  };
  state.tokens.set(token.id, token);
  announce(world, token, ['client_token.created']);
  return token;
}

/** For good. A revoked token stays as it is. */
export function revokeToken(world: World, token: ClientToken): void {
  if (token.status === 'revoked') return;
  const { clock, quirks } = world;
  token.status = 'revoked';
  token.revokedAt = clock.micros();
  token.updatedAt = token.revokedAt;
  token.revocationListedFrom = clock.now() + quirks.revocationLagMs;
  token.usableUntil = clock.now() + quirks.checkoutRevocationLagMs;
  announce(world, token, ['client_token.updated', 'client_token.revoked']);
}

/** Only the dashboard can: the API takes nothing but a status. */
export function renameToken(world: World, token: ClientToken, change: z.infer<typeof renamedToken>): void {
  if (change.name !== undefined) token.name = change.name;
  if (change.description !== undefined) token.description = change.description;
  token.updatedAt = world.clock.micros();
  announce(world, token, ['client_token.updated']);
}

/** Does the checkout accept this value? A different question from what the API says of its status. */
export function usableToken(world: World, value: string | undefined): ClientToken | undefined {
  const now = world.clock.now();
  for (const token of world.state.tokens.values()) {
    if (token.token === value) return now >= token.usableFrom && now < token.usableUntil ? token : undefined;
  }
  return undefined;
}

function announce(world: World, token: ClientToken, types: readonly string[]): void {
  emit(world, token.environment, types, token.updatedAt, (instant) => tokenJson(token, instant));
}

function create(world: World, call: Call): Answer {
  const token = createToken(world, call.environment, body(call, newToken));
  return { status: 201, data: tokenJson(token, restInstant) };
}

function list(world: World, call: Call): Answer {
  const statuses = csv(call, 'status', (value) => value === 'active' || value === 'revoked') ?? ['active'];
  const now = world.clock.now();
  const items = [...world.state.tokens.values()]
    .filter((token) => token.environment === call.environment && now >= token.listedFrom)
    .map((token) => asListed(token, now))
    .filter((token) => statuses.includes(token.status));
  return page(call, { items, id: (token) => token.id, show: (token) => tokenJson(token, restInstant), prefix: 'ctkn' });
}

/** What a replica that lags behind still believes. */
function asListed(token: ClientToken, now: number): ClientToken {
  return token.status === 'revoked' && now < token.revocationListedFrom
    ? { ...token, status: 'active', revokedAt: null, updatedAt: token.createdAt }
    : token;
}

function visible(world: World, call: Call): ClientToken {
  const token = owned(call, world.state.tokens, pathId(call, 'client_token_id', 'ctkn'));
  if (!world.quirks.lagOnGet) return token;
  const now = world.clock.now();
  if (now < token.listedFrom) throw notFound(token.id);
  return asListed(token, now);
}

function update(world: World, call: Call): Answer {
  const token = owned(call, world.state.tokens, pathId(call, 'client_token_id', 'ctkn'));
  const { status } = body(call, tokenUpdate);
  if (token.status === 'revoked') refuseRevoked(world, status);
  else if (status === 'revoked') revokeToken(world, token);
  return { status: 200, data: tokenJson(token, restInstant) };
}

/** Paddle documents that `active` is refused, not with which code; and nothing at all about `revoked` once more. */
function refuseRevoked(world: World, status: 'active' | 'revoked'): void {
  if (status === 'active' || world.quirks.revokedAgain === 'invalid-field') {
    throw invalidFields([{ field: 'status', message: 'a revoked client-side token cannot be updated' }]);
  }
  if (world.quirks.revokedAgain === 'conflict') {
    throw new Refusal('conflict', 'The client-side token is already revoked.');
  }
}
