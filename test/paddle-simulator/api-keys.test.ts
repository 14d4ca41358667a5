import type { Permission } from '../../local/paddle/simulator.ts';
import { ask, mint, namesIn, revoke, simulator, stopAll } from './helpers.ts';

afterEach(stopAll);

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
