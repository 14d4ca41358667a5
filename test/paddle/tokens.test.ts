import type { Reply } from '../fakes/scripted-http.ts';
import {
  answered,
  caught,
  closeAll,
  ending,
  entity,
  HTML,
  ID,
  KEY,
  openPaddle,
  page,
  refused,
  revoked,
  tokenId,
  wholeText,
} from './setup.ts';

afterEach(closeAll);

const NAME = 'pricing-page · 01K';
const DEAD: Record<string, [Reply, string]> = {
  'a server that hangs up after reading': ['reset-after-read', 'ECONNRESET'],
  'a server that hangs up before reading': ['reset-unread', 'ECONNRESET'],
  'a server that never answers': ['stall', 'timeout'],
  'half an answer, then nothing': [{ half: 'stall', status: 200 }, 'unreadable_answer'],
  'half an answer, then a reset': [{ half: 'reset', status: 200 }, 'unreadable_answer'],
  'an empty 201': [{ status: 201 }, 'unreadable_answer'],
  'HTML under a 200': [{ status: 200, body: '<html>' }, 'unreadable_answer'],
  'JSON that is not the entity': [answered({ id: ID }), 'unreadable_answer'],
  'an HTML 502': [HTML, 'http_502'],
  'an envelope with 500': [refused(500, 'internal_error'), 'internal_error'],
  'a conflict': [refused(409, 'conflict'), 'conflict'],
};

describe('create', () => {
  test('posts the name once, with the headers that Paddle asks for', async () => {
    const { server, client } = await openPaddle();
    server.replies(answered(entity({ name: NAME, surprise: { new: true } }), 201));
    const token = await client.create({ name: NAME, description: 'By Paddlewheel' });
    expect(token).toEqual({
      id: ID,
      token: 'test_7d279f61a3499fed520f7cd8c08',
      name: NAME,
      status: 'active',
      createdAt: '2026-11-22T05:59:00.123Z',
      requestId: expect.any(String),
    });
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]).toMatchObject({ method: 'POST', path: '/client-tokens' });
    expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual({ name: NAME, description: 'By Paddlewheel' });
    expect(server.asked[0]?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'paddle-version': '1',
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^paddlewheel\/\d/),
    });
  });

  test.each(Object.entries(DEAD))('is in doubt, and not repeated, after %s', async (_, [reply, code]) => {
    const { server, client } = await openPaddle({ callTimeoutMs: 1_000 });
    server.replies(reply);
    expect(await ending(client.create({ name: NAME }))).toBe(`AmbiguousError ${code}`);
    expect(server.asked.length).toBeLessThanOrEqual(1);
    expect(server.connections).toBe(1);
  });

  test('certainly did not happen when nothing listens', async () => {
    const { server, client } = await openPaddle();
    await server.close();
    expect(await ending(client.create({ name: NAME }))).toBe('TransientError ECONNREFUSED');
  });

  test('certainly did not happen when the host has no address', async () => {
    const { client } = await openPaddle({ apiUrl: 'http://paddle.invalid' });
    expect(await ending(client.create({ name: NAME }))).toMatch(/^TransientError E(NOTFOUND|AI_AGAIN)$/);
  });

  test('certainly did not happen when TLS was never agreed upon', async () => {
    const { server, client } = await openPaddle();
    const tls = await openPaddle({ apiUrl: server.url.replace('http:', 'https:') });
    expect((await caught(tls.client.create({ name: NAME }))).name).toBe('TransientError');
    expect(server.asked).toEqual([]);
    client.close();
  });

  const VIOLATIONS: Record<string, [Record<string, unknown>, string]> = {
    'a token of the other environment': [{ token: 'live_7d279f61a3499fed520f7cd8c08' }, 'token_environment_mismatch'],
    'another kind of id': [{ id: 'pri_01kaaaaaaaaaaaaaaaaaaaaaaa' }, 'token_id_malformed'],
    'another name': [{ name: 'pricing-page' }, 'token_name_mismatch'],
    'a value that would break a page': [{ token: 'test_"><script>alert(1)</script>' }, 'token_malformed'],
  };
  test.each(Object.entries(VIOLATIONS))(
    'is in doubt, because a token was made, when Paddle answers %s',
    async (_, [changes, code]) => {
      const { server, client } = await openPaddle();
      server.replies(answered(entity({ name: NAME, ...changes }), 201));
      const error = await caught(client.create({ name: NAME }));
      expect(`${error.name} ${error.code}`).toBe(`AmbiguousError ${code}`);
      expect(wholeText(error)).not.toContain(String(changes.token));
    },
  );

  test('is in doubt when the new token has a status that nobody knows', async () => {
    const { server, client } = await openPaddle();
    server.replies(answered(entity({ name: NAME, status: 'pending' }), 201));
    expect(await ending(client.create({ name: NAME }))).toBe('AmbiguousError unknown_token_status');
  });

  test('says nothing of the key and the token, whatever goes wrong', async () => {
    const secret = 'test_7d279f61a3499fed520f7cd8c08';
    const cases: Reply[] = [
      refused(400, 'invalid_field', `${KEY} and ${secret}`),
      { status: 201, body: `{"data":{"token":"${secret}"` },
      { status: 201, body: `"${secret}" and ${KEY}` },
      answered(entity({ id: null, token: secret }), 201),
      'reset-after-read',
    ];
    const { server, client } = await openPaddle();
    for (const reply of cases) {
      server.replies(reply);
      const text = wholeText(await caught(client.create({ name: NAME })));
      expect(text).not.toContain(secret.slice(5));
      expect(text).not.toContain(KEY.slice(9));
    }
  });
});

describe('get', () => {
  test('reads a token', async () => {
    const { server, client } = await openPaddle();
    server.replies(answered(entity(revoked)));
    expect(await client.get(ID)).toMatchObject({ id: ID, status: 'revoked', revokedAt: '2026-11-22T06:00:00.000Z' });
    expect(server.asked[0]).toMatchObject({ method: 'GET', path: `/client-tokens/${ID}`, body: '' });
  });

  test('knows no token that Paddle does not know', async () => {
    const { server, client } = await openPaddle();
    server.replies(refused(404, 'not_found'));
    expect(await client.get(ID)).toBeUndefined();
  });

  test("does not take a proxy's 404 for Paddle's", async () => {
    const { server, client } = await openPaddle();
    server.replies({ status: 404, body: '<html>not here</html>' });
    expect(await ending(client.get(ID))).toBe('TransientError http_404');
  });

  test('refuses a status that it does not know rather than call it active or revoked', async () => {
    const { server, client } = await openPaddle();
    server.replies(answered(entity({ status: 'suspended' })));
    expect(await ending(client.get(ID))).toBe('RefusedError unknown_token_status');
  });

  test('alerts when Paddle answers another token than was asked for', async () => {
    const { server, client } = await openPaddle();
    server.replies(answered(entity({ id: tokenId(2) })));
    expect(await ending(client.get(ID))).toBe('AlertError token_id_mismatch');
  });

  test.each(['', 'ctkn_1', '../client-tokens', `${ID}?x=1`])('sends nothing for the id %j', async (id) => {
    const { server, client } = await openPaddle();
    expect(await ending(client.get(id))).toBe('RefusedError token_id_malformed');
    expect(server.asked).toEqual([]);
  });
});

describe('active', () => {
  const other = (n: number, changes = {}) => entity({ id: tokenId(n), ...changes });

  test('is one page of 200 active tokens, the newest without a cursor, the next ones with', async () => {
    const { server, client } = await openPaddle();
    server.replies(page([other(2), other(1)], 'https://elsewhere.example/next'), page([other(3)], null));
    expect((await client.active()).map(({ id }) => id)).toEqual([tokenId(2), tokenId(1)]);
    expect((await client.active(tokenId(2))).map(({ id }) => id)).toEqual([tokenId(3)]);
    expect(server.asked.map(({ path }) => path)).toEqual([
      '/client-tokens?status=active&per_page=200&order_by=id[DESC]',
      `/client-tokens?status=active&per_page=200&order_by=id[ASC]&after=${tokenId(2)}`,
    ]);
  });

  test('leaves out what is not certainly active', async () => {
    const { server, client } = await openPaddle();
    server.replies(page([other(1, revoked), other(2, { status: 'odd' }), { id: 'nothing' }, other(3)], null));
    expect((await client.active()).map(({ id }) => id)).toEqual([tokenId(3)]);
  });
});

describe('revoke', () => {
  const requests = (server: { asked: { method: string }[] }) => server.asked.map(({ method }) => method);

  test('is one PATCH when Paddle says that it is revoked', async () => {
    const { server, client } = await openPaddle();
    server.replies(answered(entity(revoked)));
    expect((await client.revoke(ID)).status).toBe('revoked');
    expect(server.asked[0]).toMatchObject({
      method: 'PATCH',
      path: `/client-tokens/${ID}`,
      body: '{"status":"revoked"}',
    });
    expect(server.asked).toHaveLength(1);
  });

  const DOUBTS: Record<string, Reply> = {
    ...Object.fromEntries(Object.entries(DEAD).map(([name, [reply]]) => [name, reply])),
    'an undocumented "already revoked"': refused(400, 'client_token_already_revoked'),
    'an archived entity': refused(400, 'entity_archived'),
    'a 200 that still says active': answered(entity()),
    'a 200 with a status that nobody knows': answered(entity({ status: 'revoking' })),
  };
  test.each(Object.entries(DOUBTS))('asks for the token after %s, and believes "revoked"', async (_, reply) => {
    const { server, client } = await openPaddle({ callTimeoutMs: 1_000 });
    server.replies(reply, answered(entity(revoked)));
    expect((await client.revoke(ID)).status).toBe('revoked');
    expect(requests(server).filter((method) => method === 'PATCH').length).toBeLessThanOrEqual(1);
    expect(requests(server).at(-1)).toBe('GET');
  });

  test.each(Object.entries(DOUBTS))('stays in doubt after %s when the token reads back active', async (_, reply) => {
    const { server, client } = await openPaddle({ callTimeoutMs: 1_000 });
    server.replies(reply, answered(entity()));
    expect((await caught(client.revoke(ID))).name).toBe('AmbiguousError');
    expect(requests(server).filter((method) => method === 'PATCH').length).toBeLessThanOrEqual(1);
  });

  test('stays in doubt when it cannot be read back, even for a throttle', async () => {
    const { server, client } = await openPaddle();
    server.replies(refused(500, 'internal_error'), refused(429, 'too_many_requests'));
    const error = await caught(client.revoke(ID));
    expect(`${error.name} ${error.code}`).toBe('AmbiguousError internal_error');
    expect(error.cause).toBeInstanceOf(AggregateError);
  });

  const CERTAIN: Record<string, [Reply, string]> = {
    'the permission is missing': [refused(403, 'forbidden'), 'RefusedError forbidden'],
    'the key is dead': [refused(403, 'invalid_token'), 'AlertError invalid_token'],
    'Paddle is locked': [refused(429, 'too_many_requests'), 'ThrottledError too_many_requests'],
  };
  test.each(Object.entries(CERTAIN))('asks no further when %s', async (_, [reply, expected]) => {
    const { server, client } = await openPaddle();
    server.replies(reply);
    expect(await ending(client.revoke(ID))).toBe(expected);
    expect(requests(server)).toEqual(['PATCH']);
  });

  test('is refused for a token that Paddle does not know, twice asked', async () => {
    const { server, client } = await openPaddle();
    server.replies(refused(404, 'not_found'), refused(404, 'not_found'));
    expect(await ending(client.revoke(ID))).toBe('RefusedError not_found');
  });

  test('stays in doubt when it was refused for something else, and then is not known', async () => {
    const { server, client } = await openPaddle();
    server.replies(refused(400, 'bad_request'), refused(404, 'not_found'));
    expect(await ending(client.revoke(ID))).toBe('AmbiguousError bad_request');
  });

  test('certainly did not happen when nothing listens', async () => {
    const { server, client } = await openPaddle();
    await server.close();
    expect(await ending(client.revoke(ID))).toBe('TransientError ECONNREFUSED');
  });
});
