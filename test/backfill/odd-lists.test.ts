/** Lists of Paddle with items that nobody can read, lists that fail, runs that are missed. */
import { createBackfill, UnfilledError } from '../../lambdas/backfill/backfill.ts';
import { freshWatermark, OVERLAP_MS, type Watermark } from '../../lambdas/backfill/watermark.ts';
import { createHistory } from '../../lambdas/composition/paddle-history.ts';
import type { IntegrationState } from '../../lambdas/domain/model.ts';
import type { QueuedReconcile } from '../../lambdas/domain/ports.ts';
import { anAccount } from '../builders/integration.ts';
import { FakeReports, RecordingLog, RecordingMetrics } from '../fakes/runtime.ts';
import type { Asked, Reply } from '../fakes/scripted-http.ts';
import { closeAll, entity, openPaddle, page, refused, tokenId } from '../paddle/setup.ts';
import { FakeWebhookTrail } from '../webhook/fakes.ts';

afterEach(closeAll);

const HOUR = 3_600_000;
const UNREADABLE = 'it is kept apart';
const eventId = (n: number) => `evt_${String(n).padStart(26, '0')}`;
const VALUE = 'test_7d279f61a3499fed520f7cd8c08';
const listed = (n: number, changes: object = {}) => ({
  event_id: eventId(n),
  event_type: 'client_token.created',
  occurred_at: `2026-11-22T05:${String(n % 60).padStart(2, '0')}:00.000Z`,
  data: { id: tokenId(n), token: VALUE, name: `token ${n}`, status: 'active' },
  ...changes,
});

/** Paddle over HTTP, with lists that tests write, and the real backfill and its client before it. */
async function world() {
  const { server, client, clock } = await openPaddle();
  const account = anAccount({ apiUrl: server.url });
  const lists = { events: [] as unknown[], tokens: [] as unknown[], perPage: 200 };
  const faults = new Map<string, Reply>();
  server.otherwise(({ path }: Asked) => {
    const url = new URL(path, server.url);
    const fault = faults.get(url.pathname);
    if (fault) return fault;
    const all = url.pathname === '/events' ? lists.events : lists.tokens;
    const skipped = Number(
      url.searchParams.get('skip') ?? all.findIndex((item) => idOf(item) === url.searchParams.get('after')) + 1,
    );
    const end = skipped + lists.perPage;
    const next = `${server.url}${url.pathname}?skip=${end}`;
    return page(all.slice(skipped, end), end < all.length ? next : null);
  });
  const trail = new FakeWebhookTrail();
  const [log, metrics] = [new RecordingLog(), new RecordingMetrics()];
  const marks = new Map<string, Watermark>();
  const states: IntegrationState[] = [];
  const asked: QueuedReconcile[] = [];
  const foreign: string[] = [];
  const backfill = createBackfill({
    ledger: {
      account: async () => account,
      sellers: async () => [],
      states: async () => states,
      watermark: async (name) => marks.get(name) ?? freshWatermark(name),
      save: async (previous, next) => void marks.set(next.account, { ...next, version: previous.version + 1 }),
    },
    trail: {
      append: (item) => trail.append(item),
      async reportForeign(_, { id }) {
        foreign.push(id);
        return 'stored';
      },
    },
    reports: new FakeReports(),
    queue: { send: async (requests) => void asked.push(...requests) },
    paddle: (each) => createHistory(client, each),
    ...{ clock, log, metrics },
  });
  const run = async () => (await backfill({ accounts: [account.name] }))[0];
  const events = () => server.asked.filter(({ path }) => path.startsWith('/events'));
  const kept = () => [...trail.items.values()];
  const ids = (kind: string) => kept().flatMap((item) => (item.kind === kind ? item.id : []));
  const mark = () => marks.get(account.name);
  return {
    server,
    clock,
    lists,
    faults,
    trail,
    kept,
    ids,
    log,
    metrics,
    mark,
    marks,
    states,
    asked,
    foreign,
    run,
    events,
  };
}

const idOf = (item: unknown) => (item as { event_id?: unknown; id?: unknown } | null)?.event_id;

describe('GET /events with an item that cannot be read', () => {
  test.each<[what: string, odd: unknown]>([
    ['that is null', null],
    ['that is a number', 7],
    ['that is a list', [listed(2)]],
    ['that is empty', {}],
    ['whose time is none', listed(2, { occurred_at: 'yesterday' })],
    ['without a time', listed(2, { occurred_at: null })],
    ['without a type', listed(2, { event_type: undefined })],
    ['with an id that is none', listed(2, { event_id: { id: 2 } })],
  ])('%s: it is kept apart and told once, the others are stored, and the cursor moves on', async (_, odd) => {
    const { lists, run, ids, log, kept, mark, clock } = await world();
    lists.events = [listed(1), odd, listed(3)];
    expect(await run()).toMatchObject({ filled: 2, unreadable: 1 });
    clock.time += HOUR;
    expect(await run()).toMatchObject({ filled: 0, unreadable: 0 });
    expect(ids('webhook')).toEqual([eventId(1), eventId(3)]);
    expect(ids('unreadable')).toHaveLength(1);
    expect(log.lines.filter((line) => line.includes(UNREADABLE))).toHaveLength(1);
    expect(JSON.stringify(kept())).not.toContain(VALUE.slice(0, -4));
    expect(mark()).toMatchObject({ anchors: [{ id: eventId(3) }], completeThrough: '2026-11-22T05:00:00.000Z' });
  });

  test.each<[what: string, change: object]>([
    ['dated with an offset', { occurred_at: '2026-11-22T05:02:00+00:00' }],
    ['dated in another zone', { occurred_at: '2026-11-22T07:02:00.000000+02:00' }],
    ['with data of null', { data: null }],
    ['with data that is a list', { data: [1] }],
    ['without data', { data: undefined }],
    ['with an id of another form', { event_id: 'evt_0-0_Z' }],
    ['of a type that nobody asked for', { event_type: 'transaction.paid' }],
  ])('is no such list when one is only %s', async (_, change) => {
    const { lists, run, ids } = await world();
    lists.events = [listed(1), listed(2, change)];
    expect(await run()).toMatchObject({ filled: 2, unreadable: 0 });
    expect(ids('unreadable')).toEqual([]);
  });

  test('in every page: nothing else is lost', async () => {
    const { lists, run, ids } = await world();
    lists.perPage = 2;
    lists.events = [1, 2, 3, 4, 5, 6].map((n) => (n % 2 ? listed(n) : listed(n, { occurred_at: 0 })));
    expect(await run()).toMatchObject({ filled: 3, unreadable: 3 });
    expect(ids('webhook')).toEqual([1, 3, 5].map(eventId));
    expect(ids('unreadable')).toEqual([2, 4, 6].map(eventId));
  });

  test('as its last: the next reading begins behind it all the same', async () => {
    const { lists, run, clock, events, mark } = await world();
    lists.events = [listed(1), listed(2, { occurred_at: null })];
    await run();
    expect(mark()?.anchors).toMatchObject([{ id: eventId(2), occurredAt: '2026-11-22T05:01:00.000Z' }]);
    for (let hours = 0; hours < 2; hours += 1) {
      clock.time += OVERLAP_MS;
      await run();
    }
    expect(events().at(-1)?.path).toContain(`after=${eventId(2)}`);
  });

  test('that is so deep that nobody could write it again', async () => {
    const { lists, run, faults, kept } = await world();
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    const body = JSON.stringify((page([listed(1), 'deep'], null) as { body: unknown }).body).replace('"deep"', deep);
    faults.set('/events', { status: 200, body });
    expect(lists.events).toEqual([]);
    expect(await run()).toMatchObject({ filled: 1, unreadable: 1 });
    expect(JSON.stringify(kept()).length).toBeLessThan(2_000);
  });
});

describe('GET /client-tokens with an item that cannot be read', () => {
  test.each<[what: string, odd: unknown]>([
    ['that is null', null],
    ['that is a list', [1]],
    ['whose date is none', entity({ id: tokenId(2), created_at: 'soon' })],
    ['without a name', entity({ id: tokenId(2), name: null })],
    ['with an odd id', entity({ id: 'token_2' })],
    ['with a value that is none', entity({ id: tokenId(2), token: 'test_#' })],
    ['with an empty value', entity({ id: tokenId(2), token: '' })],
    ['without a value', entity({ id: tokenId(2), token: undefined })],
  ])('%s: it is kept apart and told once, and the others are compared', async (_, odd) => {
    const { lists, run, ids, log, foreign, kept, clock } = await world();
    clock.time += HOUR;
    lists.tokens = [entity({ id: tokenId(1), name: 'theirs' }), odd, entity({ id: tokenId(3), name: 'also theirs' })];
    expect(await run()).toMatchObject({ foreign: 2, unreadable: 1 });
    expect(await run()).toMatchObject({ unreadable: 0 });
    expect(foreign.slice(0, 2)).toEqual([tokenId(1), tokenId(3)]);
    expect(ids('unreadable')).toHaveLength(1);
    expect(log.lines.filter((line) => line.includes(UNREADABLE))).toHaveLength(1);
    expect(JSON.stringify(kept())).not.toContain(VALUE.slice(0, -4));
  });

  test('does not make a token of ours look lost that is there, and odd', async () => {
    const { lists, run, states, asked, clock } = await world();
    clock.time += HOUR;
    const token = { name: 'pricing-page · 01K', value: VALUE, origin: 'minted', rotationId: '01K', status: 'current' };
    const createdAt = '2026-01-01T00:00:00.000Z';
    states.push({
      ...{ integration: 'pricing-page', version: 1, sweeps: [], requests: [] },
      tokens: [{ ...token, id: tokenId(2), createdAt } as IntegrationState['tokens'][number]],
    });
    lists.tokens = [entity({ id: tokenId(2), created_at: null })];
    expect(await run()).toMatchObject({ lost: 0, unreadable: 1 });
    expect(asked).toEqual([]);
  });

  test('is refused as a whole when one shows that the key is of the other environment', async () => {
    const { lists, run, foreign } = await world();
    lists.tokens = [entity({ token: VALUE.replace('test_', 'live_') })];
    await expect(run()).rejects.toThrow('whose value does not begin with test_');
    expect(foreign).toEqual([]);
  });
});

describe('a list that fails', () => {
  const DOWN: Reply = { status: 500, body: '<html>' };

  test('leaves the other one read: of events', async () => {
    const { lists, faults, run, foreign, clock, mark } = await world();
    clock.time += HOUR;
    lists.tokens = [entity({ name: 'theirs' })];
    faults.set('/events', DOWN);
    await expect(run()).rejects.toThrow(UnfilledError);
    expect(foreign).toHaveLength(1);
    expect(Object.keys(mark() ?? {}).sort()).toEqual(['account', 'anchors', 'begunAt', 'version']);
  });

  test('leaves the other one read: of tokens', async () => {
    const { lists, faults, run, ids, mark } = await world();
    lists.events = [listed(1)];
    faults.set('/client-tokens', refused(403, 'forbidden'));
    await expect(run()).rejects.toThrow('client_token.read');
    expect(ids('webhook')).toEqual([eventId(1)]);
    expect(mark()?.completeThrough).toBe('2026-11-22T04:00:00.000Z');
  });

  test('is told for both when both fail', async () => {
    const { faults, run } = await world();
    faults.set('/client-tokens', refused(403, 'forbidden'));
    faults.set('/events', refused(403, 'forbidden'));
    await expect(run()).rejects.toThrow(/notification\.read.*client_token\.read/);
  });

  test('in the middle is continued there, and promises nothing for it', async () => {
    const { lists, events, run, ids, mark, clock, trail } = await world();
    lists.perPage = 1;
    lists.events = [listed(1), listed(2), listed(3)];
    trail.refuse = eventId(3);
    await expect(run()).rejects.toThrow('refused');
    expect(mark()).toMatchObject({ reading: { after: eventId(2) }, anchors: [] });
    expect(mark()?.completeThrough).toBeUndefined();
    trail.refuse = undefined;
    clock.time += HOUR;
    const before = events().length;
    await run();
    expect(events()[before]?.path).toContain(`after=${eventId(2)}`);
    expect(ids('webhook')).toEqual([1, 2, 3].map(eventId));
    // The reading began an hour ago.
    expect(mark()?.completeThrough).toBe('2026-11-22T04:00:00.000Z');
  });

  test('because Paddle has forgotten where it was to go on is read from its beginning', async () => {
    const { lists, run, clock, faults, events, ids, marks } = await world();
    lists.events = [listed(1)];
    for (let days = 0; days < 2; days += 1) {
      await run();
      clock.time += OVERLAP_MS;
    }
    faults.set('/events', refused(400, 'invalid_field'));
    await expect(run()).rejects.toThrow(UnfilledError);
    expect(events().at(-1)?.path).toContain('after=');
    faults.clear();
    lists.events.push(listed(2));
    await run();
    expect(events().at(-1)?.path).not.toContain('after=');
    expect(ids('webhook')).toEqual([1, 2].map(eventId));
    expect([...marks.values()]).toHaveLength(1);
  });
});

describe('an event that is listed late, before others that were read long ago', () => {
  test.each([
    ['and every run is made', [1, 1, 1, 1, 1]],
    ['and runs are missed', [5, 5]],
    ['and a day of runs is missed', [23]],
    ['and a week of runs is missed', [24 * 7]],
  ])('is found: %s', async (_, hours) => {
    const { lists, run, clock, ids } = await world();
    lists.events = [listed(1), listed(3)];
    await run();
    for (const more of hours.slice(0, -1)) {
      clock.time += more * HOUR;
      await run();
    }
    // Paddle lists it at last.
    lists.events.splice(1, 0, listed(2));
    clock.time += (hours.at(-1) ?? 0) * HOUR;
    await run();
    expect(ids('webhook').sort()).toEqual([1, 2, 3].map(eventId));
  });
});
