import fc from 'fast-check';
import { ALARMS } from '../../lambdas/contract.ts';
import { MOST_BYTES } from '../../lambdas/webhook/ingest.ts';
import { ingestion, type RequestOptions, revoked, TOKEN } from './fakes.ts';

describe('a webhook that is signed by the account', () => {
  test('is answered 200 and leaves one line in the trail of its token', async () => {
    const { send, stored, metrics } = ingestion();
    expect(await send(revoked)).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(stored()).toEqual([
      {
        pk: 'TOKEN#ctkn_01ghbkd0frb9k95cnhwd1bxpvk',
        writtenIn: '2026-11-22T03',
        sk: '2025-06-27T11:26:10.253000Z#evt_01jkdr0rc527wcjdg1txsdxhtf',
        day: '2025-06-27',
        kind: 'webhook',
        source: 'webhook',
        id: 'evt_01jkdr0rc527wcjdg1txsdxhtf',
        type: 'client_token.revoked',
        at: '2025-06-27T11:26:10.253482Z',
        account: 'sandbox',
        tokenId: 'ctkn_01ghbkd0frb9k95cnhwd1bxpvk',
        notificationId: 'ntf_01jkb92mpl7v4rfg8x3q5wz7bn',
        receivedAt: '2026-11-22T03:00:00.000Z',
        data: JSON.stringify({ ...revoked.data, token: 'live_7d27…c08' }),
      },
    ]);
    expect(metrics.counted).toEqual([]);
  });

  test('is verified over the bytes that were sent when API Gateway has encoded them', async () => {
    const { send, stored } = ingestion();
    const event = { ...revoked, data: { ...revoked.data, name: 'Preise · größer' } };
    expect(await send(event, { base64: true })).toMatchObject({ statusCode: 200 });
    expect(JSON.parse(stored()[0]?.data ?? '')).toMatchObject({ name: 'Preise · größer' });
  });

  test('is stored and counted once, however often it comes', async () => {
    const { send, stored, metrics, clock } = ingestion();
    await send(revoked);
    clock.advance(60_000);
    const again = await send({ ...revoked, notification_id: 'ntf_of_a_replay' });
    expect(again.statusCode).toBe(200);
    expect(stored()).toMatchObject([
      { notificationId: revoked.notification_id, receivedAt: '2026-11-22T03:00:00.000Z' },
    ]);
    expect(metrics.counted).toEqual([]);
  });

  test('is answered 500 when the put fails, so that Paddle sends it again, and then stored', async () => {
    const { send, stored, trail, log, metrics } = ingestion();
    trail.failure = new Error('the table is away');
    expect(await send(revoked)).toMatchObject({ statusCode: 500, body: '{"error":"unavailable"}' });
    expect(metrics.counted).toEqual([]);
    expect(log.lines.join()).toContain('the table is away');
    trail.failure = undefined;
    expect(await send(revoked)).toMatchObject({ statusCode: 200 });
    expect(stored()).toHaveLength(1);
  });

  test.each<[what: string, event: object, kept: object]>([
    [
      'of another type, whole, with the account',
      {
        ...revoked,
        event_type: 'api_key.revoked',
        data: { id: 'apikey_1', key: 'pdl_live_apikey_…', token: 'as it came' },
      },
      {
        pk: 'ACCOUNT#sandbox',
        type: 'api_key.revoked',
        data: '{"id":"apikey_1","key":"pdl_live_apikey_…","token":"as it came"}',
      },
    ],
    [
      'of a type that Paddle has not invented yet',
      { ...revoked, event_type: 'client_token.expiring' },
      { pk: 'TOKEN#ctkn_01ghbkd0frb9k95cnhwd1bxpvk', type: 'client_token.expiring' },
    ],
    [
      'about a token without a proper id, with the account',
      { ...revoked, data: { id: 'ctkn_#', token: 7 } },
      { pk: 'ACCOUNT#sandbox', data: '{"id":"ctkn_#","token":"…"}' },
    ],
    [
      'with three digits of a second, in the order of time',
      { ...revoked, occurred_at: '2025-06-27T11:26:10.253Z' },
      { sk: '2025-06-27T11:26:10.253000Z#evt_01jkdr0rc527wcjdg1txsdxhtf', at: '2025-06-27T11:26:10.253Z' },
    ],
    ['without a notification id', { ...revoked, notification_id: undefined }, { kind: 'webhook' }],
    ['with properties that we do not know', { ...revoked, seller_id: 'sel_1' }, { kind: 'webhook' }],
  ])('is kept %s', async (_, event, kept) => {
    const { send, stored } = ingestion();
    expect(await send(event)).toMatchObject({ statusCode: 200 });
    expect(stored()).toMatchObject([kept]);
  });

  test('is kept apart, and out of the reports by day, when it is only simulated', async () => {
    const { send, stored } = ingestion();
    const simulated = { ...revoked, event_id: 'ntfsimevt_01jkdr0rc527wcjdg1txsdxhtf', notification_id: 'ntfsimntf_1' };
    expect(await send(simulated)).toMatchObject({ statusCode: 200 });
    expect(stored()).toMatchObject([{ pk: 'SIMULATION#sandbox', kind: 'simulation' }]);
    expect(stored()[0]).not.toHaveProperty('day');
  });
});

describe('a webhook that is refused', () => {
  const event = JSON.stringify(revoked);
  test.each<[what: string, body: string, options: RequestOptions, status: number, error: string, why: string]>([
    ['for an unknown account', event, { account: 'live' }, 404, 'not found', 'request/unknown-account'],
    ['for no account', event, { account: '' }, 404, 'not found', 'request/unknown-account'],
    [
      'for an account that every object has',
      event,
      { account: 'constructor' },
      404,
      'not found',
      'request/unknown-account',
    ],
    ['with a byte too much', 'x'.repeat(MOST_BYTES + 1), {}, 413, 'too large', 'request/too-large'],
    ['without a signature', event, { header: undefined }, 401, 'unauthorized', 'signature/missing'],
    ['with an empty signature', event, { header: '' }, 401, 'unauthorized', 'signature/missing'],
    ['with an odd signature', event, { header: 'h1=1' }, 401, 'unauthorized', 'signature/malformed'],
    ['with an old signature', event, { header: 'ts=1698796800;h1=a3' }, 401, 'unauthorized', 'signature/stale'],
    ['signed by a stranger', event, { secret: 'pdl_ntfset_theirs' }, 401, 'unauthorized', 'signature/mismatch'],
  ])(
    '%s says nothing, and leaves nothing behind but a line in the log',
    async (_, body, options, status, error, why) => {
      const { send, stored, metrics, log } = ingestion();
      expect(await send(body, options)).toMatchObject({ statusCode: status, body: JSON.stringify({ error }) });
      expect(stored()).toEqual([]);
      const [reason, fault] = why.split('/');
      const isForged = reason === 'signature';
      // An account that a stranger made up is not named.
      const about = isForged ? { alarm: ALARMS.signatureFailures, account: 'sandbox', fault } : { fault };
      expect(log.lines).toEqual([`${isForged ? 'warn' : 'info'} A webhook was refused ${JSON.stringify(about)}`]);
      expect(metrics.counted).toEqual(isForged ? ['SignatureFailure'] : []);
    },
  );

  test('is not one of exactly the size that is allowed', async () => {
    const { send } = ingestion();
    const padded = JSON.stringify({ ...revoked, padding: '' });
    const event = padded.replace('"padding":""', `"padding":"${'x'.repeat(MOST_BYTES - padded.length)}"`);
    expect(await send(event, { base64: true })).toMatchObject({ statusCode: 200 });
  });
});

describe('whatever the order and the repetitions', () => {
  const events = Array.from({ length: 6 }, (_, n) => ({
    ...revoked,
    event_id: `evt_${n}`,
    event_type: ['client_token.created', 'client_token.updated', 'client_token.revoked'][n % 3],
    occurred_at: `2025-06-27T11:26:1${n}.253482Z`,
    data: { ...revoked.data, id: `ctkn_${n % 2}` },
  }));

  test('every event that was answered 200 is in the trail once, and the trail is the same', async () => {
    const reference = ingestion();
    for (const event of events) await reference.send(event);
    const deliveries = fc
      .tuple(fc.shuffledSubarray(events, { minLength: 6 }), fc.array(fc.constantFrom(...events), { maxLength: 12 }))
      .chain(([once, more]) => fc.shuffledSubarray([...once, ...more], { minLength: once.length + more.length }));
    await fc.assert(
      fc.asyncProperty(deliveries, fc.array(fc.boolean(), { maxLength: 18 }), async (sent, outages) => {
        const { send, trail } = ingestion();
        for (const [at, event] of sent.entries()) {
          trail.failure = outages[at] ? new Error('away') : undefined;
          // Paddle sends again what was not answered 200.
          if ((await send(event)).statusCode === 200) continue;
          trail.failure = undefined;
          expect(await send(event)).toMatchObject({ statusCode: 200 });
        }
        expect(new Map([...trail.items].sort())).toEqual(new Map([...reference.trail.items].sort()));
      }),
      { numRuns: 60 },
    );
  });

  test('no delivery ever puts the value of a token into the trail or the log', async () => {
    const { send, stored, log, trail } = ingestion();
    for (const event of events) await send(event);
    trail.failure = new Error('away');
    for (const event of events) await send(event);
    expect(stored()).toHaveLength(events.length);
    expect(log.lines).toHaveLength(events.length);
    expect(JSON.stringify([stored(), log.lines])).not.toContain(TOKEN.slice(0, -4));
  });
});
