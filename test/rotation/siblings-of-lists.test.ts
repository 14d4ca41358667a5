/** What Paddle answers a moment late, and what a configuration does while it changes. */
import { RefusedError } from '../../lambdas/domain/errors.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { quietViolations, revokeOutside } from './invariants.ts';

async function begun(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const harness = new Harness(options);
  await harness.until(later(START, MINUTE));
  return {
    harness,
    first: harness.current?.id ?? '',
    ask: (command: ReturnType<typeof commands.rotate>) => harness.reconcile({ command }),
  };
}

describe('Paddle has signed that a token is revoked, and calls it active when it is asked', () => {
  const stale = async (says: 'revoked' | undefined, answers: number) => {
    const { harness, first } = await begun();
    const active = await harness.paddle.get(first);
    revokeOutside(harness, first);
    const get = harness.paddle.get.bind(harness.paddle);
    let left = answers;
    harness.paddle.get = async (id) => {
      left -= 1;
      return id === first && left >= 0 ? active : get(id);
    };
    const at = harness.clock.iso();
    await harness.ledger.report([
      { integration: 'pricing-page', tokenId: first, source: 'webhook', at, ...(says && { says }) },
    ]);
    await harness.reconcile();
    return { harness, first };
  };

  test('for a moment: it is asked again, and heals', async () => {
    const { harness, first } = await stale('revoked', 2);
    expect(harness.reported).toEqual([first]);
    await harness.until(later(harness.clock.iso(), 3 * MINUTE));
    expect(harness.current?.id).not.toBe(first);
    expect(harness.reported).toEqual([]);
  });

  test('for good: that is believed after a while, and nothing is asked for ever', async () => {
    const { harness, first } = await stale('revoked', 1_000);
    await harness.until(later(harness.clock.iso(), HOUR));
    expect(harness.reported).toEqual([]);
    expect(harness.current?.id).toBe(first);
    expect(harness.state.unanswered).toBeUndefined();
  });

  test('a report that says less is answered by the first answer', async () => {
    const { harness } = await stale(undefined, 1);
    expect(harness.reported).toEqual([]);
  });
});

test('a target that joined and left under a pause, and was given a token by an emergency in between, is evidence', async () => {
  const { harness, ask } = await begun();
  const [parameter, secret] = harness.config.targets;
  const guest = { kind: 'ssm', name: '/guest' } as const;
  if (!parameter || !secret) throw new Error('two targets');
  await ask(commands.pause({}));
  harness.configure({ targets: [parameter, guest, secret] });
  harness.targets.failNext('write', secret, 'before', new RefusedError('AccessDenied', 'no'));
  await ask(commands.emergency({ reason: 'leaked' }));
  const second = harness.state.rotation?.tokenId ?? '';
  expect(harness.targets.current(guest)).toBe(harness.token(second).value);
  harness.configure({ targets: [parameter, secret] });
  await harness.until(later(harness.clock.iso(), HOUR));
  expect(harness.current?.id).toBe(second);
  await ask(commands.resume({}));
  await ask(commands.rotate({}));
  await harness.until(later(harness.clock.iso(), 5 * DAY));
  expect(harness.token(second)).toMatchObject({ status: 'superseded', hold: { reason: 'former_target_holds' } });
});

describe('held', () => {
  test('a rollback of a rollback leaves one current token, and each its own grace', async () => {
    const { harness, first, ask } = await begun();
    await ask(commands.rotate({}));
    const second = harness.current?.id ?? '';
    harness.clock.advance(DAY);
    await ask(commands.rollback(undefined, {}));
    expect(harness.current?.id).toBe(first);
    harness.clock.advance(HOUR);
    await ask(commands.rollback(undefined, {}));
    expect(harness.current?.id).toBe(second);
    expect(harness.token(first).revokeAfter).toBe(later(harness.clock.iso(), 2 * DAY));
    await harness.until(later(harness.clock.iso(), 3 * DAY));
    expect(harness.token(first).status).toBe('revoked');
    expect(quietViolations(harness)).toEqual([]);
  });

  test('unmanaged with a grace running, and managed again long after it: evidence first, then the end', async () => {
    const { harness, first, ask } = await begun();
    await ask(commands.rotate({}));
    harness.configure({ managed: false });
    await harness.reconcile();
    expect(harness.dueAt).toBeUndefined();
    const [parameter] = harness.config.targets;
    harness.clock.advance(9 * DAY);
    if (parameter) harness.targets.put(parameter, harness.token(first).value);
    harness.configure({ managed: true });
    await harness.reconcile();
    await harness.until(later(harness.clock.iso(), DAY));
    expect(harness.token(first).status).toBe('superseded');
    await harness.until(later(harness.clock.iso(), 2 * DAY));
    expect(harness.token(first).status).toBe('revoked');
    expect(quietViolations(harness)).toEqual([]);
  });

  test('a grace that is configured longer or shorter changes no deadline that is known', async () => {
    const { harness, first, ask } = await begun();
    await ask(commands.rotate({}));
    const deadline = harness.token(first).revokeAfter;
    harness.configure({ graceMs: MINUTE });
    await harness.until(later(harness.clock.iso(), DAY));
    expect(harness.token(first)).toMatchObject({ status: 'superseded', revokeAfter: deadline });
  });

  test('a pause that ends in the very instant of the heartbeat is over', async () => {
    const { harness, ask } = await begun();
    const until = later(harness.clock.iso(), 10 * MINUTE);
    await ask(commands.pause({ until }));
    expect(harness.dueAt).toBe(until);
    harness.clock.set(until);
    await harness.reconcile();
    expect(harness.state.pause).toBeUndefined();
  });

  test('a late twin that turns up after months is an orphan, whatever became of its rotation', async () => {
    const { harness } = await begun();
    const { rotationId = '' } = harness.ledger.records.find(({ type }) => type === 'rotation.intended') ?? {};
    await harness.until(later(START, 120 * DAY));
    const late = harness.paddle.make(`pricing-page · ${rotationId}`);
    await harness.reconcile({ recheck: [late.id] });
    await harness.until(later(harness.clock.iso(), 2 * HOUR));
    expect(harness.active.map(({ id }) => id)).not.toContain(late.id);
  });
});
