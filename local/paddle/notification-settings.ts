import { z } from 'zod';
import { invalidFields, Refusal } from './errors.ts';
import { EVENT_TYPES, eventTypesNamed, isEventType } from './event-types.ts';
import { page } from './paging.ts';
import type { Answer, Call, Route } from './router.ts';
import type { Destination } from './state.ts';
import { body, owned, pathId } from './validation.ts';
import type { World } from './world.ts';

const MAX_ACTIVE = 10;
const TRAFFIC_SOURCES = ['platform', 'simulation', 'all'] as const;

const fields = {
  description: z.string().min(1).max(500),
  destination: z.string().min(1).max(2048),
  api_version: z.number().int().min(1),
  include_sensitive_fields: z.boolean(),
  traffic_source: z.enum(TRAFFIC_SOURCES),
  subscribed_events: z.array(z.string().refine(isEventType, 'is not an event type')).min(1),
};
const creation = z.strictObject({
  description: fields.description,
  type: z.enum(['url', 'email']),
  destination: fields.destination,
  subscribed_events: fields.subscribed_events,
  api_version: fields.api_version.nullish(),
  include_sensitive_fields: fields.include_sensitive_fields.nullish(),
  traffic_source: fields.traffic_source.nullish(),
});
const change = z.strictObject({ ...fields, active: z.boolean() }).partial();

export function notificationSettingRoutes(world: World): Route[] {
  const path = '/notification-settings';
  const one = `${path}/:notification_setting_id`;
  const read = 'notification_setting.read';
  const write = 'notification_setting.write';
  return [
    { method: 'POST', path, permission: write, handle: (call) => create(world, call) },
    { method: 'GET', path, permission: read, handle: (call) => list(world, call) },
    { method: 'GET', path: one, permission: read, handle: (call) => ({ status: 200, data: show(find(world, call)) }) },
    { method: 'PATCH', path: one, permission: write, handle: (call) => update(world, call) },
    { method: 'DELETE', path: one, permission: write, handle: (call) => remove(world, call) },
    {
      method: 'GET',
      path: '/event-types',
      permission: 'any',
      handle: () => ({ status: 200, data: EVENT_TYPES }),
    },
  ];
}

/** The secret is returned in full every time: an answer that was lost can be read again. */
function show(destination: Destination) {
  const { environment: _, secret, rotation: __, subscribed_events, ...rest } = destination;
  return { ...rest, subscribed_events: eventTypesNamed(subscribed_events), endpoint_secret_key: secret };
}

function find(world: World, call: Call): Destination {
  return owned(call, world.state.destinations, pathId(call, 'notification_setting_id', 'ntfset'));
}

function create(world: World, call: Call): Answer {
  const request = body(call, creation);
  const destination: Destination = {
    id: world.ids.next('ntfset'),
    environment: call.environment,
    description: request.description,
    type: request.type,
    destination: request.destination,
    active: true,
    api_version: request.api_version ?? 1,
    include_sensitive_fields: request.include_sensitive_fields ?? false,
    traffic_source: request.traffic_source ?? 'platform',
    subscribed_events: request.subscribed_events,
    secret: world.ids.endpointSecret(),
    rotation: null,
  };
  checkAgainstOthers(world, destination);
  world.state.destinations.set(destination.id, destination);
  return { status: 201, data: show(destination) };
}

function list(world: World, call: Call): Answer {
  const active = call.query.get('active');
  const source = call.query.get('traffic_source');
  if (active !== null && active !== 'true' && active !== 'false') {
    throw invalidFields([{ field: 'active', message: 'must be true or false' }]);
  }
  const items = [...world.state.destinations.values()].filter(
    (each) =>
      each.environment === call.environment &&
      (active === null || each.active === (active === 'true')) &&
      (source === null || each.traffic_source === source),
  );
  return page(call, { items, id: (each) => each.id, show, prefix: 'ntfset', perPage: 200 });
}

function update(world: World, call: Call): Answer {
  const destination = find(world, call);
  const next = { ...destination, ...body(call, change) };
  checkAgainstOthers(world, next);
  Object.assign(destination, next);
  world.deliveries.pump();
  return { status: 200, data: show(destination) };
}

function remove(world: World, call: Call): Answer {
  const { id } = find(world, call);
  world.state.destinations.delete(id);
  // Its logs go with it.
  for (const notification of world.state.notifications.values()) {
    if (notification.destinationId === id) world.state.notifications.delete(notification.id);
  }
  world.deliveries.pump();
  return { status: 204 };
}

function checkAgainstOthers(world: World, destination: Destination): void {
  checkAddress(destination, world.quirks.requireHttps);
  const others = [...world.state.destinations.values()].filter(
    (other) => other.environment === destination.environment && other.id !== destination.id,
  );
  if (others.some((other) => sameConfiguration(other, destination))) {
    throw new Refusal(
      'notification_setting_cannot_be_duplicate',
      'A notification setting with this destination and configuration exists.',
    );
  }
  if (destination.active && others.filter((other) => other.active).length >= MAX_ACTIVE) {
    throw new Refusal(
      'notification_maximum_active_settings_reached',
      `There are ${MAX_ACTIVE} active notification settings, which is the maximum.`,
    );
  }
}

function checkAddress({ type, destination }: Destination, requireHttps: boolean): void {
  if (type === 'email') {
    if (/^[^\s@]+@[^\s@]+$/.test(destination)) return;
    throw new Refusal('email_notification_setting_incorrect', 'The destination must be an email address.');
  }
  const protocol = URL.canParse(destination) ? new URL(destination).protocol : '';
  if (protocol === 'https:' || (protocol === 'http:' && !requireHttps)) return;
  throw new Refusal('url_notification_setting_incorrect', 'The destination must be a URL.');
}

function sameConfiguration(a: Destination, b: Destination): boolean {
  const configuration = (each: Destination) =>
    JSON.stringify([
      each.type,
      each.destination,
      each.api_version,
      each.include_sensitive_fields,
      each.traffic_source,
      each.subscribed_events.toSorted(),
    ]);
  return configuration(a) === configuration(b);
}
