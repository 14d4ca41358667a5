/** Bodies that Paddle signed, however odd: kept, or kept apart, and always answered 200. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { MOST_DATA_BYTES } from '../../lambdas/paddle/webhook-record.ts';
import { ingestion, revoked, TOKEN } from './fakes.ts';

const KEY = '2025-06-27T11:26:10.253000Z#evt_01jkdr0rc527wcjdg1txsdxhtf';
const sha256 = (body: string | Buffer) => createHash('sha256').update(body).digest('hex');

describe('the instant of an event', () => {
  test.each<[what: string, at: string]>([
    ['with an offset of nothing instead of Z', '2025-06-27T11:26:10.253482+00:00'],
    ['with a negative one', '2025-06-27T11:26:10.253482-00:00'],
    ['in the summer of Berlin', '2025-06-27T13:26:10.253482+02:00'],
    ['in the winter of New York', '2025-06-27T06:26:10.253482-05:00'],
    ['in India', '2025-06-27T16:56:10.253482+05:30'],
    ['with an offset across midnight', '2025-06-28T00:26:10.253482+13:00'],
    ['with an offset without a colon', '2025-06-27T13:26:10.253482+0200'],
    ['with an offset of hours', '2025-06-27T13:26:10.253482+02'],
    ['with a lower-case z', '2025-06-27T11:26:10.253482z'],
    ['with a lower-case t', '2025-06-27t11:26:10.253482Z'],
    ['with a space instead of the T', '2025-06-27 11:26:10.253482Z'],
    ['with a comma before the fraction', '2025-06-27T11:26:10,253482Z'],
    ['without any offset', '2025-06-27T11:26:10.253482'],
    ['with blanks around', ' 2025-06-27T11:26:10.253482Z '],
    ['with ten digits of a second', '2025-06-27T11:26:10.2534820000Z'],
    ['with thirty digits of a second', `2025-06-27T11:26:10.253482${'0'.repeat(24)}Z`],
  ])('%s is stored under the same instant', async (_, occurred_at) => {
    const { send, stored } = ingestion();
    expect(await send({ ...revoked, occurred_at })).toMatchObject({ statusCode: 200 });
    expect(stored()).toMatchObject([{ pk: 'TOKEN#ctkn_01ghbkd0frb9k95cnhwd1bxpvk', sk: KEY, day: '2025-06-27' }]);
    expect(stored()[0]?.at).toMatch(/^2025-06-27T11:26:10\.2534820{0,3}Z$/);
  });

  test('is the same for both notations, so the event is stored once', async () => {
    const { send, kept } = ingestion();
    await send(revoked);
    await send({ ...revoked, occurred_at: '2025-06-27T13:26:10.253+02:00' });
    expect(kept()).toHaveLength(1);
  });

  test.each(Array.from({ length: 12 }, (_, n) => [n + 1]))('may have %i digits of a second', async (digits) => {
    const { send, stored } = ingestion();
    await send({ ...revoked, occurred_at: `2025-06-27T11:26:10.${'253482719364'.slice(0, digits)}Z` });
    expect(stored()[0]?.sk).toBe(`2025-06-27T11:26:10.${'253'.slice(0, digits).padEnd(6, '0')}Z#${revoked.event_id}`);
  });

  test.each([
    ['none', '2025-06-27T11:26:10Z', '2025-06-27T11:26:10.000000Z'],
    ['not even a second', '2025-06-27T11:26Z', '2025-06-27T11:26:00.000000Z'],
    ['a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000000Z'],
    ['a leap day', '2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000000Z'],
  ])('may have %s', async (_, occurred_at, at) => {
    const { send, stored } = ingestion();
    await send({ ...revoked, occurred_at });
    expect(stored()[0]?.sk).toBe(`${at}#${revoked.event_id}`);
  });
});

describe('an event is kept', () => {
  test.each<[what: string, change: object]>([
    ['with a notification id of null', { notification_id: null }],
    ['with a notification id that is a number', { notification_id: 7 }],
    ['with a notification id that is a list', { notification_id: ['ntf_1'] }],
    ['with a notification id that is an object', { notification_id: { id: 'ntf_1' } }],
    ['with an empty notification id', { notification_id: '' }],
    ['with an endless notification id', { notification_id: 'n'.repeat(5_000) }],
    ['without a notification id', { notification_id: undefined }],
  ])('%s', async (_, change) => {
    const { send, stored } = ingestion();
    expect(await send({ ...revoked, ...change })).toMatchObject({ statusCode: 200 });
    expect(stored()).toMatchObject([{ sk: KEY, tokenId: 'ctkn_01ghbkd0frb9k95cnhwd1bxpvk' }]);
    expect(stored()[0]).not.toHaveProperty('notificationId');
  });

  test.each<[data: unknown, kept: string | undefined]>([
    [null, 'null'],
    [[1], '[1]'],
    [[], '[]'],
    [{}, '{}'],
    [7, '7'],
    ['text', '"text"'],
    [false, 'false'],
    [undefined, undefined],
    [{ id: null }, '{"id":null}'],
    [{ id: ['ctkn_01ghbkd0frb9k95cnhwd1bxpvk'] }, '{"id":["ctkn_01ghbkd0frb9k95cnhwd1bxpvk"]}'],
    [[{ id: 'ctkn_01ghbkd0frb9k95cnhwd1bxpvk' }], '[{"id":"ctkn_01ghbkd0frb9k95cnhwd1bxpvk"}]'],
  ])('with the data %j, at its account', async (data, kept) => {
    const { send, stored, metrics } = ingestion();
    expect(await send({ ...revoked, data })).toMatchObject({ statusCode: 200 });
    expect(stored()).toMatchObject([{ pk: 'ACCOUNT#sandbox', sk: KEY, kind: 'webhook', type: 'client_token.revoked' }]);
    expect(stored()[0]?.data).toBe(kept);
    expect(metrics.counted).toEqual([]);
  });

  const text = JSON.stringify(revoked);
  const utf16be = (mark: string) => Buffer.from(mark + text, 'utf16le').swap16();
  test.each<[what: string, body: Buffer]>([
    ['with a byte order mark in front', Buffer.from(`\ufeff${text}`)],
    ['with two of them', Buffer.from(`\ufeff\ufeff${text}`)],
    ['in UTF-16, little end first', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['in UTF-16, big end first', utf16be('\ufeff')],
    ['in UTF-16 without a mark', Buffer.from(text, 'utf16le')],
    ['in the other UTF-16 without a mark', utf16be('')],
    ['pretty-printed', Buffer.from(JSON.stringify(revoked, null, 4))],
    ['with blanks and line ends around', Buffer.from(` \r\n\t${text}\n\n`)],
    ['with its slashes escaped', Buffer.from(text.replaceAll('/', '\\/'))],
    [
      'with every character escaped',
      Buffer.from(text.replace(/[a-z]/g, (c) => (c === 'u' ? c : `\\u00${c.charCodeAt(0).toString(16)}`))),
    ],
    ['with a property twice, of which the last counts', Buffer.from(text.replace('{', '{"event_id":"evt_other",'))],
  ])('%s', async (_, body) => {
    const { send, stored } = ingestion();
    expect(await send(body, { base64: true })).toMatchObject({ statusCode: 200 });
    expect(stored()).toMatchObject([{ sk: KEY, tokenId: 'ctkn_01ghbkd0frb9k95cnhwd1bxpvk' }]);
  });

  test.each(['Größe · naïve', '🛒 👩‍💻', 'line\u2028para\u2029', '\ud83d alone', '\udc00', '\u0000\u001f', '日本語'])(
    'with the name %j, plain and in base64',
    async (name) => {
      const event = { ...revoked, data: { ...revoked.data, name } };
      for (const base64 of [false, true]) {
        const { send, stored } = ingestion();
        expect(await send(event, { base64 })).toMatchObject({ statusCode: 200 });
        expect(JSON.parse(stored()[0]?.data ?? '')).toMatchObject({ name });
      }
    },
  );

  test('with raw bytes of Latin-1 in it', async () => {
    const { send, stored } = ingestion();
    const body = Buffer.from(JSON.stringify({ ...revoked, data: { ...revoked.data, name: 'Größe' } }), 'latin1');
    expect(await send(body, { base64: true })).toMatchObject({ statusCode: 200 });
    expect(JSON.parse(stored()[0]?.data ?? '')).toMatchObject({ name: 'Gr\ufffd\ufffde' });
  });

  test('but not when a proxy wrote it anew', async () => {
    const { send, kept, ingest, request } = ingestion();
    const signed = request(JSON.stringify(revoked, null, 1));
    expect(await ingest({ ...signed, body: JSON.stringify(revoked) })).toMatchObject({ statusCode: 401 });
    expect(kept()).toEqual([]);
    expect(await send(revoked)).toMatchObject({ statusCode: 200 });
  });
});

describe('a large event', () => {
  const transaction = (bytes: number) => ({
    event_id: 'evt_01jkdr0rc527wcjdg1txsdxhtg',
    event_type: 'transaction.completed',
    occurred_at: '2025-06-27T11:26:10.253482Z',
    notification_id: 'ntf_01jkb92mpl7v4rfg8x3q5wz7bn',
    data: { id: 'txn_1', details: { line_items: ['x'.repeat(bytes)] } },
  });

  test.each([70 * 1024, 200 * 1024, 400 * 1024, 1024 * 1024, 5 * 1024 * 1024])(
    'of %i bytes is kept without its data, with its size and digest',
    async (bytes) => {
      const { send, kept, metrics } = ingestion();
      const body = JSON.stringify(transaction(bytes));
      expect(await send(body, { base64: true })).toMatchObject({ statusCode: 200 });
      expect(kept()).toMatchObject([
        { pk: 'ACCOUNT#sandbox', type: 'transaction.completed', size: body.length, digest: sha256(body) },
      ]);
      expect(kept()[0]).not.toHaveProperty('data');
      expect(JSON.stringify(kept()).length).toBeLessThan(1_000);
      expect(metrics.counted).toEqual([]);
    },
  );

  test('is kept whole up to the bound, and to the byte', async () => {
    const overhead = JSON.stringify(transaction(0).data).length;
    for (const [more, isWhole] of [
      [0, true],
      [1, false],
    ] as const) {
      const { send, stored } = ingestion();
      await send(transaction(MOST_DATA_BYTES - overhead + more));
      expect('data' in (stored()[0] ?? {})).toBe(isWhole);
      expect('size' in (stored()[0] ?? {})).toBe(!isWhole);
    }
  });

  test('is measured in bytes, not in characters', async () => {
    const { send, stored } = ingestion();
    await send({ ...revoked, event_type: 'transaction.paid', data: { name: '日'.repeat(30_000) } });
    expect(stored()[0]).not.toHaveProperty('data');
  });

  test('about a token still says which, and how it stands, and shows no value', async () => {
    const { send, stored } = ingestion();
    const data = { ...revoked.data, name: `for ${TOKEN}`, description: 'x'.repeat(80_000), custom_data: { a: 1 } };
    const body = JSON.stringify({ ...revoked, data });
    await send(body);
    expect(stored()).toMatchObject([
      { pk: 'TOKEN#ctkn_01ghbkd0frb9k95cnhwd1bxpvk', size: body.length, digest: sha256(body) },
    ]);
    expect(JSON.parse(stored()[0]?.data ?? '')).toEqual({
      id: 'ctkn_01ghbkd0frb9k95cnhwd1bxpvk',
      name: 'for live_7d27…c08',
      status: 'revoked',
    });
  });

  test.each([101, 20_000])('%i levels deep is kept without them', async (levels) => {
    const { send, stored } = ingestion();
    const deep = '['.repeat(levels) + ']'.repeat(levels);
    const body = JSON.stringify({ ...revoked, event_type: 'transaction.paid', data: 0 }).replace(':0', `:${deep}`);
    expect(await send(body)).toMatchObject({ statusCode: 200 });
    expect(stored()).toMatchObject([{ size: body.length, digest: sha256(body) }]);
    expect(stored()[0]).not.toHaveProperty('data');
  });
});

describe('what cannot be read', () => {
  test.each<[what: string, body: string, faults: string]>([
    ['no JSON', '{"event_id":', 'body'],
    ['nothing', '', 'body'],
    ['a page of HTML', '<html></html>', 'body'],
    ['null', 'null', 'event'],
    ['a list', '[]', 'event'],
    ['a list of events', JSON.stringify([revoked]), 'event'],
    ['a number', '7', 'event'],
    ['a text with an event in it', JSON.stringify(JSON.stringify(revoked)), 'event'],
    ['an empty object', '{}', 'event_id, event_type, occurred_at'],
  ])('%s is answered 200, kept apart and told in the log', async (_, body, faults) => {
    const { send, kept, metrics, log } = ingestion();
    expect(await send(body)).toMatchObject({ statusCode: 200, body: '{}' });
    const digest = sha256(body);
    expect(kept()).toEqual([
      {
        pk: 'ACCOUNT#sandbox',
        sk: `UNREADABLE#sha256-${digest}`,
        writtenIn: '2026-11-22T03',
        kind: 'unreadable',
        source: 'webhook',
        id: `sha256-${digest}`,
        type: 'unreadable',
        at: '2026-11-22T03:00:00.000Z',
        account: 'sandbox',
        receivedAt: '2026-11-22T03:00:00.000Z',
        size: Buffer.byteLength(body),
        digest,
        faults,
      },
    ]);
    expect(metrics.counted).toEqual([]);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/^warn .*it is kept apart/);
  });

  const bad = [undefined, null, 7, ['evt_1'], { id: 'evt_1' }, true, ''];
  test.each<[what: string, change: object]>([
    ...bad.map((event_id): [string, object] => [`an event id of ${JSON.stringify(event_id)}`, { event_id }]),
    ['an event id that would divide a key', { event_id: 'evt_#1' }],
    ['an endless event id', { event_id: 'e'.repeat(129) }],
    ['an event id that is a token', { event_id: TOKEN }],
    ...bad.map((event_type): [string, object] => [`a type of ${JSON.stringify(event_type)}`, { event_type }]),
    ['a type that is a token', { event_type: TOKEN }],
    ...bad.map((occurred_at): [string, object] => [`a time of ${JSON.stringify(occurred_at)}`, { occurred_at }]),
    ['a time in words', { occurred_at: 'yesterday' }],
    ['a month that does not exist', { occurred_at: '2025-13-27T11:26:10Z' }],
    ['a day that does not exist', { occurred_at: '2025-02-30T11:26:10Z' }],
    ['an hour that does not exist', { occurred_at: '2025-06-27T25:26:10Z' }],
    ['an offset that does not exist', { occurred_at: '2025-06-27T11:26:10+99:00' }],
    ['a year of five digits', { occurred_at: '9999-12-31T23:59:59-23:59' }],
    ['an endless fraction', { occurred_at: `2025-06-27T11:26:10.${'1'.repeat(200)}Z` }],
  ])('of %s is kept apart without its data, once', async (_, change) => {
    const { send, stored, apart, kept, log } = ingestion();
    const event = { ...revoked, ...change };
    expect(await send(event)).toMatchObject({ statusCode: 200 });
    expect(await send(event)).toMatchObject({ statusCode: 200 });
    expect(stored()).toEqual([]);
    expect(apart()).toMatchObject([{ faults: Object.keys(change)[0], digest: sha256(JSON.stringify(event)) }]);
    expect(apart()[0]).not.toHaveProperty('data');
    expect(log.lines).toHaveLength(1);
    expect(JSON.stringify([kept(), log.lines])).not.toContain(TOKEN.slice(5, -4));
  });

  test('goes by its own id where it has one, so that a replay of it is kept once', async () => {
    const { send, apart } = ingestion();
    await send({ ...revoked, occurred_at: null });
    await send({ ...revoked, occurred_at: null, notification_id: 'ntf_of_a_replay' });
    expect(apart()).toMatchObject([{ sk: `UNREADABLE#${revoked.event_id}`, type: 'client_token.revoked' }]);
  });

  test('is small, however large it was', async () => {
    const { send, kept } = ingestion();
    for (const body of ['['.repeat(300_000), JSON.stringify({ filler: 'x'.repeat(2_000_000) })]) {
      expect(await send(body)).toMatchObject({ statusCode: 200 });
    }
    expect(kept()).toHaveLength(2);
    expect(JSON.stringify(kept()).length).toBeLessThan(2_000);
  });

  test('is sent again when it could not be kept apart', async () => {
    const { send, trail, kept } = ingestion();
    trail.failure = new Error('away');
    expect(await send('[]')).toMatchObject({ statusCode: 500 });
    trail.failure = undefined;
    expect(await send('[]')).toMatchObject({ statusCode: 200 });
    expect(kept()).toHaveLength(1);
  });

  test('is nothing at all when it was not signed', async () => {
    const { send, kept } = ingestion();
    expect(await send('[]', { secret: 'a-stranger' })).toMatchObject({ statusCode: 401 });
    expect(kept()).toEqual([]);
  });
});

test('whatever JSON is signed, it is answered 200 and is in the trail once, small enough for an item', async () => {
  const field = fc.oneof(fc.jsonValue(), fc.constantFrom(revoked.event_id, revoked.occurred_at, revoked.event_type));
  const odd = fc.record(
    { event_id: field, event_type: field, occurred_at: field, notification_id: field, data: fc.jsonValue() },
    { requiredKeys: [] },
  );
  const change = fc.record({ notification_id: field, data: fc.jsonValue() }, { requiredKeys: [] });
  const body = fc.oneof(
    odd.map((event) => JSON.stringify(event)),
    change.map((event) => JSON.stringify({ ...revoked, ...event })),
    fc.json(),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      const { send, kept } = ingestion();
      expect(await send(sent, { base64: true })).toMatchObject({ statusCode: 200 });
      expect(await send(sent, { base64: true })).toMatchObject({ statusCode: 200 });
      expect(kept()).toHaveLength(1);
      expect(JSON.stringify(kept()).length).toBeLessThan(300_000);
    }),
    { numRuns: 400 },
  );
});

describe('the value of a token', () => {
  const ODD = 'live_short-1';
  const percent = (text: string) => [...text].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('');
  const escaped = (text: string) => [...text].map((c) => `\\u00${c.charCodeAt(0).toString(16)}`).join('');
  test.each<[where: string, data: (token: string) => object]>([
    ['the name', (token) => ({ name: `Page ${token}` })],
    ['the description', (token) => ({ description: `was ${token}, is ${token}` })],
    ['a list', (token) => ({ tags: ['a', [token]] })],
    ['the name of a property', (token) => ({ custom_data: { [token]: 1 } })],
    ['a nested object', (token) => ({ custom_data: { deep: { deeper: { token } } } })],
    ['an address', (token) => ({ custom_data: { url: `https://x.example/?t=${token}&u=1` } })],
    ['a text of JSON', (token) => ({ description: JSON.stringify({ token }) })],
  ])('in %s is masked, also of one that looks like none', async (_, data) => {
    for (const token of [TOKEN, ODD]) {
      const { send, kept, log } = ingestion();
      await send({ ...revoked, data: { ...revoked.data, token, ...data(token) } });
      expect(JSON.stringify([kept(), log.lines])).not.toContain(token.slice(0, -4));
    }
  });

  test.each<[what: string, text: string]>([
    ['with a percent-encoded underscore', TOKEN.replace('_', '%5F')],
    ['percent-encoded twice', TOKEN.replace('_', '%255F')],
    ['percent-encoded as a whole', percent(TOKEN)],
    ['in escapes within a text', escaped(TOKEN)],
    ['split by one escape', TOKEN.replace('2', '\\u0032')],
    ['split by an entity', TOKEN.replace('2', '&#50;')],
    ['in capitals', TOKEN.toUpperCase()],
    ['with invisible characters in it', [...TOKEN].join('\u200b')],
  ])('is masked %s', async (_, text) => {
    const { send, kept } = ingestion();
    await send({ ...revoked, data: { ...revoked.data, name: `a ${text} b` } });
    const { name } = JSON.parse(String(kept().flatMap((item) => ('data' in item ? item.data : []))[0]));
    expect(name).toMatch(/^a \S*…\S* b$/);
    expect(name.length).toBeLessThan(24);
  });

  test('is masked in a body whose every character is an escape', async () => {
    const { send, kept } = ingestion();
    await send(JSON.stringify({ ...revoked, data: { ...revoked.data, name: '@' } }).replace('@', escaped(TOKEN)));
    expect(JSON.stringify(kept())).not.toContain('7d279f61a3');
  });

  const API_KEY = 'pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO';
  test.each<[what: string, data: object, leak: string]>([
    ['an API key', { key: API_KEY }, 'q6TGTJyvoIz7'],
    ['an API key in a description', { description: `uses ${API_KEY}` }, 'q6TGTJyvoIz7'],
    ['an API key of before 2025', { key: 'a1b2c3d4e5'.repeat(5) }, 'a1b2c3d4e5'],
    ['a webhook secret', { endpoint_secret_key: 'pdl_ntfset_01h_a+b/c9d8e7f6' }, 'a+b/c9d8'],
    ['a webhook secret of another form', { endpoint_secret_key: 'f00dfeed'.repeat(8) }, 'f00dfeed'],
    ['a signature', { note: `ts=1;h1=${'ab12'.repeat(16)}` }, 'ab12ab12'],
    ['a signature in parts', { h1: 'ab12'.repeat(16) }, 'ab12ab12'],
    ['a header', { note: 'Authorization: Bearer abcdefghijklmnopqrstuvwxyz' }, 'abcdefghijklm'],
    ['a token of another event', { description: TOKEN }, TOKEN.slice(5, 20)],
  ])('is not all that is masked: so is %s, in every type of event', async (_, data, leak) => {
    for (const event_type of ['api_key.updated', 'client_token.updated', 'transaction.completed']) {
      const { send, kept } = ingestion();
      await send({ ...revoked, event_type, data: { id: 'x', ...data } });
      expect(kept()).toHaveLength(1);
      expect(JSON.stringify(kept())).not.toContain(leak);
    }
  });

  test('leaves what Paddle has shortened itself, and everything else, as it was', async () => {
    const { send, stored } = ingestion();
    const data = { id: 'apikey_01jkdpbhazdpn3wpcya45as9tg', key: 'pdl_live_apikey_01jkdpbhaz****', name: 'CRM', n: 1 };
    await send({ ...revoked, event_type: 'api_key.updated', data });
    expect(JSON.parse(stored()[0]?.data ?? '')).toEqual(data);
  });
});
