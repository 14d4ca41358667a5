/** The strings that a test or a developer pulls: everything that no Paddle customer can do to Paddle. */
import { type ApiKeyRequest, apiKeyJson, type CreatedApiKey, createApiKey } from './api-keys.ts';
import { createToken, newToken, renamedToken, renameToken, revokeToken, tokenJson } from './client-tokens.ts';
import { restInstant } from './clock.ts';
import type { Fault, FaultRequest } from './faults.ts';
import { seededRandom } from './ids.ts';
import { changeQuirks, DEFAULT_QUIRKS, type Quirks, type QuirksChange } from './quirks.ts';
import type { ClientToken, Destination, Environment, Notification, SignatureOrder } from './state.ts';
import type { World } from './world.ts';

export type Control = ReturnType<typeof createControl>;
export type SimulatorState = ReturnType<typeof describeState>;
export type ClientTokenJson = ReturnType<typeof tokenJson>;

export interface DashboardToken {
  readonly name: string;
  readonly description?: string | null;
  /** Absent: the simulator's own. */
  readonly environment?: Environment;
}

/** @param initial the knobs that a reset returns to */
export function createControl(world: World, initial: QuirksChange | undefined) {
  const startQuirks = () => changeQuirks(DEFAULT_QUIRKS, initial ?? {});
  world.quirks = startQuirks();
  return {
    /** What there is, what was delivered and what was asked. Without API keys and endpoint secrets. */
    state: () => describeState(world),
    /** Forgets everything but the API keys, and turns every knob back. */
    reset(): void {
      world.deliveries.reset();
      world.state.clear();
      world.others.clear();
      world.faults.clear();
      world.limits.clear();
      world.clock.reset();
      world.quirks = startQuirks();
    },
    get quirks(): Quirks {
      return world.quirks;
    },
    /** @throws z.ZodError */
    setQuirks(change: QuirksChange): Quirks {
      world.quirks = changeQuirks(world.quirks, change);
      world.deliveries.pump();
      return world.quirks;
    },
    /** From here on the shares fall as this seed has it. */
    reseed(seed: number): void {
      world.chance = seededRandom(seed);
    },
    faults: {
      /** @throws z.ZodError */
      add: (fault: FaultRequest): Fault => world.faults.add(fault),
      list: (): Fault[] => world.faults.list(),
      clear: (): void => world.faults.clear(),
    },
    clock: world.clock,
    dashboard: dashboard(world),
    apiKeys: {
      create: (request: ApiKeyRequest): CreatedApiKey => createApiKey(world, request),
      revoke(id: string): void {
        const key = known(
          world.state.keys.find((each) => each.id === id),
          id,
        );
        key.revokedAt ??= world.clock.micros();
      },
    },
    secrets: {
      /** Gives the destination a new secret; until `finish`, deliveries bear the signatures of both. */
      rotate(destinationId: string, order: SignatureOrder): void {
        const destination = known(world.state.destinations.get(destinationId), destinationId);
        destination.rotation = { previousSecret: destination.secret, order };
        destination.secret = world.ids.endpointSecret();
      },
      finish(destinationId: string): void {
        known(world.state.destinations.get(destinationId), destinationId).rotation = null;
      },
    },
    deliveries: {
      pause: (): void => setPaused(world, true),
      resume: (): void => setPaused(world, false),
      /** Resolves when nothing is under way or waiting; rejects after `withinMs` of real time (10 s). */
      idle: (withinMs?: number): Promise<void> => world.deliveries.idle(withinMs),
    },
  };
}

/** Somebody with a mouse: no API key, no API. */
function dashboard(world: World) {
  const token = (id: string): ClientToken => known(world.state.tokens.get(id), id);
  return {
    /** @throws z.ZodError */
    create({ environment, ...request }: DashboardToken): ClientTokenJson {
      return tokenJson(createToken(world, environment ?? world.environment, newToken.parse(request)), restInstant);
    },
    revoke(id: string): ClientTokenJson {
      revokeToken(world, token(id));
      return tokenJson(token(id), restInstant);
    },
    /** @throws z.ZodError */
    rename(id: string, change: { name?: string; description?: string | null }): ClientTokenJson {
      renameToken(world, token(id), renamedToken.parse(change));
      return tokenJson(token(id), restInstant);
    },
  };
}

function setPaused(world: World, paused: boolean): void {
  world.quirks = changeQuirks(world.quirks, { webhooks: { paused } });
  world.deliveries.pump();
}

export class UnknownIdError extends Error {
  override readonly name = 'UnknownIdError';
}

function known<T>(entity: T | undefined, id: string): T {
  if (entity === undefined) throw new UnknownIdError(`there is no ${id}`);
  return entity;
}

/** What a key of another account has done there. */
const describeOther = ({ state }: World) => ({
  tokens: [...state.tokens.values()].map((token) => tokenJson(token, restInstant)),
  destinations: [...state.destinations.values()].map(describeDestination),
});

function describeState(world: World) {
  const { state, clock, quirks } = world;
  return {
    now: new Date(clock.now()).toISOString(),
    tokens: [...state.tokens.values()].map((token) => ({
      environment: token.environment,
      ...tokenJson(token, restInstant),
    })),
    destinations: [...state.destinations.values()].map(describeDestination),
    others: Object.fromEntries([...world.others].map(([name, other]) => [name, describeOther(other)])),
    events: state.events.map((event) => ({
      id: event.id,
      environment: event.environment,
      type: event.type,
      occurred_at: restInstant(event.occurredAt),
      entity_id: (event.restData as { id?: string }).id ?? null,
    })),
    deliveries: [
      ...state.notifications.values(),
      ...[...state.simulations.values()].flatMap((simulation) => simulation.runs.map((run) => run.notification)),
    ].map(describeDelivery),
    requests: state.requests.map(({ at, ...entry }) => ({ at: new Date(at).toISOString(), ...entry })),
    api_keys: state.keys.map((key) => apiKeyJson(key, clock.now())),
    faults: world.faults.list(),
    quirks,
  };
}

function describeDestination({ secret: _, rotation, ...destination }: Destination) {
  return { ...destination, rotating_secret: rotation !== null };
}

function describeDelivery(notification: Notification) {
  return {
    id: notification.id,
    event_id: notification.event.id,
    event_type: notification.event.type,
    notification_setting_id: notification.destinationId,
    origin: notification.origin,
    status: notification.status,
    lost: notification.lost,
    attempts: notification.attempts.map((attempt) => ({
      at: restInstant(attempt.at),
      response_code: attempt.responseCode,
      duplicate: attempt.duplicate,
    })),
  };
}
