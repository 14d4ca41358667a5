/** The next step for a notification destination, by what Paddle, the secret and the ledger hold. Pure. */
import { DAY, HOUR, later } from '../../lambdas/domain/time.ts';
import { AUDITED_EVENTS, type Destination } from '../../lambdas/paddle/notification-settings.ts';
import {
  beginRotation,
  decideStep,
  type Facts,
  generationAtPaddle,
} from '../../lambdas/registrar/destinations/decide.ts';
import type { DestinationRecord } from '../../lambdas/registrar/destinations/model.ts';
import { START } from '../builders/integration.ts';

const NOW = later(START, 10 * DAY);
const ENDPOINT = 'https://hooks.example/webhooks/paddle/sandbox';
const SECOND = `${ENDPOINT}?d=2`;

const destination = (changes: Partial<Destination> = {}): Destination => ({
  ...{ id: 'ntfset_1', url: ENDPOINT, active: true, events: AUDITED_EVENTS, apiVersion: 1, trafficSource: 'all' },
  secret: 'one',
  ...changes,
});
const second = (changes: Partial<Destination> = {}) =>
  destination({ id: 'ntfset_2', url: SECOND, secret: 'two', ...changes });

const aRecord = (changes: Partial<DestinationRecord> = {}): DestinationRecord => ({
  ...{ account: 'sandbox', version: 3, generation: 1, destinationId: 'ntfset_1', secretSince: START },
  proved: { destinationId: 'ntfset_1', at: START },
  ...changes,
});
const rotation = { to: 2, requestedAt: START, overlapMs: DAY };

const step = (changes: Partial<Facts> = {}) =>
  decideStep({
    ...{ now: NOW, endpoint: ENDPOINT, found: [destination()], stored: ['one'], record: aRecord(), prove: true },
    ...changes,
  });

test('nothing, when all is in order', () => {
  expect(step()).toEqual({ kind: 'done', message: `ntfset_1 delivers to ${ENDPOINT}` });
});

describe('the destination in service', () => {
  test.each([
    [1, ENDPOINT],
    [2, SECOND],
  ])('of generation %i is made when it is not there, with everything that it is to have', (generation, url) => {
    const { message, ...made } = step({ found: [], record: aRecord({ generation, destinationId: undefined }) });
    expect(made).toEqual({
      kind: 'create',
      settings: { url, active: true, events: AUDITED_EVENTS, apiVersion: 1, trafficSource: 'all' },
    });
    expect(message).toContain(url);
  });

  test.each<[string, Partial<Destination>, object]>([
    ['its address', { url: 'https://elsewhere.example/' }, { url: ENDPOINT }],
    ['that it is silent', { active: false }, { active: true }],
    ['a missing event', { events: AUDITED_EVENTS.slice(1) }, { events: AUDITED_EVENTS }],
    ['an event too many', { events: [...AUDITED_EVENTS, 'x'] }, { events: AUDITED_EVENTS }],
    ['another event', { events: [...AUDITED_EVENTS.slice(1), 'x'] }, { events: AUDITED_EVENTS }],
    ['its version', { apiVersion: 2 }, { apiVersion: 1 }],
    ['what it takes', { trafficSource: 'simulation' }, { trafficSource: 'all' }],
  ])('is mended, and nothing of it is touched but %s', (_, flaw, settings) => {
    const mended = step({ found: [destination(flaw)] });
    expect(mended).toMatchObject({ kind: 'repair', id: 'ntfset_1' });
    expect((mended as { settings: object }).settings).toEqual(settings);
    expect(mended.message).toContain(Object.keys(settings)[0]);
  });

  test('takes its events in any order', () => {
    expect(step({ found: [destination({ events: AUDITED_EVENTS.toReversed() })] }).kind).toBe('done');
  });

  test('of several at one address is the faultless one, else the known one, else an active one, else the first', () => {
    const silent = (id: string) => destination({ id, active: false });
    const wrong = (id: string) => destination({ id, apiVersion: 9 });
    const chosen = (found: Destination[], destinationId = 'ntfset_9') =>
      (step({ found, record: aRecord({ destinationId }) }) as { id?: string }).id;
    const faultless = destination({ id: 'ntfset_3' });
    const record = aRecord({ destinationId: 'a' });
    expect(step({ found: [silent('a'), faultless], record })).toMatchObject({
      ...{ kind: 'record', record: { destinationId: 'ntfset_3' } },
    });
    expect(chosen([silent('a'), wrong('b'), silent('c')], 'c')).toBe('c');
    expect(chosen([silent('a'), wrong('b')])).toBe('b');
    expect(chosen([silent('a'), silent('b')])).toBe('a');
    expect(chosen([second(), destination({ id: 'moved', url: 'https://x.example/' })], 'moved')).toBe('moved');
  });

  test('that nobody knows is remembered, from now on; a failure that is over is forgotten', () => {
    const told = (record: Partial<DestinationRecord>) => step({ record: aRecord(record) });
    const failure = { code: 'x', message: 'x', since: START };
    const remembered = (secretSince: string) => ({
      kind: 'record',
      record: { ...aRecord(), destinationId: 'ntfset_1', secretSince },
    });
    expect(told({ destinationId: 'ntfset_0' })).toMatchObject(remembered(NOW));
    expect(told({ destinationId: undefined, secretSince: undefined })).toMatchObject(remembered(NOW));
    expect(told({ secretSince: undefined })).toMatchObject(remembered(NOW));
    const mended = told({ failure });
    expect(mended).toMatchObject(remembered(START));
    expect((mended as { record: object }).record).not.toHaveProperty('failure');
  });
});

describe('a test of it', () => {
  test('is made unless one has arrived through this very destination, since it was asked for', () => {
    const through = (destinationId: string, provenSince?: string) =>
      step({ record: aRecord({ proved: { destinationId, at: START } }), provenSince }).kind;
    expect(through('ntfset_0')).toBe('prove');
    expect([through('ntfset_1'), through('ntfset_1', START), through('ntfset_1', later(START, 1))]).toEqual([
      ...['done', 'done', 'prove'],
    ]);
    expect(step({ record: aRecord({ proved: undefined }) })).toMatchObject({
      kind: 'prove',
      destination: destination(),
    });
  });

  test('is left out where that is configured', () => {
    expect(step({ record: aRecord({ proved: undefined }), prove: false }).kind).toBe('done');
  });
});

describe('the webhook’s secrets', () => {
  test.each<[string, string[], object]>([
    ['are stored when none is', [], { kind: 'store', secrets: ['one'] }],
    ['are stored when another is', ['zero'], { kind: 'store', secrets: ['one'] }],
    ['are taken away when nothing sends under them any more', ['one', 'zero'], { kind: 'store', secrets: ['one'] }],
    ['are left when they are right', ['one'], { kind: 'done' }],
  ])('%s', (_, stored, expected) => {
    expect(step({ stored })).toMatchObject(expected);
  });

  test('come before anything is sent under them, and go after everything else', () => {
    const silent = destination({ active: false });
    expect(step({ found: [silent], stored: [] }).kind).toBe('store');
    expect(step({ found: [silent], stored: ['one', 'zero'] }).kind).toBe('repair');
    expect(step({ found: [destination(), second()], stored: ['one', 'two'] }).kind).toBe('retire');
  });

  test('of both destinations count during a rotation, the newer one first', () => {
    const during = { record: aRecord({ rotation }), found: [destination(), second({ trafficSource: 'simulation' })] };
    expect(step({ ...during, stored: ['one'] })).toMatchObject({ kind: 'store', secrets: ['two', 'one'] });
    expect(step({ ...during, stored: ['two', 'one'] }).kind).toBe('prove');
    expect(step({ record: aRecord({ rotation }), stored: ['one'] }).kind).toBe('create');
  });
});

describe('a rotation of the secret', () => {
  const both = { stored: ['two', 'one'] };
  const limited = second({ trafficSource: 'simulation' });
  const during = (more: object, next: Destination = second()) =>
    step({ ...both, record: aRecord({ rotation: { ...rotation, ...more } }), found: [destination(), next] });
  const checked = { checkedAt: START };
  const opened = (at: string) => ({ ...checked, openedAt: at });

  test('makes a destination that gets tests only, and tests it', () => {
    expect(step({ record: aRecord({ rotation }) })).toMatchObject({
      ...{ kind: 'create', settings: { url: SECOND, trafficSource: 'simulation', active: true } },
    });
    expect(during({}, second())).toMatchObject({
      ...{ kind: 'repair', id: 'ntfset_2', settings: { trafficSource: 'simulation' } },
    });
    expect(during({}, limited)).toMatchObject({ kind: 'prove', destination: limited });
  });

  test('notes that the test is left out, where that is configured', () => {
    const record = aRecord({ rotation });
    expect(step({ ...both, record, found: [destination(), limited], prove: false })).toMatchObject({
      ...{ kind: 'record', record: { ...record, rotation: { ...rotation, checkedAt: NOW } } },
    });
  });

  test('opens it once it is tested, and lets both serve for the overlap', () => {
    expect(during(checked, limited)).toMatchObject({
      kind: 'repair',
      id: 'ntfset_2',
      settings: { trafficSource: 'all' },
    });
    expect(during(checked)).toMatchObject({ kind: 'record', record: { rotation: { ...rotation, ...opened(NOW) } } });
    expect(during(opened(later(NOW, -DAY + 1))).kind).toBe('done');
  });

  test('then makes it the one in service, and silences the other, whose secret goes last', () => {
    const at = later(NOW, -DAY);
    const over = during(opened(at));
    expect(over).toMatchObject({
      ...{ kind: 'record', record: { generation: 2, destinationId: 'ntfset_2', secretSince: at } },
    });
    const { record } = over as { record: DestinationRecord };
    expect(record).not.toHaveProperty('rotation');
    const found = [destination(), second()];
    expect(step({ ...both, record, found })).toMatchObject({ kind: 'retire', id: 'ntfset_1' });
    const silent = [destination({ active: false }), second()];
    expect(step({ ...both, record, found: silent })).toMatchObject({ kind: 'store', secrets: ['two'] });
    expect(step({ stored: ['two'], record, found: silent }).kind).toBe('prove');
  });

  test('begins by itself when the secret is a year old', () => {
    const aged = (ms: number) => step({ record: aRecord({ secretSince: later(NOW, -ms) }) });
    expect(aged(365 * DAY - 1).kind).toBe('done');
    expect(aged(365 * DAY)).toMatchObject({
      kind: 'record',
      record: { rotation: { to: 2, requestedAt: NOW, overlapMs: DAY, reason: 'a year old' } },
    });
    expect(beginRotation({ generation: 4 }, NOW, HOUR)).toEqual({ to: 5, requestedAt: NOW, overlapMs: HOUR });
  });
});

describe('what else is at Paddle', () => {
  test.each<[string, Destination]>([
    ['elsewhere', destination({ id: 'x', url: 'https://other.example/' })],
    ['silent', second({ active: false })],
    ['at an address that only begins like ours', destination({ id: 'x', url: `${ENDPOINT}?d=02` })],
  ])('is left alone: %s', (_, other) => {
    expect(step({ found: [destination(), other] }).kind).toBe('done');
  });

  test('and of no generation in service is silenced', () => {
    expect(step({ found: [second(), destination()] })).toMatchObject({ kind: 'retire', id: 'ntfset_2' });
    const twin = destination({ id: 'ntfset_7' });
    expect(step({ found: [destination(), twin], record: aRecord() })).toMatchObject({ kind: 'retire', id: 'ntfset_7' });
  });
});

describe('the generation that Paddle knows', () => {
  test.each<[string, Destination[], number]>([
    ['none', [], 1],
    ['others’ only', [destination({ url: 'https://other.example/' })], 1],
    ['the first', [destination()], 1],
    ['the latest that is active', [destination(), second(), second({ url: `${ENDPOINT}?d=3`, active: false })], 2],
    ['the latest of all, when none is active', [destination({ active: false }), second({ active: false })], 2],
  ])('%s', (_, found, generation) => {
    expect(generationAtPaddle(found, ENDPOINT)).toBe(generation);
  });
});
