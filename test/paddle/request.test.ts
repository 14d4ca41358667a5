import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import * as z from 'zod/mini';
import { ThrottledError } from '../../lambdas/domain/errors.ts';
import { createLocalThrottle, type Throttle } from '../../lambdas/paddle/throttle.ts';
import {
  answered,
  caught,
  closeAll,
  ending,
  entity,
  HTML,
  ID,
  KEY,
  NEW_KEY,
  NOW,
  openPaddle,
  refused,
} from './setup.ts';

afterEach(closeAll);

describe('a read', () => {
  const PASSING = {
    'a 5xx': HTML,
    'a reset': 'reset-after-read',
    'half an answer': { half: 'reset', status: 200 },
  } as const;
  test.each(Object.entries(PASSING))('is repeated after %s', async (_, reply) => {
    const { server, client, rests } = await openPaddle();
    server.replies(reply, reply, answered(entity()));
    expect(await client.get(ID)).toMatchObject({ id: ID });
    expect(server.asked).toHaveLength(3);
    expect(rests).toEqual([250, 750]);
  });

  test('is given up after three attempts', async () => {
    const { server, client } = await openPaddle();
    server.replies(HTML, 'reset-after-read', refused(503, 'service_unavailable'), answered(entity()));
    expect(await ending(client.get(ID))).toBe('TransientError service_unavailable');
    expect(server.asked).toHaveLength(3);
  });

  test('is given up when its deadline leaves no time for another attempt', async () => {
    const { server, client, clock } = await openPaddle({ deadlineMs: 10_000 });
    server.otherwise(() => {
      clock.time += 9_900;
      return HTML;
    });
    expect(await ending(client.get(ID))).toBe('TransientError http_502');
    expect(server.asked).toHaveLength(1);
  });

  test('ends at its time-out when the server is silent', async () => {
    const { server, client } = await openPaddle({ callTimeoutMs: 40 });
    server.replies('stall', 'stall', 'stall');
    expect(await ending(client.get(ID))).toBe('TransientError timeout');
    expect(server.asked).toHaveLength(3);
  });

  const SETTLED = {
    'the endpoint is switched off': refused(540, 'temporarily_unavailable'),
    'it is refused': refused(400, 'bad_request'),
    'a proxy is in the way': { status: 407, body: 'proxy' },
    'it is redirected': { status: 308, headers: { location: 'https://evil.example/' } },
    'JSON is not what was asked for': answered({ unexpected: true }),
  };
  test.each(Object.entries(SETTLED))('is not repeated when %s', async (_, reply) => {
    const { server, client } = await openPaddle();
    server.replies(reply, answered(entity()));
    await caught(client.get(ID));
    expect(server.asked).toHaveLength(1);
  });

  test('stops reading an answer that is too long', async () => {
    const { server, client } = await openPaddle({ maxAnswerBytes: 1_000 });
    server.replies({ status: 200, body: `{"data":"${'x'.repeat(2_000)}"}` }, answered(entity()));
    const error = await caught(client.get(ID));
    expect(error.code).toBe('unreadable_answer');
    expect(error.message).toContain('answer_too_large');
    expect(server.asked).toHaveLength(1);
  });
});

describe('connections', () => {
  test('are kept from call to call', async () => {
    const { server, client } = await openPaddle();
    server.otherwise(() => answered(entity()));
    for (let call = 0; call < 3; call += 1) await client.get(ID);
    expect(server.connections).toBe(1);
  });

  test('are not used again after a rest, in which the other side may have hung up', async () => {
    const { server, client, clock } = await openPaddle();
    server.otherwise(() => answered(entity()));
    await client.get(ID);
    clock.time += 4_001;
    await client.get(ID);
    expect(server.connections).toBe(2);
  });

  test('that break while they are reused leave a write in doubt', async () => {
    const { server, client } = await openPaddle();
    server.replies(answered(entity()), 'reset-after-read');
    await client.get(ID);
    expect(await ending(client.create({ name: 'x' }))).toBe('AmbiguousError ECONNRESET');
    expect(server.connections).toBe(1);
  });

  test('that are never established within the deadline leave nothing in doubt', async () => {
    // Accepts TCP, but never answers the TLS handshake.
    const mute = createServer((socket) => socket.unref()).unref();
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const apiUrl = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const { client } = await openPaddle({ apiUrl, callTimeoutMs: 60 });
    const end = await ending(client.create({ name: 'x' }));
    mute.close();
    expect(end).toBe('TransientError timeout');
  });
});

describe('the API key', () => {
  test('is read anew once when it is refused, and the call repeated with the new one, even a POST', async () => {
    const { server, client, apiKey } = await openPaddle();
    apiKey.stored = NEW_KEY;
    server.replies(refused(403, 'invalid_token'), answered(entity({ name: 'x' }), 201));
    await client.create({ name: 'x' });
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${NEW_KEY}`]);
    expect(apiKey.readings).toEqual(['cached', 'fresh']);
  });

  test('is an alert when the stored one is the refused one', async () => {
    const { server, client } = await openPaddle();
    server.replies(refused(403, 'invalid_token'), answered(entity()));
    expect(await ending(client.get(ID))).toBe('AlertError invalid_token');
    expect(server.asked).toHaveLength(1);
  });

  test('is an alert when the new one is refused too, and not read a third time', async () => {
    const { server, client, apiKey } = await openPaddle();
    apiKey.stored = NEW_KEY;
    server.replies(refused(403, 'invalid_token'), refused(403, 'authentication_malformed'), answered(entity()));
    expect(await ending(client.get(ID))).toBe('AlertError authentication_malformed');
    expect(apiKey.readings).toEqual(['cached', 'fresh']);
  });

  test('that took too long to read anew leaves the call unsent, and nothing in doubt', async () => {
    const { server, client, apiKey, clock } = await openPaddle();
    apiKey.stored = NEW_KEY;
    server.otherwise(() => {
      clock.time += 25_000;
      return refused(403, 'invalid_token');
    });
    expect(await ending(client.create({ name: 'x' }))).toBe('TransientError timeout');
    expect(server.asked).toHaveLength(1);
  });

  test('is not read anew for a missing permission', async () => {
    const { server, client, apiKey } = await openPaddle();
    server.replies(refused(403, 'forbidden'));
    const error = await caught(client.list());
    expect(error.message).toContain('client_token.read');
    expect(apiKey.readings).toEqual(['cached']);
  });

  test('of the other environment is sent nowhere', async () => {
    const { server, client, apiKey } = await openPaddle();
    apiKey.cached = KEY.replace('sdbx', 'live');
    expect(await ending(client.get(ID))).toBe('AlertError api_key_environment_mismatch');
    expect(server.asked).toEqual([]);
  });

  test('is sent nowhere when the address belongs to the other environment', async () => {
    const { client } = await openPaddle({ apiUrl: 'https://api.paddle.com' });
    expect(await ending(client.create({ name: 'x' }))).toBe('AlertError api_url_environment_mismatch');
  });
});

describe('the throttle', () => {
  test('hears of a 429, and then nothing is sent before its time', async () => {
    const { server, client, clock } = await openPaddle();
    server.replies(refused(429, 'too_many_requests', 'slow down', { 'retry-after': '30' }), answered(entity()));
    const first = (await caught(client.create({ name: 'x' }))) as ThrottledError;
    expect(first.retryAt).toBe(NOW + 30_000);

    clock.time += 29_999;
    const second = (await caught(client.get(ID))) as ThrottledError;
    expect(second).toBeInstanceOf(ThrottledError);
    expect(second.retryAt).toBe(NOW + 30_000);
    expect(server.asked).toHaveLength(1);

    clock.time += 1;
    expect(await client.get(ID)).toMatchObject({ id: ID });
  });

  test('silences the second attempt of a read too', async () => {
    const { server, client, throttle, rests } = await openPaddle();
    server.otherwise(() => {
      void throttle.block(NOW + 60_000);
      return HTML;
    });
    expect(await ending(client.get(ID))).toBe('ThrottledError too_many_requests');
    expect(server.asked).toHaveLength(1);
    expect(rests).toHaveLength(1);
  });

  test('that cannot be told does not hide the 429', async () => {
    const broken: Throttle = {
      ...createLocalThrottle(),
      block: async () => {
        throw new Error('no table');
      },
    };
    const { server, client } = await openPaddle({ throttle: broken });
    server.replies(refused(429, 'too_many_requests'));
    const error = (await caught(client.create({ name: 'x' }))) as ThrottledError;
    expect(error).toBeInstanceOf(ThrottledError);
    expect(error.retryAt).toBe(NOW + 60_000);
    expect(error.message).toContain('could not be told');
  });

  test('gives no turn that comes when the request must be over: it is asked for again then, and nobody waits', async () => {
    const late: Throttle = { ...createLocalThrottle(), turn: async (now) => ({ at: now + 9_000 }) };
    const { server, client, rests } = await openPaddle({ throttle: late, deadlineMs: 8_000 });
    const error = (await caught(client.create({ name: 'x' }))) as ThrottledError;
    expect(error).toBeInstanceOf(ThrottledError);
    expect(error.retryAt).toBe(NOW + 9_000);
    expect(rests).toEqual([]);
    expect(server.asked).toEqual([]);
  });

  test('heeds a 429 whose body never ends', async () => {
    const { server, client } = await openPaddle({ callTimeoutMs: 1_000 });
    server.replies({ half: 'stall', status: 429, headers: { 'retry-after': '5' } });
    expect(await caught(client.create({ name: 'x' }))).toMatchObject({ retryAt: NOW + 5_000 });
  });
});

describe('other endpoints', () => {
  const schema = z.object({ data: z.object({ id: z.string() }) });

  test('follow the same rules', async () => {
    const { server, client } = await openPaddle();
    server.replies(answered({ id: 'ntfset_1' }, 201), refused(403, 'forbidden'));
    const request = {
      method: 'POST',
      path: '/notification-settings',
      body: { description: 'x' },
      schema,
      intent: 'create a notification destination',
      permission: 'notification_setting.write',
    } as const;
    expect((await client.request(request)).data.id).toBe('ntfset_1');
    const error = await caught(client.request(request));
    expect(error.message).toContain('may not create a notification destination');
    expect(error.message).toContain('notification_setting.write');
  });

  test('may answer with nothing at all', async () => {
    const { server, client } = await openPaddle();
    server.replies({ status: 204 });
    const request = { path: '/notification-settings/ntfset_1', intent: 'delete a destination', permission: 'p' };
    expect(await client.request({ ...request, method: 'DELETE', schema: z.undefined() })).toBeUndefined();
  });

  test('keep the path of a stand-in that is not at the root', async () => {
    const { server } = await openPaddle();
    const { client } = await openPaddle({ apiUrl: `${server.url}/paddle/` });
    server.replies(answered(entity()));
    await client.get(ID);
    expect(server.asked[0]?.path).toBe(`/paddle/client-tokens/${ID}`);
  });
});
