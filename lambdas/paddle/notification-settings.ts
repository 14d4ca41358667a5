/**
 * Paddle's notification destinations and simulations of one account, under the rules of every other call. Facts of the API:
 * https://developer.paddle.com/api-reference/notification-settings and https://developer.paddle.com/webhooks/test-webhooks
 */
import * as z from 'zod/mini';
import type { PaddleClient } from './client.ts';
import { plainId, plainType, propertiesOf } from './envelope.ts';
import { entitySchema, metaOnlySchema } from './types.ts';

/** What the audit trail is about: the tokens, and the keys that can make and end them. */
export const AUDITED_EVENTS: readonly string[] = [
  'client_token.created',
  'client_token.updated',
  'client_token.revoked',
  'api_key.created',
  'api_key.updated',
  'api_key.expiring',
  'api_key.expired',
  'api_key.revoked',
  'api_key_exposure.created',
  'api_key_rotation.created',
  'api_key_rotation.updated',
];

export type TrafficSource = 'platform' | 'simulation' | 'all';

/** A destination as Paddle answers it, with its secret, which every answer holds in full. */
export interface Destination {
  readonly id: string;
  readonly url: string;
  readonly active: boolean;
  readonly events: readonly string[];
  readonly apiVersion: number;
  readonly trafficSource: string;
  /** Never for logs. */
  readonly secret: string;
}

export interface DestinationSettings {
  readonly url: string;
  readonly active: boolean;
  readonly events: readonly string[];
  readonly apiVersion: number;
  readonly trafficSource: TrafficSource;
}

/** What became of a simulated event, as far as Paddle knows. */
export interface SimulatedEvent {
  /** `ntfsimevt_…` */
  readonly id: string;
  readonly status: string;
  /** HTTP status of the destination's answer; absent while there is none. */
  readonly answered?: number;
}

/** Every method ends within a bounded time, in a value or an `EffectError`. */
export interface NotificationSettings {
  /** All of them, active or not, destinations of other systems included. */
  list(): Promise<readonly Destination[]>;
  /** Paddle refuses a second one with the same address and settings, so a repeated call makes no twin. */
  create(settings: DestinationSettings & { description: string }): Promise<Destination>;
  change(id: string, settings: Partial<DestinationSettings>): Promise<Destination>;
  /** Sends one simulated event to the destination. @returns how to ask for what became of it */
  simulate(destinationId: string, type: string): Promise<{ simulationId: string; runId: string }>;
  simulated(run: { simulationId: string; runId: string }): Promise<readonly SimulatedEvent[]>;
}

const READ = 'notification_setting.read';
const WRITE = 'notification_setting.write';
const SIMULATE = 'notification_simulation.write';

const destination = z.object({
  id: z.string().check(z.regex(/^ntfset_[a-z\d]{1,64}$/)),
  destination: z.string(),
  active: z.boolean(),
  api_version: z.number(),
  traffic_source: z.string(),
  /** Each a whole event type; of one that is something else there is nothing to compare. */
  subscribed_events: z.array(z.unknown()),
  // Paddle's documented pattern does not hold for its own examples: whatever it signs with is right.
  endpoint_secret_key: z.string().check(z.refine((secret) => secret.trim() !== '', 'empty')),
});
const identified = entitySchema(z.object({ id: z.string().check(z.regex(/^[a-z]+_[a-z\d]{1,64}$/)) }));
const simulatedEvent = z.object({
  id: z.string(),
  status: z.string(),
  response: z.optional(z.nullable(z.object({ status_code: z.optional(z.nullable(z.number())) }))),
});

/** @param onUnreadable told once of each destination at a web address that cannot be read as one; it is left out */
export function createNotificationSettings(
  { request, pages }: Pick<PaddleClient, 'request' | 'pages'>,
  onUnreadable: (id: string | undefined, faults: readonly string[]) => void = () => {},
): NotificationSettings {
  const one = entitySchema(destination);
  const reported = new Set<string | undefined>();
  const report = (item: unknown, faults: readonly string[]) => {
    const fields = propertiesOf(item);
    const id = plainId(fields?.id);
    // Of destinations of other kinds, such as e-mail addresses, nothing is needed.
    if (fields?.type === 'email' || reported.has(id)) return;
    reported.add(id);
    onUnreadable(id, faults);
  };
  return {
    async list() {
      const found: Destination[] = [];
      const path = '/notification-settings?per_page=200&order_by=id[ASC]';
      const intent = 'list notification destinations';
      const list = pages({ path, entity: destination, intent, permission: READ, onUnreadable: report });
      for await (const page of list) found.push(...page.map(ours));
      return found;
    },

    async create({ description, ...settings }) {
      // New ones are active; Paddle takes no wish about it.
      const { active: _, ...body } = toPaddle(settings);
      const { data } = await request({
        method: 'POST',
        path: '/notification-settings',
        body: { ...body, description, type: 'url' },
        schema: one,
        intent: 'create a notification destination',
        permission: WRITE,
      });
      return ours(data);
    },

    async change(id, settings) {
      const intent = `change the notification destination ${id}`;
      const path = `/notification-settings/${id}`;
      const body = toPaddle(settings);
      const { data } = await request({ method: 'PATCH', path, body, schema: one, intent, permission: WRITE });
      return ours(data);
    },

    async simulate(destinationId, type) {
      const intent = 'simulate an event';
      const call = async (path: string, body: object) =>
        (await request({ method: 'POST', path, body, schema: identified, intent, permission: SIMULATE })).data.id;
      const name = 'Paddlewheel: does the webhook arrive?';
      const simulationId = await call('/simulations', { notification_setting_id: destinationId, type, name });
      return { simulationId, runId: await call(`/simulations/${simulationId}/runs`, {}) };
    },

    async simulated({ simulationId, runId }) {
      const path = `/simulations/${simulationId}/runs/${runId}/events`;
      const schema = z.object({ data: z.array(simulatedEvent), ...metaOnlySchema.shape });
      const intent = 'read what became of a simulated event';
      const { data } = await request({ method: 'GET', path, schema, intent, permission: SIMULATE });
      return data.map(({ id, status, response }) => ({ id, status, answered: response?.status_code ?? undefined }));
    },
  };
}

const ours = (data: z.infer<typeof destination>): Destination => ({
  id: data.id,
  url: data.destination,
  active: data.active,
  events: data.subscribed_events.flatMap((type) => plainType(propertiesOf(type)?.name ?? type) ?? []),
  apiVersion: data.api_version,
  trafficSource: data.traffic_source,
  secret: data.endpoint_secret_key,
});

const toPaddle = ({ url, active, events, apiVersion, trafficSource }: Partial<DestinationSettings>) => ({
  destination: url,
  active,
  subscribed_events: events,
  api_version: apiVersion,
  traffic_source: trafficSource,
});
