import { restInstant, webhookInstant } from './clock.ts';
import { invalidFields, notFound, Refusal } from './errors.ts';
import { retained } from './events.ts';
import { csv, page } from './paging.ts';
import type { Answer, Call, Route } from './router.ts';
import type { Attempt, Notification } from './state.ts';
import { owned, pathId } from './validation.ts';
import type { World } from './world.ts';

const STATUSES: readonly string[] = ['not_attempted', 'needs_retry', 'delivered', 'failed'];

export function notificationRoutes(world: World): Route[] {
  const one = '/notifications/:notification_id';
  const read = 'notification.read';
  return [
    { method: 'GET', path: '/notifications', permission: read, handle: (call) => list(world, call) },
    {
      method: 'GET',
      path: one,
      permission: read,
      handle: (call) => ({ status: 200, data: notificationJson(find(world, call)) }),
    },
    { method: 'GET', path: `${one}/logs`, permission: read, handle: (call) => logs(world, call) },
    { method: 'POST', path: `${one}/replay`, permission: 'notification.write', handle: (call) => replay(world, call) },
  ];
}

function find(world: World, call: Call): Notification {
  const notification = owned(call, world.state.notifications, pathId(call, 'notification_id', 'ntf'));
  if (!retained(world, notification.createdAt)) throw notFound(notification.id);
  return notification;
}

function list(world: World, call: Call): Answer {
  const statuses = csv(call, 'status', (value) => STATUSES.includes(value));
  const destinations = csv(call, 'notification_setting_id');
  const search = call.query.get('search');
  const from = instant(call, 'from', Number.NEGATIVE_INFINITY);
  const to = instant(call, 'to', Number.POSITIVE_INFINITY);
  const items = [...world.state.notifications.values()].filter(
    (each) =>
      each.environment === call.environment &&
      retained(world, each.createdAt) &&
      (!statuses || statuses.includes(each.status)) &&
      (!destinations || destinations.includes(each.destinationId)) &&
      (search === null || each.id.includes(search) || each.event.type.includes(search)) &&
      each.createdAt / 1000 >= from &&
      each.createdAt / 1000 <= to,
  );
  return page(call, { items, id: (each) => each.id, show: notificationJson, prefix: 'ntf' });
}

/** @returns epoch milliseconds */
function instant(call: Call, name: string, absent: number): number {
  const text = call.query.get(name);
  if (text === null) return absent;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalidFields([{ field: name, message: 'must be an RFC 3339 datetime' }]);
  return ms;
}

function logs(world: World, call: Call): Answer {
  const { attempts } = find(world, call);
  return page(call, { items: attempts, id: (each) => each.id, show: logJson, prefix: 'ntflog' });
}

function logJson(attempt: Attempt) {
  return {
    id: attempt.id,
    response_code: attempt.responseCode,
    response_content_type: attempt.responseContentType,
    response_body: attempt.responseBody,
    attempted_at: restInstant(attempt.at),
  };
}

function replay(world: World, call: Call): Answer {
  const notification = find(world, call);
  if (notification.origin !== 'event') {
    throw new Refusal('notification_replay_invalid_origin_type', 'Only notifications of events can be replayed.');
  }
  if (notification.status !== 'delivered' && notification.status !== 'failed') {
    throw new Refusal('notification_cannot_replay', 'Only delivered or failed notifications can be replayed.');
  }
  const copy = world.deliveries.replay(notification);
  if (!copy) throw notFound(notification.destinationId);
  return { status: 202, data: { notification_id: copy.id } };
}

function notificationJson(notification: Notification) {
  const last = notification.attempts.at(-1);
  const orNull = (micros: number | null | undefined) => (micros == null ? null : restInstant(micros));
  return {
    id: notification.id,
    type: notification.event.type,
    status: notification.status,
    payload: JSON.parse(notification.body),
    occurred_at: webhookInstant(notification.event.occurredAt),
    delivered_at: orNull(notification.deliveredAt),
    replayed_at: orNull(notification.replayedAt),
    origin: notification.origin,
    last_attempt_at: orNull(last?.at),
    retry_at: notification.status === 'needs_retry' ? orNull((notification.dueAt ?? 0) * 1000) : null,
    times_attempted: notification.attempts.filter((attempt) => !attempt.duplicate).length,
    notification_setting_id: notification.destinationId,
  };
}
