/** Targets that leave the configuration, and targets that join it. */
import { RefusedError } from '../../lambdas/domain/errors.ts';
import type { Target } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { quietViolations } from './invariants.ts';
import { OTHER, PARAMETER, published, rotated, SECRET } from './published-world.ts';

describe('a target that left the configuration', () => {
  test.each<[string, readonly (readonly Target[])[]]>([
    ['at once', [[SECRET]]],
    ['in two steps', [[PARAMETER, SECRET, OTHER], [OTHER]]],
  ])('is read as evidence until the tokens that it may hold are gone: %s', async (_, deploys) => {
    const { harness, first, wait } = await rotated();
    const value = harness.token(first).value;
    for (const targets of deploys) {
      harness.configure({ targets });
      await harness.reconcile();
    }
    harness.targets.put(PARAMETER, value);
    await wait(10 * DAY);
    expect(harness.token(first)).toMatchObject({
      status: 'superseded',
      hold: { reason: 'former_target_holds', message: expect.stringContaining(PARAMETER.name) },
    });
    harness.targets.remove(PARAMETER);
    await wait(3 * DAY);
    expect(harness.token(first).status).toBe('revoked');
  });

  test('holds every token that it may hold, and is forgotten with the last of them', async () => {
    const { harness, wait } = await rotated();
    const second = harness.current?.id ?? '';
    harness.configure({ targets: [SECRET] });
    await harness.reconcile();
    await wait(2 * HOUR);
    await harness.reconcile({ command: commands.rotate({}) });
    await wait(10 * DAY);
    expect(harness.token(second)).toMatchObject({ status: 'superseded', hold: { reason: 'former_target_holds' } });
    harness.targets.put(PARAMETER, 'something else by now');
    await wait(3 * DAY);
    expect(harness.token(second).status).toBe('revoked');
    await harness.reconcile({ command: commands.rotate({}) });
    expect(harness.state.formerTargets).toBeUndefined();
  });

  test('and holds a superseded token: the whole grace counts from when it is seen gone', async () => {
    const { harness, first, wait } = await published();
    harness.configure({ targets: [SECRET] });
    await harness.reconcile({ command: commands.rotate({}) });
    await wait(2 * DAY - MINUTE);
    harness.targets.put(PARAMETER, 'something else, a minute before the deadline');
    await wait(HOUR);
    const seenGone = harness.token(first).servedUntil ?? '';
    expect(harness.token(first)).toMatchObject({ status: 'superseded', revokeAfter: later(seenGone, 2 * DAY) });
    await wait(2 * DAY);
    expect(harness.token(first).status).toBe('revoked');
  });

  test('and holds one by somebody’s hand: the whole grace counts from when it is seen gone', async () => {
    const { harness, first, wait } = await rotated();
    harness.configure({ targets: [SECRET] });
    harness.targets.put(PARAMETER, harness.token(first).value);
    await wait(10 * DAY);
    harness.targets.remove(PARAMETER);
    await wait(2 * DAY - MINUTE);
    expect(harness.token(first).status).toBe('superseded');
    await wait(2 * HOUR);
    expect(harness.token(first).status).toBe('revoked');
  });

  test('and cannot be read any more, holds, and says what to do', async () => {
    const { harness, first, wait } = await rotated();
    harness.configure({ targets: [SECRET] });
    const read = harness.targets.read.bind(harness.targets);
    harness.targets.read = async (target) => {
      if (target.name === PARAMETER.name) throw new RefusedError('AccessDeniedException', 'no');
      return read(target);
    };
    await wait(10 * DAY);
    expect(harness.token(first)).toMatchObject({
      status: 'superseded',
      hold: { reason: 'former_target_unread', message: expect.stringContaining('formerTargets') },
    });
  });

  test('is read when the configuration names it as a former one, whatever the state remembers', async () => {
    const { harness, first, wait } = await rotated({ formerTargets: [OTHER] });
    harness.targets.put(OTHER, harness.token(first).value);
    await wait(10 * DAY);
    expect(harness.token(first)).toMatchObject({ status: 'superseded', hold: { reason: 'former_target_holds' } });
  });

  test('while a publication was half done there is remembered, too', async () => {
    const harness = new Harness({ config: { schedule: { every: 300 * DAY } } });
    harness.targets.failNext('write', SECRET, 'before', new RefusedError('AccessDenied', 'no'));
    await harness.reconcile();
    const first = harness.state.rotation?.tokenId ?? '';
    harness.configure({ targets: [SECRET] });
    await harness.until(later(START, HOUR));
    expect(harness.current?.id).toBe(first);
    await harness.reconcile({ command: commands.rotate({}) });
    await harness.until(later(harness.clock.iso(), 10 * DAY));
    expect(harness.token(first)).toMatchObject({ status: 'superseded', hold: { reason: 'former_target_holds' } });
  });
});

describe('a target that joined', () => {
  test.each(['restore', 'report'] as const)('is filled at the next reconcile, with drift %s', async (drift) => {
    const { harness, wait } = await rotated({ drift });
    harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
    await harness.reconcile();
    expect(harness.targets.current(OTHER)).toBe(harness.current?.value);
    expect(harness.state.repair).toBeUndefined();
    await wait(3 * DAY);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('says nothing of the others: what one of them holds is served still, superseded or revoked', async () => {
    const { harness, first } = await rotated({ drift: 'report' });
    harness.targets.put(PARAMETER, harness.token(first).value);
    await harness.reconcile({ newEvidence: true });
    harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
    await harness.reconcile();
    expect(harness.targets.current(OTHER)).toBe(harness.current?.value);
    expect(harness.token(first).servedAt).toBeDefined();
    expect(harness.token(first).servedUntil).toBeUndefined();

    harness.paddle.revokeOutside(first);
    await harness.reconcile({ recheck: [first] });
    const served = () => harness.state.watch?.served?.map(({ by, tokenId }) => [by, tokenId]);
    expect(served()).toEqual([['target', first]]);
    harness.configure({ targets: [PARAMETER, SECRET, OTHER, { kind: 'ssm', name: '/paddle/another' }] });
    await harness.reconcile();
    expect(served()).toEqual([['target', first]]);
  });

  test('is all that is written: what others have overwritten is only reported, as configured', async () => {
    const { harness, wait } = await rotated({ drift: 'report' });
    const theirs = harness.paddle.make('made in the dashboard').token;
    harness.targets.put(PARAMETER, theirs);
    harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
    await harness.reconcile();
    expect(harness.targets.current(OTHER)).toBe(harness.current?.value);
    await wait(2 * DAY);
    expect(harness.targets.current(PARAMETER)).toBe(theirs);
    expect(harness.state.drift?.targets).toEqual(['ssm:/paddle/pricing-page/client-token']);
  });

  test('and holds something else is refused and told, and keeps nobody from healing the others', async () => {
    const { harness, wait } = await rotated();
    harness.targets.put(OTHER, 'their connection string');
    harness.configure({ targets: [OTHER, PARAMETER, SECRET] });
    await harness.reconcile();
    expect(harness.targets.current(OTHER)).toBe('their connection string');
    expect(harness.ledger.records.filter(({ reason }) => reason === 'not_a_token')).toHaveLength(1);
    harness.targets.put(PARAMETER, harness.paddle.make('made in the dashboard').token);
    await wait(2 * DAY);
    expect(harness.targets.current(PARAMETER)).toBe(harness.current?.value);
    harness.targets.remove(OTHER);
    await wait(2 * HOUR);
    expect(harness.targets.current(OTHER)).toBe(harness.current?.value);
    expect(harness.state.repair).toBeUndefined();
  });

  test('under a pause is filled when it is resumed', async () => {
    const { harness } = await rotated();
    await harness.reconcile({ command: commands.pause({}) });
    harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
    await harness.reconcile();
    expect(harness.targets.current(OTHER)).toBeUndefined();
    await harness.reconcile({ command: commands.resume({}) });
    expect(harness.targets.current(OTHER)).toBe(harness.current?.value);
  });

  test('and left again before it could be filled, is not waited for', async () => {
    const { harness } = await rotated();
    harness.targets.put(OTHER, 'their connection string');
    harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
    await harness.reconcile();
    harness.configure({ targets: [PARAMETER, SECRET] });
    await harness.reconcile();
    expect(harness.state.repair).toBeUndefined();
  });
});
