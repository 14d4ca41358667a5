import { startPaddleSimulator } from '../../local/paddle/simulator.ts';
import { ask, mint, namesIn, revoke, simulator, standingClock, stopAll } from './helpers.ts';

afterEach(stopAll);

describe('the rate limit', () => {
  const limited = (perMinute: number) => {
    const clock = standingClock();
    return { clock, options: { clock, quirks: { rateLimit: { perMinute, lockOutMs: 60_000 } } } };
  };

  test('locks an address out for its time, says for how long, and counts from zero afterwards', async () => {
    const { clock, options } = limited(2);
    const paddle = await simulator(options);
    const status = async () => (await ask(paddle, 'GET', '/client-tokens')).status;
    expect([await status(), await status()]).toEqual([200, 200]);
    const refused = await ask(paddle, 'GET', '/client-tokens');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(refused.json).toMatchObject({ error: { type: 'api_error', code: 'too_many_requests' } });
    expect(refused.json).not.toHaveProperty('meta');
    clock.ms += 59_999;
    expect((await ask(paddle, 'GET', '/client-tokens')).headers.get('retry-after')).toBe('1');
    clock.ms += 1;
    expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
  });

  test('starts from zero after a lock-out that is shorter than the minute', async () => {
    const clock = standingClock();
    const paddle = await simulator({ clock, quirks: { rateLimit: { perMinute: 2, lockOutMs: 1000 } } });
    const status = async () => (await ask(paddle, 'GET', '/client-tokens')).status;
    expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
    clock.ms += 1000;
    expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
  });

  test('forgets requests older than a minute', async () => {
    const { clock, options } = limited(1);
    const paddle = await simulator(options);
    expect((await ask(paddle, 'GET', '/client-tokens')).status).toBe(200);
    clock.ms += 60_000;
    expect((await ask(paddle, 'GET', '/client-tokens')).status).toBe(200);
  });

  test('is 240 a minute and 60 seconds when nothing is said', async () => {
    const paddle = await startPaddleSimulator();
    expect(paddle.control.quirks.rateLimit).toEqual({ perMinute: 240, lockOutMs: 60_000 });
    await paddle.stop();
  });

  test('lets nothing through: refused requests change nothing', async () => {
    const paddle = await simulator({ quirks: { rateLimit: { perMinute: 1, lockOutMs: 1000 } } });
    await mint(paddle, 'first');
    expect((await ask(paddle, 'POST', '/client-tokens', { body: { name: 'second' } })).status).toBe(429);
    expect(paddle.control.state().tokens).toHaveLength(1);
  });
});

describe('lists lag', () => {
  test('behind a creation, while the token can be looked up at once', async () => {
    const clock = standingClock();
    const paddle = await simulator({ clock, quirks: { listLagMs: 5000 } });
    const { id } = await mint(paddle, 'new');
    expect((await ask(paddle, 'GET', `/client-tokens/${id}`)).status).toBe(200);
    clock.ms += 4999;
    expect(await namesIn(paddle, '/client-tokens')).toEqual([]);
    clock.ms += 1;
    expect(await namesIn(paddle, '/client-tokens')).toEqual(['new']);
  });

  test('and lookups with them, if told to', async () => {
    const clock = standingClock();
    const paddle = await simulator({ clock, quirks: { listLagMs: 5000, lagOnGet: true } });
    const { id } = await mint(paddle, 'new');
    const status = async () => (await ask(paddle, 'GET', `/client-tokens/${id}`)).status;
    expect(await status()).toBe(404);
    clock.ms += 5000;
    expect(await status()).toBe(200);
  });

  test('behind a revocation: the token is still listed as active', async () => {
    const clock = standingClock();
    const paddle = await simulator({ clock, quirks: { revocationLagMs: 5000 } });
    const { id } = await mint(paddle, 'ended');
    expect((await revoke(paddle, id)).json.data.status).toBe('revoked');
    expect(await namesIn(paddle, '/client-tokens?status=active')).toEqual(['ended']);
    expect(await namesIn(paddle, '/client-tokens?status=revoked')).toEqual([]);
    expect((await ask(paddle, 'GET', `/client-tokens/${id}`)).json.data.status).toBe('revoked');
    clock.ms += 5000;
    expect(await namesIn(paddle, '/client-tokens?status=active')).toEqual([]);
    expect(await namesIn(paddle, '/client-tokens?status=revoked')).toEqual(['ended']);
  });
});

describe('events', () => {
  const eventTypes = async (paddle: Awaited<ReturnType<typeof simulator>>, query = '') =>
    (await ask(paddle, 'GET', `/events?order_by=id[ASC]${query}`)).json.data.map(
      (event: { event_type: string }) => event.event_type,
    );

  test('can lag', async () => {
    const clock = standingClock();
    const paddle = await simulator({ clock, quirks: { eventsLagMs: 3000 } });
    await mint(paddle, 'new');
    expect(await eventTypes(paddle)).toEqual([]);
    clock.ms += 3000;
    expect(await eventTypes(paddle)).toEqual(['client_token.created']);
  });

  test('of the other environment are not told', async () => {
    const paddle = await simulator();
    paddle.control.dashboard.create({ name: 'live', environment: 'live' });
    expect(await eventTypes(paddle)).toEqual([]);
  });

  test('are kept for 90 days', async () => {
    const clock = standingClock();
    const paddle = await simulator({ clock });
    await mint(paddle, 'old');
    clock.ms += 90 * 86_400_000 - 1;
    expect(await eventTypes(paddle)).toHaveLength(1);
    clock.ms += 2;
    expect(await eventTypes(paddle)).toEqual([]);
  });

  test('are found from the last one known onwards, by type', async () => {
    const paddle = await simulator();
    await mint(paddle, 'a');
    const [known] = (await ask(paddle, 'GET', '/events')).json.data;
    await revoke(paddle, (await mint(paddle, 'b')).id);
    expect(await eventTypes(paddle, `&after=${known.event_id}`)).toEqual([
      'client_token.created',
      'client_token.updated',
      'client_token.revoked',
    ]);
    expect(await eventTypes(paddle, `&after=${known.event_id}&event_type=client_token.revoked,payout.paid`)).toEqual([
      'client_token.revoked',
    ]);
  });

  test('keep the entity as it was at their moment', async () => {
    const paddle = await simulator();
    const { id } = await mint(paddle, 'a');
    await revoke(paddle, id);
    const { data } = (await ask(paddle, 'GET', '/events?order_by=id[ASC]')).json;
    expect(data.map((event: { data: { status: string } }) => event.data.status)).toEqual([
      'active',
      'revoked',
      'revoked',
    ]);
  });
});
