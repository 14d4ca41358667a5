/** The strings, pulled over HTTP, as a person with curl or another process would. */
import { ask, endpoint, mint, namesIn, revoke, simulator, stopAll, subscribe } from './helpers.ts';

afterEach(stopAll);

const pull = (paddle: Awaited<ReturnType<typeof simulator>>, method: string, path: string, body?: unknown) =>
  ask(paddle, method, `/_simulator/${path}`, {
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });

test('the dashboard user creates, renames and revokes without a key', async () => {
  const paddle = await simulator();
  const { json: token } = await pull(paddle, 'POST', 'dashboard/client-tokens', { name: 'by hand' });
  expect(await namesIn(paddle, '/client-tokens')).toEqual(['by hand']);
  await pull(paddle, 'PATCH', `dashboard/client-tokens/${token.id}`, { name: 'renamed' });
  expect(await namesIn(paddle, '/client-tokens')).toEqual(['renamed']);
  expect((await pull(paddle, 'POST', `dashboard/client-tokens/${token.id}/revoke`)).json.status).toBe('revoked');
  expect(await namesIn(paddle, '/client-tokens')).toEqual([]);
});

test('knobs are turned one by one, the others stay', async () => {
  const paddle = await simulator();
  await pull(paddle, 'PATCH', 'quirks', { listLagMs: 60_000 });
  await pull(paddle, 'PATCH', 'quirks', { webhooks: { dropShare: 0.5 } });
  const { json } = await pull(paddle, 'GET', 'quirks');
  expect(json).toMatchObject({ listLagMs: 60_000, webhooks: { dropShare: 0.5, timeoutMs: 5000 } });
  await mint(paddle, 'new');
  expect(await namesIn(paddle, '/client-tokens')).toEqual([]);
});

test('faults are added, listed and cleared', async () => {
  const paddle = await simulator();
  const fault = { method: 'GET', path: '/client-tokens', answer: 'html-502', times: 5 };
  await pull(paddle, 'POST', 'faults', fault);
  expect((await ask(paddle, 'GET', '/client-tokens')).status).toBe(502);
  expect((await pull(paddle, 'GET', 'faults')).json).toMatchObject([{ ...fault, times: 4 }]);
  expect((await pull(paddle, 'DELETE', 'faults')).status).toBe(204);
  expect((await ask(paddle, 'GET', '/client-tokens')).status).toBe(200);
});

test('the clock is set, frozen, advanced and given back', async () => {
  const paddle = await simulator();
  await pull(paddle, 'POST', 'clock', { freeze: true });
  await pull(paddle, 'POST', 'clock', { set: '2030-05-06T07:08:09.000Z' });
  const { json } = await pull(paddle, 'POST', 'clock', { advanceMs: 1000 });
  expect(json).toEqual({ now: '2030-05-06T07:08:10.000Z', frozen: true });
  expect((await mint(paddle, 'then')).created_at).toBe('2030-05-06T07:08:10.000Z');
  expect((await pull(paddle, 'POST', 'clock', { run: true })).json).toMatchObject({ frozen: false });
  expect((await pull(paddle, 'GET', 'clock')).json.now).toMatch(/^2030-05-06T07:08:1/);
  await pull(paddle, 'POST', 'clock', { reset: true });
  expect((await pull(paddle, 'GET', 'clock')).json.now).not.toMatch(/^2030/);
});

test('deliveries are paused and resumed, and the seed is set', async () => {
  const paddle = await simulator();
  const hook = await endpoint();
  await subscribe(paddle, hook.url);
  await pull(paddle, 'POST', 'deliveries/pause');
  await pull(paddle, 'POST', 'seed', { seed: 1 });
  await mint(paddle, 'a');
  expect((await pull(paddle, 'GET', 'state')).json.deliveries[0]).toMatchObject({ status: 'not_attempted' });
  await pull(paddle, 'POST', 'deliveries/resume');
  await paddle.control.deliveries.idle();
  expect((await pull(paddle, 'GET', 'state')).json.deliveries[0]).toMatchObject({
    status: 'delivered',
    attempts: [{ response_code: 200 }],
  });
});

test('keys are created with chosen permissions, and revoked', async () => {
  const paddle = await simulator();
  const { json } = await pull(paddle, 'POST', 'api-keys', { environment: 'live', permissions: ['client_token.read'] });
  const headers = { Authorization: `Bearer ${json.key}` };
  expect((await ask(paddle, 'GET', '/client-tokens', { headers })).status).toBe(200);
  expect((await ask(paddle, 'GET', '/events', { headers })).json.error.code).toBe('forbidden');
  await pull(paddle, 'POST', `api-keys/${json.id}/revoke`);
  expect((await ask(paddle, 'GET', '/client-tokens', { headers })).json.error.code).toBe('invalid_token');
});

test('a secret is rotated in a chosen order', async () => {
  const paddle = await simulator();
  const { id, endpoint_secret_key } = await subscribe(paddle, 'https://example.com/hook');
  await pull(paddle, 'POST', `notification-settings/${id}/rotate-secret`, { order: 'old-first' });
  expect((await pull(paddle, 'GET', 'state')).json.destinations).toMatchObject([{ id, rotating_secret: true }]);
  await pull(paddle, 'POST', `notification-settings/${id}/finish-secret-rotation`);
  expect((await pull(paddle, 'GET', 'state')).json.destinations).toMatchObject([{ id, rotating_secret: false }]);
  const { data } = (await ask(paddle, 'GET', `/notification-settings/${id}`)).json;
  expect(data.endpoint_secret_key).not.toBe(endpoint_secret_key);
});

test('the state has tokens, events, deliveries and requests, and no secrets', async () => {
  const paddle = await simulator();
  const hook = await endpoint();
  const { id, endpoint_secret_key } = await subscribe(paddle, hook.url);
  const token = await mint(paddle, 'a');
  await revoke(paddle, token.id);
  await paddle.control.deliveries.idle();
  const { json, text } = await pull(paddle, 'GET', 'state');
  expect(json.tokens).toMatchObject([{ id: token.id, environment: 'sandbox', status: 'revoked' }]);
  expect(json.events.map((event: { type: string; entity_id: string }) => [event.type, event.entity_id])).toEqual([
    ['client_token.created', token.id],
    ['client_token.updated', token.id],
    ['client_token.revoked', token.id],
  ]);
  expect(json.deliveries).toHaveLength(3);
  expect(json.deliveries[0]).toMatchObject({ notification_setting_id: id, attempts: [{ response_code: 200 }] });
  expect(json.requests).toMatchObject([
    { method: 'POST', path: '/notification-settings', status: 201 },
    { method: 'POST', path: '/client-tokens', status: 201 },
    { method: 'PATCH', path: `/client-tokens/${token.id}`, status: 200 },
  ]);
  expect(text).not.toContain(paddle.apiKey);
  expect(text).not.toContain(endpoint_secret_key);
});

test('a reset forgets everything but the keys, and turns the knobs back to the start', async () => {
  const paddle = await simulator({ quirks: { eventsLagMs: 7 } });
  await subscribe(paddle, 'https://example.com/hook');
  await mint(paddle, 'a');
  await pull(paddle, 'PATCH', 'quirks', { eventsLagMs: 1, listLagMs: 1 });
  await pull(paddle, 'POST', 'faults', { answer: 'drop' });
  await pull(paddle, 'POST', 'clock', { set: '2030-01-01T00:00:00.000Z' });
  expect((await pull(paddle, 'POST', 'reset')).status).toBe(204);
  const state = (await pull(paddle, 'GET', 'state')).json;
  expect(state).toMatchObject({ tokens: [], destinations: [], events: [], deliveries: [], requests: [], faults: [] });
  expect(state.quirks).toMatchObject({ eventsLagMs: 7, listLagMs: 0 });
  expect(state.now).not.toMatch(/^2030/);
  expect((await ask(paddle, 'GET', '/client-tokens')).status).toBe(200);
});

test('a reset in the middle of a delivery breaks it off', async () => {
  const paddle = await simulator();
  const hook = await endpoint();
  hook.answerWith('hang');
  await subscribe(paddle, hook.url);
  await mint(paddle, 'a');
  while (hook.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  paddle.control.reset();
  await paddle.control.deliveries.idle();
  expect(paddle.control.state().deliveries).toEqual([]);
});

describe('is refused', () => {
  test.each<[title: string, method: string, path: string, body: unknown, status: number]>([
    ['an unknown knob', 'PATCH', 'quirks', { chaos: true }, 400],
    ['a share above 1', 'PATCH', 'quirks', { webhooks: { dropShare: 1.5 } }, 400],
    ['an unknown fault', 'POST', 'faults', { answer: 'shrug' }, 400],
    ['a time that is none', 'POST', 'clock', { set: 'soon' }, 400],
    ['an empty time', 'POST', 'clock', { set: '' }, 400],
    ['a token without a name', 'POST', 'dashboard/client-tokens', { name: '' }, 400],
    ['a key in another format', 'POST', 'api-keys', { key: 'secret' }, 400],
    ['an unknown token', 'POST', 'dashboard/client-tokens/ctkn_none/revoke', undefined, 404],
    ['an unknown string', 'POST', 'self-destruct', undefined, 404],
    ['another method', 'DELETE', 'state', undefined, 405],
  ])('%s', async (_, method, path, body, status) => {
    const reply = await pull(await simulator(), method, path, body);
    expect([reply.status, typeof reply.json.message]).toEqual([status, 'string']);
  });

  test('a page of another origin', async () => {
    const paddle = await simulator();
    await mint(paddle, 'kept');
    const reply = await ask(paddle, 'POST', '/_simulator/reset', { headers: { Origin: 'https://evil.example' } });
    expect(reply.status).toBe(403);
    expect(await namesIn(paddle, '/client-tokens')).toEqual(['kept']);
  });
});
