/** Tokens that cannot be claimed, and adoptions that were overtaken. */
import { ThrottledError } from '../../lambdas/domain/errors.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { quietViolations } from './invariants.ts';
import { withToken } from './with-token.ts';

describe('a token that bears our name and cannot be claimed', () => {
  const withUnclaimed = async (rotationId = '01KZZZZZZZZZZZZZZZZZZZZZZZ') => {
    const world = await withToken();
    const made = world.harness.paddle.make(`pricing-page · ${rotationId}`);
    const report = () => world.harness.reconcile({ recheck: [made.id] });
    await report();
    return { ...world, made, report };
  };

  test('is told once, listed in status, and asked about once a day', async () => {
    const { harness, ask, types, made, report, count } = await withUnclaimed();
    await report();
    expect(types('token.unclaimed')).toMatchObject([{ reason: 'none', details: { tokenId: made.id } }]);
    const { unclaimed } = await ask({ action: 'status' });
    expect(unclaimed).toMatchObject([{ id: made.id, provenance: 'none', message: expect.stringMatching(/dashboard/) }]);
    expect(JSON.stringify(unclaimed)).not.toContain(made.token);
    const before = count('get');
    await harness.until(later(harness.clock.iso(), 5 * DAY));
    expect(count('get') - before).toBe(5);
    expect(types('token.unclaimed')).toHaveLength(1);
    expect(harness.active.map(({ id }) => id)).toContain(made.id);
  });

  test('leaves the list when it is revoked in the dashboard, or adopted', async () => {
    const gone = await withUnclaimed();
    gone.harness.paddle.revokeOutside(gone.made.id);
    await gone.harness.until(later(gone.harness.clock.iso(), 2 * DAY));
    expect(gone.harness.state.unclaimed).toEqual([]);
    const { harness, made } = await withUnclaimed();
    await harness.reconcile({ command: commands.adopt({ tokenId: made.id, answer: made }, {}) });
    expect(harness.current?.id).toBe(made.id);
    expect(harness.state.unclaimed).toEqual([]);
  });

  test('is revoked by name only if it was ours once', async () => {
    const { harness, ask, made } = await withUnclaimed();
    const refused = await ask({ action: 'revoke', tokenId: made.id, reason: 'x' });
    expect(refused).toMatchObject({ outcome: 'rejected', faults: [expect.stringMatching(/dashboard/)] });
    expect(harness.active.map(({ id }) => id)).toContain(made.id);
  });

  test('is revoked by name when the ledger had forgotten it', async () => {
    const { harness, ask, first } = await withToken();
    harness.ledger.states.delete('pricing-page');
    harness.ledger.owners.clear();
    await harness.reconcile();
    await harness.reconcile({ recheck: [first] });
    expect(harness.state.unclaimed).toMatchObject([{ id: first, provenance: 'known' }]);
    await ask({ action: 'revoke', tokenId: first, reason: 'nobody uses it' });
    expect(harness.active.map(({ id }) => id)).toEqual([harness.current?.id]);
  });

  test('is asked about again an hour later when Paddle gives no answer, and the run comes to its end', async () => {
    const { harness, count } = await withUnclaimed();
    const before = count('get');
    for (let outage = 0; outage < 3; outage += 1)
      harness.paddle.failNext('get', 'before', { error: new ThrottledError(0, 'wait') });
    await harness.until(later(harness.clock.iso(), DAY + 3 * HOUR + MINUTE));
    expect(count('get') - before).toBe(4);
  });
});

describe('an adopted token whose adoption was overtaken', () => {
  const overtaken = async () => {
    const world = await withToken();
    const { harness } = world;
    const [target] = harness.config.targets;
    if (!target) throw new Error('a target is needed');
    const made = harness.paddle.make('made in the dashboard');
    harness.targets.failNext('write', target, 'before');
    const adopt = () => harness.reconcile({ command: commands.adopt({ tokenId: made.id, answer: made }, {}) });
    await adopt();
    expect(harness.token(made.id).status).toBe('minted');
    await harness.reconcile({ command: commands.emergency({ reason: 'leaked' }) });
    return { ...world, made, adopt };
  };

  test('is told once, listed in status, and never revoked by itself', async () => {
    const { harness, ask, types, made } = await overtaken();
    expect(types('token.adoption-abandoned')).toMatchObject([{ tokenId: made.id }]);
    const status = await ask({ action: 'status' });
    expect(status.superseded).toContainEqual(
      expect.objectContaining({ id: made.id, held: expect.stringMatching(/Adopt it again, or revoke it by name/) }),
    );
    await harness.until(later(harness.clock.iso(), 100 * DAY));
    expect(harness.active.map(({ id }) => id)).toContain(made.id);
  });

  test('can be adopted again', async () => {
    const { harness, made, adopt } = await overtaken();
    await adopt();
    expect(harness.current?.id).toBe(made.id);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('can be revoked by name', async () => {
    const { harness, ask, made } = await overtaken();
    await ask({ action: 'revoke', tokenId: made.id, reason: 'not needed' });
    expect(harness.token(made.id).status).toBe('revoked');
    expect(quietViolations(harness)).toEqual([]);
  });
});
