import type { Permission } from '../../local/paddle/simulator.ts';
import { ask, endpoint, mint, namesIn, revoke, simulator, stopAll, subscribe } from './helpers.ts';

afterEach(stopAll);

describe('lists', () => {
  test('say where to go on, filters and all, even when there is no more', async () => {
    const paddle = await simulator();
    const first = await mint(paddle, 'a');
    const { json } = await ask(paddle, 'GET', '/client-tokens?status=active,revoked&per_page=5&order_by=id[ASC]');
    const { pagination } = json.meta;
    expect(pagination).toMatchObject({ per_page: 5, has_more: false, estimated_total: 1 });
    const next = new URL(pagination.next);
    expect(next.origin).toBe(paddle.url);
    expect(Object.fromEntries(next.searchParams)).toEqual({
      status: 'active,revoked',
      per_page: '5',
      order_by: 'id[ASC]',
      after: first.id,
    });
  });

  test('cut 500 per page down to 200, and have 50 when nothing is said', async () => {
    const paddle = await simulator();
    for (let index = 0; index < 201; index += 1) paddle.control.dashboard.create({ name: `t${index}` });
    const sizes = async (path: string) => {
      const { json } = await ask(paddle, 'GET', path);
      return [json.data.length, json.meta.pagination.per_page, json.meta.pagination.has_more];
    };
    expect(await sizes('/client-tokens?per_page=500')).toEqual([200, 200, true]);
    expect(await sizes('/client-tokens')).toEqual([50, 50, true]);
  });

  test('do not count when asked not to', async () => {
    const paddle = await simulator();
    const headers = { Authorization: `Bearer ${paddle.apiKey}`, 'Skip-Count': 'true' };
    const { json } = await ask(paddle, 'GET', '/client-tokens', { headers });
    expect(json.meta.pagination.estimated_total).toBe(-1);
  });

  test('ids sort as text in the order of creation, within one millisecond too', async () => {
    const paddle = await simulator();
    paddle.control.clock.freeze();
    const ids = Array.from({ length: 50 }, (_, index) => paddle.control.dashboard.create({ name: `${index}` }).id);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(50);
  });

  test.each([
    ['per_page=0', 'per_page'],
    ['per_page=many', 'per_page'],
    ['order_by=name[ASC]', 'order_by'],
    ['status=archived', 'status'],
    ['after=evt_1', 'after'],
  ])('refuse %s', async (query, field) => {
    const { status, json } = await ask(await simulator(), 'GET', `/client-tokens?${query}`);
    expect([status, json.error.code, json.error.errors[0].field]).toEqual([400, 'invalid_field', field]);
  });
});

describe('what is wrong is refused, and changes nothing', () => {
  test.each<[title: string, body: unknown, code: string]>([
    ['no name', {}, 'invalid_field'],
    ['a name of 151 characters', { name: 'x'.repeat(151) }, 'invalid_field'],
    ['an empty description', { name: 'x', description: '' }, 'invalid_field'],
    ['an unknown field', { name: 'x', status: 'active' }, 'invalid_field'],
    ['no JSON', '{"name":', 'invalid_json'],
    ['no body', undefined, 'bad_request'],
  ])('a creation with %s', async (_, body, code) => {
    const paddle = await simulator();
    const { status, json } = await ask(paddle, 'POST', '/client-tokens', { body });
    expect([status, json.error.code]).toEqual([400, code]);
    expect(paddle.control.state().tokens).toEqual([]);
  });

  test('a body that is not declared as JSON', async () => {
    const paddle = await simulator();
    const { status, json } = await ask(paddle, 'POST', '/client-tokens', {
      body: '{"name":"x"}',
      headers: { Authorization: `Bearer ${paddle.apiKey}`, 'Content-Type': 'text/plain' },
    });
    expect([status, json.error.code]).toEqual([400, 'bad_request']);
  });

  test('a body of more than a megabyte', async () => {
    const paddle = await simulator();
    const { status, json } = await ask(paddle, 'POST', '/client-tokens', { body: { name: 'x'.repeat(1_000_001) } });
    expect([status, json.error.code]).toEqual([413, 'request_body_too_large']);
  });

  test.each([
    ['GET', '/client-tokens/ctkn_01ghbkd0frb9k95cnhwd1bxpvk', 404, 'not_found'],
    ['GET', '/client-tokens/42', 400, 'bad_request'],
    ['DELETE', '/client-tokens/ctkn_01ghbkd0frb9k95cnhwd1bxpvk', 405, 'method_not_allowed'],
    ['GET', '/nothing-here', 404, 'not_found'],
  ])('%s %s', async (method, path, status, code) => {
    const reply = await ask(await simulator(), method, path);
    expect([reply.status, reply.json.error.code]).toEqual([status, code]);
  });
});

describe('revocation', () => {
  test('is for good', async () => {
    const paddle = await simulator();
    const { id } = await mint(paddle, 'ended');
    expect((await revoke(paddle, id)).json.data).toMatchObject({ id, status: 'revoked' });
    const back = await ask(paddle, 'PATCH', `/client-tokens/${id}`, { body: { status: 'active' } });
    expect(back.status).toBe(400);
    expect((await ask(paddle, 'GET', `/client-tokens/${id}`)).json.data.status).toBe('revoked');
  });

  test.each([
    ['no-op', 200],
    ['invalid-field', 400],
    ['conflict', 409],
  ] as const)('once more is %s', async (revokedAgain, status) => {
    const paddle = await simulator({ quirks: { revokedAgain } });
    const { id } = await mint(paddle, 'ended');
    const first = await revoke(paddle, id);
    expect((await revoke(paddle, id)).status).toBe(status);
    expect((await ask(paddle, 'GET', `/client-tokens/${id}`)).json.data).toEqual(first.json.data);
    const revocations = paddle.control.state().events.filter(({ type }) => type === 'client_token.revoked');
    expect(revocations).toHaveLength(1);
  });

  test('takes no other field, and needs one', async () => {
    const paddle = await simulator();
    const { id } = await mint(paddle, 'kept');
    for (const body of [{ status: 'revoked', name: 'x' }, {}, { status: 'paused' }]) {
      expect((await ask(paddle, 'PATCH', `/client-tokens/${id}`, { body })).status).toBe(400);
    }
    expect((await ask(paddle, 'GET', `/client-tokens/${id}`)).json.data).toMatchObject({
      status: 'active',
      name: 'kept',
    });
  });
});

test('two tokens may have one name, unless the knob says otherwise', async () => {
  const paddle = await simulator();
  await mint(paddle, 'twin');
  await mint(paddle, 'twin');
  expect(await namesIn(paddle, '/client-tokens')).toEqual(['twin', 'twin']);
  paddle.control.setQuirks({ duplicateNames: 'conflict' });
  const third = await ask(paddle, 'POST', '/client-tokens', { body: { name: 'twin' } });
  expect([third.status, third.json.error.code]).toEqual([409, 'conflict']);
});

describe('API keys', () => {
  const permissions: Permission[] = ['notification.read'];

  test.each([
    ['no header', 'authentication_missing', () => ({})],
    ['no bearer', 'authentication_malformed', (key: string) => ({ Authorization: key })],
    ['something else than a key', 'authentication_malformed', () => ({ Authorization: 'Bearer x' })],
    [
      'a key of somebody else',
      'invalid_token',
      () => ({ Authorization: `Bearer pdl_sdbx_apikey_01ghbkd0frb9k95cnhwd1bxpvk_${'x'.repeat(22)}_yyy` }),
    ],
  ])('%s is 403 %s', async (_, code, headers) => {
    const paddle = await simulator();
    const { status, json } = await ask(paddle, 'GET', '/client-tokens', { headers: headers(paddle.apiKey) });
    expect([status, json.error.code]).toEqual([403, code]);
  });

  test('the scheme may be in any case', async () => {
    const paddle = await simulator();
    const { status } = await ask(paddle, 'GET', '/client-tokens', {
      headers: { Authorization: `bEARER ${paddle.apiKey}` },
    });
    expect(status).toBe(200);
  });

  test('a missing permission is 403 forbidden; any key may ask for event types and for itself', async () => {
    const paddle = await simulator({ apiKeys: [{ permissions }] });
    expect((await ask(paddle, 'GET', '/client-tokens')).json.error.code).toBe('forbidden');
    expect((await ask(paddle, 'GET', '/event-types')).status).toBe(200);
    const self = await ask(paddle, 'GET', `/api-keys/apikey_${paddle.apiKey.split('_')[3]}`);
    expect(self.json.data).toMatchObject({ permissions, status: 'active' });
    expect(self.text).not.toContain(paddle.apiKey);
    const other = paddle.control.apiKeys.create({});
    expect((await ask(paddle, 'GET', `/api-keys/${other.id}`)).json.error.code).toBe('forbidden');
  });

  test('write includes read', async () => {
    const paddle = await simulator({ apiKeys: [{ permissions: ['client_token.write'] }] });
    expect((await ask(paddle, 'GET', '/client-tokens')).status).toBe(200);
    const readOnly = await simulator({ apiKeys: [{ permissions: ['client_token.read'] }] });
    const refused = await ask(readOnly, 'POST', '/client-tokens', { body: { name: 'x' } });
    expect(refused.json.error.code).toBe('forbidden');
  });

  test('a revoked key and an expired one are 403 invalid_token', async () => {
    const paddle = await simulator();
    const { clock, apiKeys } = paddle.control;
    const short = apiKeys.create({ expiresAt: clock.now() + 60_000 });
    const list = async (key: string) =>
      (await ask(paddle, 'GET', '/client-tokens', { headers: { Authorization: `Bearer ${key}` } })).json.error?.code;
    expect(await list(short.key)).toBeUndefined();
    clock.advance(60_000);
    expect(await list(short.key)).toBe('invalid_token');
    const other = apiKeys.create({});
    apiKeys.revoke(other.id);
    expect(await list(other.key)).toBe('invalid_token');
  });

  test('sees its own environment only', async () => {
    const paddle = await simulator();
    const live = paddle.control.apiKeys.create({ environment: 'live' });
    expect(live.key).toMatch(/^pdl_live_apikey_[a-z\d]{26}_[a-zA-Z\d]{22}_[a-zA-Z\d]{3}$/);
    expect(paddle.apiKey).toMatch(/^pdl_sdbx_apikey_[a-z\d]{26}_[a-zA-Z\d]{22}_[a-zA-Z\d]{3}$/);
    expect(paddle.apiKey).toHaveLength(69);
    const headers = { Authorization: `Bearer ${live.key}`, 'Content-Type': 'application/json' };
    const liveToken = (await ask(paddle, 'POST', '/client-tokens', { body: { name: 'live' }, headers })).json.data;
    expect(liveToken.token).toMatch(/^live_/);
    await mint(paddle, 'sandbox');
    expect(await namesIn(paddle, '/client-tokens')).toEqual(['sandbox']);
    expect((await ask(paddle, 'GET', `/client-tokens/${liveToken.id}`)).status).toBe(404);
    expect((await revoke(paddle, liveToken.id)).status).toBe(404);
  });
});

describe('notification settings', () => {
  test('are at most ten active ones', async () => {
    const paddle = await simulator();
    const hook = await endpoint();
    const settings = [];
    for (let index = 0; index < 10; index += 1) settings.push(await subscribe(paddle, `${hook.url}/${index}`));
    await expect(subscribe(paddle, `${hook.url}/10`)).rejects.toThrow('notification_maximum_active_settings_reached');
    await ask(paddle, 'PATCH', `/notification-settings/${settings[0].id}`, { body: { active: false } });
    await subscribe(paddle, `${hook.url}/10`);
    const again = await ask(paddle, 'PATCH', `/notification-settings/${settings[0].id}`, { body: { active: true } });
    expect(again.json.error.code).toBe('notification_maximum_active_settings_reached');
  });

  test('are not made twice', async () => {
    const paddle = await simulator();
    await subscribe(paddle, 'https://example.com/hook');
    const twin = await ask(paddle, 'POST', '/notification-settings', {
      body: {
        type: 'url',
        description: 'Another description',
        destination: 'https://example.com/hook',
        subscribed_events: ['client_token.revoked', 'client_token.updated', 'client_token.created'],
      },
    });
    expect([twin.status, twin.json.error.code]).toEqual([409, 'notification_setting_cannot_be_duplicate']);
    await subscribe(paddle, 'https://example.com/hook', { subscribed_events: ['payout.paid'] });
  });

  test('keep their secret, and show it each time', async () => {
    const paddle = await simulator();
    const { id, endpoint_secret_key } = await subscribe(paddle, 'https://example.com/hook');
    await ask(paddle, 'PATCH', `/notification-settings/${id}`, { body: { description: 'New' } });
    const { data } = (await ask(paddle, 'GET', `/notification-settings/${id}`)).json;
    expect(data).toMatchObject({ endpoint_secret_key, description: 'New' });
  });

  test.each([
    ['ftp://example.com', false, 'url_notification_setting_incorrect'],
    ['nowhere', false, 'url_notification_setting_incorrect'],
    ['http://127.0.0.1:1/hook', true, 'url_notification_setting_incorrect'],
  ])('refuse %s (https required: %s)', async (destination, requireHttps, code) => {
    const paddle = await simulator({ quirks: { requireHttps } });
    await expect(subscribe(paddle, destination)).rejects.toThrow(code);
  });

  test('refuse an event type that does not exist', async () => {
    const paddle = await simulator();
    await expect(subscribe(paddle, 'https://example.com', { subscribed_events: ['token.gone'] })).rejects.toThrow(
      'invalid_field',
    );
  });
});
