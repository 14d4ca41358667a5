import type { TrailRecord } from '../../lambdas/domain/audit-chain.ts';
import { createChainMissing } from '../../lambdas/observe/chain-missing.ts';
import { FakeTrail } from '../fakes/fake-trail.ts';
import { actionLine, observing, webhookLine } from './fakes.ts';

/** A trail, and what is chained of it; the clock stands at 2026-11-22T03:00. */
function comparing() {
  const world = observing();
  const trail = new FakeTrail(world.chained);
  const run = createChainMissing({ ...world.parts, written: trail, comparisons: trail.comparisons });
  const watched = () => run();
  return { ...world, trail, run: watched };
}

let ids = 0;
/** Written at 01 o'clock, unless it says otherwise: long enough ago. */
function action(writtenIn = '2026-11-22T00'): TrailRecord {
  ids += 1;
  const id = `act_${String(ids).padStart(4, '0')}`;
  return {
    ...actionLine({
      ...{ id, type: 'token.published', at: `${writtenIn}:10:00.000Z`, account: 'live', integration: 'pricing-page' },
      ...{ tokenId: 'ctkn_new', message: 'Every target reads it back.' },
    }),
    writtenIn,
  };
}
const keyOf = ({ pk, sk }: TrailRecord) => `${pk}|${sk}`;

test('a record that the stream gave up is chained, announced as if it came now, and told; and all of it once', async () => {
  const { run, trail, chained, announced, log } = comparing();
  const [lost, known] = [action(), action()];
  trail.put(lost, known);
  chained.push(keyOf(known));
  expect(await run()).toEqual({ records: 2, chained: 1, through: '2026-11-22T02' });
  expect(chained).toEqual([keyOf(known), keyOf(lost)]);
  expect(announced.map(({ id }) => id)).toEqual([lost.id]);
  expect(announced[0]).not.toHaveProperty('writtenIn');
  const warnings = () => log.lines.filter((line) => line.startsWith('warn'));
  expect(warnings()).toEqual([expect.stringContaining(keyOf(lost).replace('|', ' '))]);

  expect(await run()).toEqual({ records: 0, chained: 0, through: '2026-11-22T02' });
  trail.through = undefined;
  expect(await run()).toMatchObject({ records: 2, chained: 0 });
  expect([announced.length, warnings().length, chained.length]).toEqual([1, 1, 2]);
});

test('a webhook that nobody followed up is reported and attributed, too', async () => {
  const { run, trail, owners, states, reports, attributions } = comparing();
  owners.set('ctkn_new', 'pricing-page');
  const tokens = [{ id: 'ctkn_new', status: 'current', rotationId: 'r1', origin: 'minted', name: 'n' }] as const;
  states.set('pricing-page', { config: { account: 'live' }, state: { tokens } });
  const lost = webhookLine({
    id: 'evt_1',
    type: 'client_token.revoked',
    tokenId: 'ctkn_new',
    data: { status: 'revoked' },
  });
  trail.put({ ...lost, writtenIn: '2026-11-22T00' });
  await run();
  expect(reports.taken).toMatchObject([{ tokenId: 'ctkn_new', source: 'webhook' }]);
  expect([...attributions.values()]).toMatchObject([{ actor: 'external' }]);
});

test('it goes by when a record was written: what tells of last month, a simulation and what cannot be read are chained', async () => {
  const { run, trail, chained } = comparing();
  const line = webhookLine({ id: 'evt_2', type: 'transaction.completed' });
  const writtenIn = '2026-11-21T22';
  trail.put(
    { ...line, sk: '2026-10-01T00:00:00.000000Z#evt_2', day: '2026-10-01', writtenIn },
    { ...line, pk: 'SIMULATION#live', kind: 'simulation', day: undefined, writtenIn },
    { ...line, sk: 'UNREADABLE#evt_3', kind: 'unreadable', day: undefined, writtenIn },
  );
  expect(await run()).toMatchObject({ chained: 3 });
  expect(chained).toHaveLength(3);
});

test.each<[what: string, record: (record: TrailRecord) => TrailRecord]>([
  ['of the hour that is not over for an hour yet', (record) => ({ ...record, writtenIn: '2026-11-22T02' })],
  ['of this hour', (record) => ({ ...record, writtenIn: '2026-11-22T03' })],
  ['of no kind that we write', (record) => ({ ...record, kind: 'forged' })],
])('a record %s is left', async (_, change) => {
  const { run, trail, chained } = comparing();
  trail.put(change(action()));
  expect(await run()).toMatchObject({ chained: 0, through: '2026-11-22T02' });
  expect(chained).toEqual([]);
});

test('an hour is read once: the next run begins where this one ended', async () => {
  const { run, trail, clock } = comparing();
  trail.through = { hour: '2026-11-22T00' };
  await run();
  expect(trail.asked).toEqual(['2026-11-22T00', '2026-11-22T01']);
  clock.advance(3_600_000);
  trail.put(action('2026-11-22T02'));
  expect(await run()).toMatchObject({ chained: 1, through: '2026-11-22T03' });
  expect(trail.asked.slice(2)).toEqual(['2026-11-22T02']);
});

test('the first run goes a week back', async () => {
  const { run, trail } = comparing();
  await run();
  expect(trail.asked[0]).toBe('2026-11-15T03');
  expect(trail.asked).toHaveLength(7 * 24 - 1);
});

test('after a standstill of months each run reads a portion and gets on, until all is compared', async () => {
  const { run, trail } = comparing();
  trail.through = { hour: '2026-09-01T00' };
  trail.put(action('2026-10-20T12'));
  const runs = [];
  for (let runAt = 0; trail.through.hour < '2026-11-22T02' && runAt < 10; runAt += 1) runs.push(await run());
  expect(runs).toHaveLength(5);
  expect(runs.map(({ chained }) => chained)).toEqual([0, 0, 1, 0, 0]);
  expect(trail.asked).toHaveLength(new Set(trail.asked).size);
});

test('a run that has taken half a minute begins no further page, and the next one goes on within the hour', async () => {
  const world = comparing();
  const { trail, run, clock, chained } = world;
  trail.through = { hour: '2026-11-22T00' };
  trail.put(...Array.from({ length: 250 }, () => action()));
  const { page } = trail;
  trail.page = async (...of) => {
    clock.advance(31_000);
    return page.apply(trail, of);
  };
  expect(await run()).toMatchObject({ records: 100, chained: 100, through: '2026-11-22T00' });
  expect(await run()).toMatchObject({ records: 100, chained: 100, through: '2026-11-22T00' });
  expect(await run()).toMatchObject({ records: 50, chained: 50, through: '2026-11-22T01' });
  expect(new Set(chained).size).toBe(250);
});

describe('when it cannot', () => {
  test('chain a record, it chains the others of the page, fails for the platform to see, and begins there the next time', async () => {
    const { run, trail, chained, failures, log } = comparing();
    trail.through = { hour: '2026-11-22T00' };
    trail.put(action(), action(), action('2026-11-22T01'));
    failures.set('chain', 1);
    await expect(run()).rejects.toThrow('chain is away');
    expect([chained.length, trail.through]).toEqual([1, { hour: '2026-11-22T00' }]);
    expect(log.lines.join()).toContain('could not be followed up');
    expect(await run()).toMatchObject({ chained: 2, through: '2026-11-22T02' });
    expect(new Set(chained).size).toBe(3);
  });

  test('announce a record, it chains that all the same, and is not kept from getting on by it', async () => {
    const { run, trail, chained } = comparing();
    trail.put({ ...action(), type: 'token.painted' }, action());
    await expect(run()).rejects.toThrow('no event type for token.painted');
    expect(chained).toHaveLength(2);
    expect(await run()).toMatchObject({ chained: 0, through: '2026-11-22T02' });
  });

  test('read what is gone meanwhile, it goes on', async () => {
    const { run, trail } = comparing();
    trail.put(action());
    trail.read = async () => undefined;
    expect(await run()).toMatchObject({ records: 1, chained: 0 });
  });
});
