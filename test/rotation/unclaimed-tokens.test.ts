import { tokenNameOf } from '../../lambdas/domain/token-name.ts';
import { Harness } from './harness.ts';

/** The first rotation is done, its records are in the trail, and Paddle holds one more token under a name. */
async function withUnclaimed(name: (rotationId: string) => string) {
  const harness = new Harness();
  await harness.until('2026-03-01T00:10:00.000Z');
  const { rotationId } = harness.state.tokens[0] ?? { rotationId: '' };
  const unclaimed = harness.paddle.make(name(rotationId));
  const report = () => harness.reconcile({ recheck: [unclaimed.id] });
  return { harness, unclaimed, rotationId, report };
}

const ours = (rotationId: string) => tokenNameOf('pricing-page', rotationId);

describe('a token that bears our name and that nobody knows', () => {
  test('is an orphan when its rotation was ours, and is revoked after the quarantine', async () => {
    const { harness, unclaimed, report } = await withUnclaimed(ours);
    const current = harness.current?.id;
    await report();
    expect(harness.token(unclaimed.id)).toMatchObject({ status: 'orphan', revokeAfter: '2026-03-01T01:10:00.000Z' });
    expect(harness.recordTypes()).toContain('token.orphaned');
    expect(harness.active).toHaveLength(2);
    await harness.until('2026-03-01T03:00:00.000Z');
    expect(harness.active.map(({ id }) => id)).toEqual([current]);
  });

  test('is left alone when no rotation of ours had that id, however well the name fits', async () => {
    const { harness, unclaimed, report } = await withUnclaimed(() => ours('01KZZZZZZZZZZZZZZZZZZZZZZZ'));
    await report();
    await harness.until('2026-03-09T00:00:00.000Z');
    expect(harness.state.tokens.some(({ id }) => id === unclaimed.id)).toBe(false);
    expect(harness.active.map(({ id }) => id)).toContain(unclaimed.id);
  });

  test('is left alone when it was known once: a restored ledger may have forgotten what pages serve', async () => {
    const { harness } = await withUnclaimed(() => 'something else');
    const known = harness.current;
    if (!known) throw new Error('there is no current token');
    harness.ledger.states.delete('pricing-page');
    harness.ledger.owners.clear();
    await harness.reconcile({ recheck: [known.id] });
    await harness.until('2026-03-09T00:00:00.000Z');
    expect(harness.active.map(({ id }) => id)).toContain(known.id);
    expect(harness.recordTypes()).not.toContain('token.orphaned');
  });

  test('is left alone when it bears another integration’s name, or has been revoked', async () => {
    const other = await withUnclaimed((rotationId) => tokenNameOf('other-page', rotationId));
    await other.report();
    expect(other.harness.state.tokens).toHaveLength(1);
    const revoked = await withUnclaimed(ours);
    revoked.harness.paddle.revokeOutside(revoked.unclaimed.id);
    await revoked.report();
    expect(revoked.harness.state.tokens).toHaveLength(1);
  });

  test('is left to the rotation that is under way under this very name', async () => {
    const harness = new Harness();
    harness.paddle.failNext('create', 'after');
    await harness.reconcile();
    const [minted] = harness.active;
    if (!minted || !harness.state.rotation) throw new Error('the rotation must be in doubt');
    await harness.reconcile({ recheck: [minted.id] });
    expect(harness.recordTypes()).not.toContain('token.orphaned');
    await harness.until('2026-03-03T00:00:00.000Z');
    expect(harness.current?.id).toBe(minted.id);
  });

  test('is asked about again when Paddle gave no answer', async () => {
    const { harness, unclaimed, report } = await withUnclaimed(ours);
    harness.paddle.failNext('get', 'before');
    expect(await report()).toMatchObject({ outcome: 'settled', unanswered: [unclaimed.id] });
    await harness.until('2026-03-01T00:15:00.000Z');
    expect(harness.token(unclaimed.id)).toMatchObject({ status: 'orphan' });
    expect(harness.reported).toEqual([]);
  });
});
