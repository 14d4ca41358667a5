import type { LookMessage } from '../../lambdas/contract.ts';
import { createHandle } from '../../lambdas/rotation/handle.ts';
import { tokenNameOf } from '../../lambdas/rotation/intend.ts';
import { RecordingLog, RecordingMeter } from '../shared/fakes.ts';
import { Harness } from './harness.ts';

/** The first rotation is done, its records are in the trail, and Paddle holds one more token under a name. */
async function withStray(name: (rotationId: string) => string) {
  const harness = new Harness();
  await harness.until('2026-03-01T00:10:00.000Z');
  const { rotationId } = harness.state.tokens[0] ?? { rotationId: '' };
  const stray = harness.paddle.make(name(rotationId));
  const report = () => harness.look({ strays: [stray.id] });
  return { harness, stray, rotationId, report };
}

const ours = (rotationId: string) => tokenNameOf('pricing-page', rotationId);

describe('a token that bears our name and that nobody knows', () => {
  test('is an orphan when its rotation was ours, and is revoked after the quarantine', async () => {
    const { harness, stray, report } = await withStray(ours);
    const current = harness.current?.id;
    await report();
    expect(harness.token(stray.id)).toMatchObject({ status: 'orphan', revokeAfter: '2026-03-01T01:10:00.000Z' });
    expect(harness.recordTypes()).toContain('token.orphaned');
    expect(harness.active).toHaveLength(2);
    await harness.until('2026-03-01T03:00:00.000Z');
    expect(harness.active.map(({ id }) => id)).toEqual([current]);
  });

  test('is left alone when no rotation of ours had that id, however well the name fits', async () => {
    const { harness, stray, report } = await withStray(() => ours('01KZZZZZZZZZZZZZZZZZZZZZZZ'));
    await report();
    await harness.until('2026-03-09T00:00:00.000Z');
    expect(harness.state.tokens.some(({ id }) => id === stray.id)).toBe(false);
    expect(harness.active.map(({ id }) => id)).toContain(stray.id);
  });

  test('is left alone when it was known once: a restored ledger may have forgotten what pages serve', async () => {
    const { harness } = await withStray(() => 'something else');
    const known = harness.current;
    if (!known) throw new Error('there is no current token');
    harness.ledger.states.delete('pricing-page');
    harness.ledger.owners.clear();
    await harness.look({ strays: [known.id] });
    await harness.until('2026-03-09T00:00:00.000Z');
    expect(harness.active.map(({ id }) => id)).toContain(known.id);
    expect(harness.recordTypes()).not.toContain('token.orphaned');
  });

  test('is left alone when it bears another integration’s name, or has been revoked', async () => {
    const other = await withStray((rotationId) => tokenNameOf('other-page', rotationId));
    await other.report();
    expect(other.harness.state.tokens).toHaveLength(1);
    const revoked = await withStray(ours);
    revoked.harness.paddle.revokeOutside(revoked.stray.id);
    await revoked.report();
    expect(revoked.harness.state.tokens).toHaveLength(1);
  });

  test('is left to the rotation that is under way under this very name', async () => {
    const harness = new Harness();
    harness.paddle.failNext('create', 'after');
    await harness.look();
    const [minted] = harness.active;
    if (!minted || !harness.state.rotation) throw new Error('the rotation must be in doubt');
    await harness.look({ strays: [minted.id] });
    expect(harness.recordTypes()).not.toContain('token.orphaned');
    await harness.until('2026-03-03T00:00:00.000Z');
    expect(harness.current?.id).toBe(minted.id);
  });

  test('is asked about again when Paddle gave no answer', async () => {
    const { harness, stray } = await withStray(ours);
    harness.paddle.failNext('get', 'before');
    const handle = createHandle({ world: harness.world, log: new RecordingLog(), meter: new RecordingMeter() });
    const message: LookMessage = { integration: 'pricing-page', cause: 'orphan', suspect: stray.id };
    const event = { Records: [{ messageId: 'm1', body: JSON.stringify(message) }] };
    expect(await handle(event, 'i1')).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(await handle(event, 'i2')).toEqual({ batchItemFailures: [] });
    expect(harness.token(stray.id)).toMatchObject({ status: 'orphan' });
  });
});
