import { ask, mint, namesIn, revoke, simulator, stopAll } from './helpers.ts';

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

  test('have no more when the last page is full', async () => {
    const paddle = await simulator();
    for (const name of ['a', 'b', 'c', 'd']) await mint(paddle, name);
    const first = (await ask(paddle, 'GET', '/client-tokens?per_page=2')).json;
    expect(first.meta.pagination.has_more).toBe(true);
    const second = (await ask(paddle, 'GET', first.meta.pagination.next.slice(paddle.url.length))).json;
    expect(second.data.map(({ name }: { name: string }) => name)).toEqual(['b', 'a']);
    expect(second.meta.pagination.has_more).toBe(false);
    expect((await ask(paddle, 'GET', second.meta.pagination.next.slice(paddle.url.length))).json.data).toEqual([]);
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
    const { status, json } = await ask(paddle, 'POST', '/client-tokens', { body: { name: 'x'.repeat(8_000_000) } });
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
