import { restInstant, webhookInstant } from './clock.ts';
import { isEventType } from './event-types.ts';
import { csv, page } from './paging.ts';
import type { Call, Route } from './router.ts';
import type { Environment, PaddleEvent } from './state.ts';
import type { World } from './world.ts';

export const RETENTION_MS = 90 * 86_400_000;

export function eventRoutes(world: World): Route[] {
  return [{ method: 'GET', path: '/events', permission: 'notification.read', handle: (call) => list(world, call) }];
}

/**
 * Stores the events of one change and hands them to the deliveries.
 * @param data the changed entity, in the given notation of instants; a snapshot is taken at once
 */
export function emit(
  world: World,
  environment: Environment,
  types: readonly string[],
  occurredAt: number,
  data: (instant: (micros: number) => string) => unknown,
): void {
  const events: PaddleEvent[] = types.map((type) => ({
    id: world.ids.next('evt'),
    environment,
    type,
    occurredAt,
    restData: data(restInstant),
    webhookData: data(webhookInstant),
    listedFrom: world.clock.now() + world.quirks.eventsLagMs,
  }));
  world.state.events.push(...events);
  for (const event of world.quirks.webhooks.revokedBeforeUpdated ? events.toReversed() : events) {
    world.deliveries.notify(event);
  }
}

export function retained(world: World, micros: number): boolean {
  return micros / 1000 > world.clock.now() - RETENTION_MS;
}

function list(world: World, call: Call) {
  const types = csv(call, 'event_type', isEventType);
  const now = world.clock.now();
  const items = world.state.events.filter(
    (event) =>
      event.environment === call.environment &&
      now >= event.listedFrom &&
      retained(world, event.occurredAt) &&
      (types === undefined || types.includes(event.type)),
  );
  return page(call, { items, id: (event) => event.id, show: eventJson, prefix: 'evt' });
}

/** No `notification_id`: that belongs to a delivery. */
function eventJson(event: PaddleEvent) {
  return {
    event_id: event.id,
    event_type: event.type,
    occurred_at: restInstant(event.occurredAt),
    data: event.restData,
  };
}
