/** The life of a token that an open tab still uses: held while it is seen, revoked when it has been silent, and no later. */
import { METRICS } from '../../lambdas/contract.ts';
import type { SeenDay } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { FakeDeliveries, RecordingLog, RecordingMetrics } from '../fakes/runtime.ts';
import { functionsOf } from './functions.ts';
import { Harness } from './harness.ts';

const SILENT_FOR = 3 * DAY;

async function rotated() {
  const harness = new Harness({ config: { seen: { silentForMs: SILENT_FOR }, graceMs: 2 * DAY } });
  await harness.until(later(START, MINUTE));
  const old = harness.current?.id ?? '';
  await harness.reconcile({ command: commands.rotate({}) });
  const fresh = harness.current?.id ?? '';
  const supersededAt = harness.clock.iso();
  const days: SeenDay[] = [];
  harness.ledger.seenDays.set(harness.config.name, days);
  const seen = (tokenId: string) => {
    const at = harness.clock.iso();
    days.push({ tokenId, day: at.slice(0, 10), first: at, last: at, count: 1 });
    // Frozen with what it held when it was last asked for.
    harness.ledger.seenDays.set(harness.config.name, [...days]);
  };
  const records = (type: string) => harness.ledger.records.filter((record) => record.type === type);
  /** Pages with these tokens are looked at every six hours. */
  const open = async (end: string, ...tokenIds: readonly string[]) => {
    while (harness.clock.iso() < end) {
      for (const tokenId of tokenIds) seen(tokenId);
      await harness.until(later(harness.clock.iso(), 6 * HOUR));
    }
  };
  return { harness, old, fresh, supersededAt, open, records, seen };
}

test('an open tab holds the revocation until it is closed, and not longer than its silence', async () => {
  const { harness, old, fresh, supersededAt, open, records } = await rotated();
  await open(later(supersededAt, 5 * DAY), old, fresh);
  expect(harness.token(old)).toMatchObject({ status: 'superseded', hold: { reason: 'seen_recently' } });
  const lastSeen = later(supersededAt, 5 * DAY - 6 * HOUR);
  await open(later(supersededAt, 9 * DAY), fresh);
  expect(harness.token(old).status).toBe('revoked');
  // To the minute: the hold is looked at again when the silence is over.
  expect(records('token.revoking')).toMatchObject([{ at: later(lastSeen, SILENT_FOR + MINUTE), tokenId: old }]);
  const [{ details } = { details: {} }] = records('token.revoking');
  expect(JSON.stringify(details)).toContain('seen_silent');
  expect(records('token.held').map(({ reason }) => reason)).toEqual(['seen_recently']);
});

test('a token that is never seen again goes when it has been silent since it was superseded', async () => {
  const { harness, old, fresh, supersededAt, open, records } = await rotated();
  await open(later(supersededAt, 4 * DAY), fresh);
  expect(harness.token(old).status).toBe('revoked');
  expect(records('token.revoking')).toMatchObject([{ at: later(supersededAt, SILENT_FOR) }]);
});

test('pages without a beacon hold, for a person to find out, and alarm like any hold that lasts', async () => {
  const { harness, old, supersededAt } = await rotated();
  await harness.until(later(supersededAt, 8 * DAY));
  expect(harness.token(old)).toMatchObject({ status: 'superseded', hold: { reason: 'seen_no_beacon' } });
  const metrics = new RecordingMetrics();
  const { ask } = functionsOf({ world: harness.world, log: new RecordingLog(), metrics });
  await ask({ integration: harness.config.name, action: 'reconcile' }, 'call');
  expect(metrics.counted).not.toContain('HoldOverdue');
  harness.clock.advance(2 * DAY);
  await ask({ integration: harness.config.name, action: 'reconcile' }, 'later');
  expect(metrics.counted).toContain('HoldOverdue');
});

test('whoever forges beacons delays the revocation, until a person ends the token', async () => {
  const { harness, old, fresh, supersededAt, open } = await rotated();
  await open(later(supersededAt, 12 * DAY), old, fresh);
  expect(harness.token(old).status).toBe('superseded');
  await harness.reconcile({ command: commands.forceRevoke(old, { reason: 'that is nobody' }) });
  await harness.until(later(harness.clock.iso(), MINUTE));
  expect(harness.token(old).status).toBe('revoked');
});

test('status says when each token was last seen, a revoked one too, and plan until when it waits', async () => {
  const { harness, old, fresh, supersededAt, open } = await rotated();
  await open(later(supersededAt, 3 * DAY), old, fresh);
  const { ask } = functionsOf({ world: harness.world, log: new RecordingLog(), metrics: new RecordingMetrics() });
  const answer = (action: string) =>
    ask({ integration: harness.config.name, action }, 'call') as Promise<Record<string, unknown>>;
  expect((await answer('status')).seen).toMatchObject([
    { tokenId: old, status: 'superseded', last: later(supersededAt, 3 * DAY - 6 * HOUR) },
    { tokenId: fresh, status: 'current' },
  ]);
  expect(JSON.stringify(await answer('plan'))).toContain('it counts as silent from');
  expect(JSON.stringify(await answer('status'))).not.toContain(harness.token(old).value);
});

describe('a revoked token that a beacon speaks of', () => {
  const life = async () => {
    const world = await rotated();
    const { harness, old, fresh, supersededAt } = world;
    // The old one is silent from the beginning.
    await world.open(later(supersededAt, 4 * DAY), fresh);
    expect(harness.token(old).status).toBe('revoked');
    const [log, metrics] = [new RecordingLog(), new RecordingMetrics()];
    const handle = functionsOf({ world: harness.world, deliveries: new FakeDeliveries(), log, metrics }).ask;
    /** As the function that takes the beacons asks. */
    const heard = (tokenId: string) => {
      world.seen(tokenId);
      const body = JSON.stringify({ integration: harness.config.name, cause: 'seen' });
      return handle({ Records: [{ messageId: 'm', receiptHandle: 'h', body }] }, 'i');
    };
    const status = () =>
      handle({ integration: harness.config.name, action: 'status' }, 'i') as Promise<Record<string, unknown>>;
    const rung = () => metrics.counted.filter((name) => name === METRICS.revokedTokenServed).length;
    const passing = (ms: number) => harness.until(later(harness.clock.iso(), ms));
    await passing(MINUTE);
    return { ...world, heard, status, rung, passing, message: async () => String((await status()).message) };
  };

  test('is told at once, and once a day, however often it is seen', async () => {
    const { heard, old, rung, records, passing } = await life();
    await heard(old);
    expect(records('token.revoked-seen')).toMatchObject([{ tokenId: old, message: expect.stringContaining(old) }]);
    expect(rung()).toBe(1);
    for (let hour = 0; hour < 23; hour += 1) {
      await passing(HOUR);
      await heard(old);
    }
    expect([rung(), records('token.revoked-seen').length]).toEqual([1, 1]);
    await passing(2 * HOUR);
    await heard(old);
    expect([rung(), records('token.revoked-seen').length]).toEqual([2, 2]);
  });

  test('is a hint: status says it for a day, no build is asked for, and nobody says that checkout is down', async () => {
    const { heard, old, message, status, passing, records } = await life();
    expect(await message()).not.toContain('beacon');
    await heard(old);
    expect(await message()).toContain(`A beacon says that a page has used ${old}`);
    expect(await status()).toMatchObject({ checkoutDown: false });
    expect(records('build.requested')).toEqual([]);
    await passing(DAY + HOUR);
    expect(await message()).not.toContain('beacon');
  });

  test('has the pages looked at, and what they serve is told as ever', async () => {
    const { harness, heard, old, message } = await life();
    const url = 'https://example.com/forgotten';
    harness.configure({ sites: [{ url, extraOrigins: [] }] });
    harness.sites.deploy(url, harness.token(old).value);
    await heard(old);
    expect(harness.sites.watched.length).toBeGreaterThan(0);
    expect(await message()).toContain('CHECKOUT IS DOWN');
    expect(await message()).not.toContain('A beacon says');
  });

  test('says nothing when it was seen before it was revoked, or when nobody asks for beacons any more', async () => {
    const { harness, heard, fresh, old, records } = await life();
    await heard(fresh);
    harness.configure({ seen: undefined });
    await heard(old);
    expect(records('token.revoked-seen')).toEqual([]);
  });
});
