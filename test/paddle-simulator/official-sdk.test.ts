/** Paddle's own SDK, unchanged, against the simulator: the check that the simulator is not our fantasy. */
import { ApiError, type Environment, EventName, LogLevel, Paddle } from '@paddle/paddle-node-sdk';
import type { PaddleSimulator } from '../../local/paddle/simulator.ts';
import { endpoint, simulator, stopAll, TOKEN_EVENTS } from './helpers.ts';

const sdk = (paddle: PaddleSimulator, apiKey = paddle.apiKey) =>
  new Paddle(apiKey, { environment: paddle.url as Environment, logLevel: LogLevel.none });

afterEach(stopAll);

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('client-side tokens', () => {
  test('live through creation, lookup and revocation', async () => {
    const { clientTokens } = sdk(await simulator());
    const created = await clientTokens.create({ name: 'Pricing page', description: 'On /pricing' });
    expect(created).toMatchObject({
      id: expect.stringMatching(/^ctkn_[a-z\d]{26}$/),
      token: expect.stringMatching(/^test_[a-zA-Z\d]{27}$/),
      name: 'Pricing page',
      description: 'On /pricing',
      status: 'active',
      revokedAt: null,
    });
    expect(await clientTokens.get(created.id)).toEqual(created);
    const revoked = await clientTokens.revoke(created.id);
    expect(revoked).toMatchObject({ id: created.id, token: created.token, status: 'revoked' });
    expect(await clientTokens.get(created.id)).toMatchObject({ status: 'revoked', revokedAt: revoked.revokedAt });
  });

  test('are listed through all pages, newest first', async () => {
    const { clientTokens } = sdk(await simulator());
    const names = Array.from({ length: 7 }, (_, index) => `token ${index}`);
    for (const name of names) await clientTokens.create({ name });
    const pages = clientTokens.list({ perPage: 3 });
    expect((await pages.next()).map(({ name }) => name)).toEqual(['token 6', 'token 5', 'token 4']);
    expect(pages).toMatchObject({ hasMore: true, estimatedTotal: 7 });
    const all = await collect(clientTokens.list({ perPage: 3 }));
    expect(all.map(({ name }) => name)).toEqual(names.toReversed());
  });

  test('are listed by status, active ones when nothing is said', async () => {
    const { clientTokens } = sdk(await simulator());
    const kept = await clientTokens.create({ name: 'kept' });
    const ended = await clientTokens.create({ name: 'ended' });
    await clientTokens.revoke(ended.id);
    const ids = async (status?: ('active' | 'revoked')[]) =>
      (await collect(clientTokens.list({ perPage: 1, ...(status ? { status } : {}) }))).map(({ id }) => id);
    expect(await ids()).toEqual([kept.id]);
    expect(await ids(['revoked'])).toEqual([ended.id]);
    expect(await ids(['active', 'revoked'])).toEqual([ended.id, kept.id]);
  });

  test.each([
    ['an unknown id', 'not_found', (p: Paddle) => p.clientTokens.get('ctkn_01ghbkd0frb9k95cnhwd1bxpvk')],
    ['an empty name', 'invalid_field', (p: Paddle) => p.clientTokens.create({ name: '' })],
  ])('refuse %s with an ApiError of code %s', async (_, code, act) => {
    const failure = await act(sdk(await simulator())).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ code, type: 'request_error' });
  });

  test('are not to be brought back', async () => {
    const { clientTokens } = sdk(await simulator());
    const { id } = await clientTokens.create({ name: 'ended' });
    await clientTokens.revoke(id);
    await expect(clientTokens.update(id, { status: 'active' })).rejects.toBeInstanceOf(ApiError);
    expect(await clientTokens.get(id)).toMatchObject({ status: 'revoked' });
  });

  test('are refused with the seconds to wait after too many requests', async () => {
    const paddle = await simulator({ quirks: { rateLimit: { perMinute: 1, lockOutMs: 60_000 } } });
    const { clientTokens } = sdk(paddle);
    await clientTokens.list().next();
    await expect(clientTokens.list().next()).rejects.toMatchObject({ code: 'too_many_requests', retryAfter: 60 });
  });
});

test('notification settings live through creation, change, lists and deletion', async () => {
  const { notificationSettings, eventTypes } = sdk(await simulator());
  const created = await notificationSettings.create({
    type: 'url',
    description: 'Paddlewheel',
    destination: 'https://example.com/hook',
    subscribedEvents: [EventName.ClientTokenRevoked],
  });
  expect(created).toMatchObject({
    active: true,
    apiVersion: 1,
    trafficSource: 'platform',
    endpointSecretKey: expect.stringMatching(/^pdl_ntfset_/),
    subscribedEvents: [{ name: 'client_token.revoked', availableVersions: [1] }],
  });
  const changed = await notificationSettings.update(created.id, { active: false, trafficSource: 'all' });
  expect(changed).toMatchObject({ active: false, trafficSource: 'all', endpointSecretKey: created.endpointSecretKey });
  expect(await notificationSettings.list()).toEqual([changed]);
  expect(await notificationSettings.list({ active: true })).toEqual([]);
  await notificationSettings.delete(created.id);
  await expect(notificationSettings.get(created.id)).rejects.toMatchObject({ code: 'not_found' });
  expect((await eventTypes.list()).map(({ name }) => name)).toEqual(expect.arrayContaining(TOKEN_EVENTS));
});

test('events are told in the order of the changes', async () => {
  const { clientTokens, events } = sdk(await simulator());
  const { id } = await clientTokens.create({ name: 'short-lived' });
  await clientTokens.revoke(id);
  const told = await collect(events.list({ orderBy: 'id[ASC]', perPage: 1 }));
  expect(told.map(({ eventType, data }) => [eventType, (data as { id: string }).id])).toEqual([
    ['client_token.created', id],
    ['client_token.updated', id],
    ['client_token.revoked', id],
  ]);
  const filtered = await collect(events.list({ eventType: [EventName.ClientTokenRevoked] }));
  expect(filtered.map(({ eventId }) => eventId)).toEqual([told[2]?.eventId]);
});

describe('webhooks', () => {
  async function delivered() {
    const paddle = await simulator();
    const api = sdk(paddle);
    const hook = await endpoint();
    const { endpointSecretKey } = await api.notificationSettings.create({
      type: 'url',
      description: 'Paddlewheel',
      destination: hook.url,
      subscribedEvents: [EventName.ClientTokenCreated],
    });
    const token = await api.clientTokens.create({ name: 'Pricing page' });
    await paddle.control.deliveries.idle();
    const { text = '', headers } = hook.received[0] ?? {};
    return { api, token, text, secret: endpointSecretKey, signature: String(headers?.['paddle-signature']) };
  }

  test('are accepted as they come', async () => {
    const { api, token, text, secret, signature } = await delivered();
    const event = await api.webhooks.unmarshal(text, secret, signature);
    expect(event).toMatchObject({ eventType: 'client_token.created', data: { id: token.id, token: token.token } });
  });

  test('are refused when tampered with', async () => {
    const { api, text, secret, signature } = await delivered();
    const tampered = text.replace('Pricing page', 'Pricing pagf');
    expect(tampered).not.toBe(text);
    await expect(api.webhooks.unmarshal(tampered, secret, signature)).rejects.toThrow();
    await expect(api.webhooks.unmarshal(text, `${secret}x`, signature)).rejects.toThrow();
  });
});

test('a simulation is run and its delivery can be looked up', async () => {
  const paddle = await simulator();
  const api = sdk(paddle);
  const hook = await endpoint();
  const { id: notificationSettingId } = await api.notificationSettings.create({
    type: 'url',
    description: 'Simulations',
    destination: hook.url,
    subscribedEvents: [EventName.CustomerCreated],
    trafficSource: 'simulation',
  });
  const simulation = await api.simulations.create({
    notificationSettingId,
    name: 'A customer',
    type: EventName.CustomerCreated,
  });
  const run = await api.simulationRuns.create(simulation.id);
  expect(run.status).toBe('pending');
  await paddle.control.deliveries.idle();
  expect(await api.simulationRuns.get(simulation.id, run.id)).toMatchObject({ status: 'completed' });
  const [event] = await collect(api.simulationRunEvents.list(simulation.id, run.id));
  expect(event).toMatchObject({ status: 'success', response: { statusCode: 200, body: 'thanks' } });
  expect(hook.received[0]?.json).toMatchObject({
    event_id: event?.id,
    notification_id: expect.stringMatching(/^ntfsimntf_/),
  });
});
