/** The answers have the fields that Paddle documents as required. */
import type { PaddleSimulator } from '../../local/paddle/simulator.ts';
import * as documented from './documented-shapes.ts';
import { missing, type Shape } from './documented-shapes.ts';
import { ask, type Endpoint, endpoint, type Json, mint, revoke, simulator, stopAll, subscribe } from './helpers.ts';

let paddle: PaddleSimulator;
let hook: Endpoint;
let ids: Record<string, string>;

beforeAll(async () => {
  paddle = await simulator();
  hook = await endpoint();
  const destination = await subscribe(paddle, hook.url, { traffic_source: 'all' });
  const token = await mint(paddle, 'Pricing page');
  await revoke(paddle, (await mint(paddle, 'Old page')).id);
  await paddle.control.deliveries.idle();
  const [notification] = (await ask(paddle, 'GET', '/notifications')).json.data;
  ids = {
    token: token.id,
    setting: destination.id,
    notification: notification.id,
    key: `apikey_${paddle.apiKey.split('_')[3]}`,
  };
});
afterAll(stopAll);

const filled = (path: string) => path.replace(/:(\w+)/, (_, name: string) => ids[name] ?? '');

test.each<[path: string, shape: Shape]>([
  ['/client-tokens/:token', documented.clientToken],
  ['/notification-settings/:setting', documented.notificationSetting],
  ['/notifications/:notification', documented.notification],
  ['/api-keys/:key', documented.apiKey],
])('GET %s answers one whole entity', async (path, shape) => {
  const { status, json, headers } = await ask(paddle, 'GET', filled(path));
  expect(status).toBe(200);
  expect(missing(json.data, shape)).toEqual([]);
  expect(missing(json.meta, documented.meta)).toEqual([]);
  expect(headers.get('request-id')).toBe(json.meta.request_id);
});

test.each<[path: string, shape: Shape, meta: Shape]>([
  ['/client-tokens?status=active,revoked', documented.clientToken, documented.pagedMeta],
  ['/notification-settings', documented.notificationSetting, documented.pagedMeta],
  ['/events', documented.event, documented.pagedMeta],
  ['/notifications', documented.notification, documented.pagedMeta],
  ['/notifications/:notification/logs', documented.notificationLog, documented.pagedMeta],
  ['/event-types', documented.eventType, documented.meta],
])('GET %s answers whole entities', async (path, shape, meta) => {
  const { status, json } = await ask(paddle, 'GET', filled(path));
  expect(status).toBe(200);
  expect(json.data.length).toBeGreaterThan(0);
  expect(json.data.flatMap((item: Json) => missing(item, shape))).toEqual([]);
  expect(missing(json.meta, meta)).toEqual([]);
});

test('creations answer 201 with the whole entity', async () => {
  const token = await ask(paddle, 'POST', '/client-tokens', { body: { name: 'Another page', description: null } });
  expect([token.status, missing(token.json.data, documented.clientToken)]).toEqual([201, []]);
  const setting = await ask(paddle, 'POST', '/notification-settings', {
    body: { type: 'email', description: 'Us', destination: 'us@example.com', subscribed_events: ['payout.paid'] },
  });
  expect([setting.status, missing(setting.json.data, documented.notificationSetting)]).toEqual([201, []]);
});

test('webhooks have the whole entity, with six digits after the second', () => {
  expect(hook.received.length).toBeGreaterThan(0);
  expect(hook.received.flatMap(({ json }) => missing(json, documented.webhook))).toEqual([]);
});

test('errors have the documented envelope', async () => {
  const { status, json } = await ask(paddle, 'POST', '/client-tokens', { body: { name: '' } });
  expect(status).toBe(400);
  expect(missing(json.error, documented.error)).toEqual([]);
  expect(missing(json.meta, documented.meta)).toEqual([]);
  expect(json.error.errors).toEqual([{ field: 'name', message: expect.any(String) }]);
});

test('GET /ips needs no key and has an Etag', async () => {
  const { json, headers } = await ask(paddle, 'GET', '/ips', { headers: {} });
  expect(json.data.ipv4_cidrs).toContain('34.194.127.46/32');
  expect(headers.get('etag')).toMatch(/^W\/"/);
});
