/** A person's hold stands until a person releases it, whatever else becomes of the token. */

import { AmbiguousError, type EffectError, RefusedError, ThrottledError } from '../../lambdas/domain/errors.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Command } from '../../lambdas/rotation/reconcile.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';

async function withToken(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const harness = new Harness(options);
  await harness.until(later(START, MINUTE));
  const ask = (command: Command) => harness.reconcile({ command });
  const rotate = () => ask(commands.rotate({}));
  const hold = (tokenId: string) => ask(commands.hold(tokenId, { reason: 'app in the store', requestedBy: 'ana' }));
  const types = (type: string) => harness.ledger.records.filter((record) => record.type === type);
  return { harness, ask, rotate, hold, types, first: harness.current?.id ?? '' };
}

type World = Awaited<ReturnType<typeof withToken>>;

describe('a hold outlives', () => {
  test.each<[string, (world: World) => Promise<unknown>]>([
    [
      'a rollback, and the rotation after it',
      async ({ ask, rotate, first }) => {
        await ask(commands.rollback(first, {}));
        await rotate();
      },
    ],
    ['a rotation', ({ rotate }) => rotate()],
    [
      'an emergency',
      async ({ ask, first }) => {
        await ask(commands.rollback(first, {}));
        await ask(commands.emergency({ reason: 'leaked' }));
      },
    ],
    [
      'an adoption of another token',
      async ({ harness, ask }) => {
        const made = harness.paddle.make('made in the dashboard');
        await ask(commands.adopt({ tokenId: made.id, answer: made }, {}));
      },
    ],
    ['a forced revocation', ({ ask, first }) => ask(commands.forceRevoke(first, { reason: 'x' }))],
    [
      'a configuration change, and leaving the configuration for a while',
      async ({ harness }) => {
        harness.configure({ graceMs: MINUTE, graceFrom: 'deployed', managed: false });
        await harness.until(later(harness.clock.iso(), DAY));
        harness.configure({ managed: true, graceFrom: 'published' });
        await harness.reconcile();
      },
    ],
    [
      'the healing of a lost current token',
      async ({ harness }) => {
        const current = harness.current?.id ?? '';
        harness.paddle.revokeOutside(current);
        await harness.reconcile({ recheck: [current] });
      },
    ],
    [
      'a pause and its end',
      async ({ ask }) => {
        await ask(commands.pause({}));
        await ask(commands.resume({}));
      },
    ],
    [
      'a rollback that is overtaken by an emergency',
      async ({ harness, ask, first }) => {
        harness.paddle.failNext('get', 'before');
        await ask(commands.rollback(first, {}));
        await ask(commands.emergency({ reason: 'leaked' }));
      },
    ],
  ])('%s', async (_, happens) => {
    const world = await withToken();
    const { harness, first } = world;
    await world.rotate();
    await world.hold(first);
    await happens(world);
    await harness.until(later(harness.clock.iso(), 5 * DAY));
    await harness.reconcile({ newEvidence: true });
    expect(harness.token(first)).toMatchObject({ status: 'superseded', manualHold: { requestedBy: 'ana' } });
    expect(harness.active.map(({ id }) => id)).toContain(first);
    await world.ask(commands.release(first, {}));
    await harness.until(later(harness.clock.iso(), 5 * DAY));
    expect(harness.token(first).status).toBe('revoked');
  });
});

test('the current token can be held for when it is superseded, by a schedule or an emergency', async () => {
  for (const command of [commands.rotate({}), commands.emergency({ reason: 'leaked' })]) {
    const { harness, ask, hold, first, types } = await withToken();
    expect(await hold(first)).toMatchObject({ outcome: 'settled' });
    await ask(command);
    await harness.until(later(harness.clock.iso(), 9 * DAY));
    expect(harness.token(first).status).toBe('superseded');
    expect(types('token.revoking')).toEqual([]);
  }
});

test('an emergency says that a held token is not revoked, and releasing it ends it at once', async () => {
  const { harness, ask, hold, first, types } = await withToken();
  await hold(first);
  await ask(commands.emergency({ reason: 'leaked' }));
  expect(types('token.held').at(-1)?.message).toMatch(/NOT revoked by the emergency: it is held by ana/);
  await ask(commands.release(first, {}));
  expect(harness.token(first).status).toBe('revoked');
});

test('an emergency whose token is held leaves a paused integration paused, and asks nothing more', async () => {
  const { harness, ask, hold, first } = await withToken();
  await hold(first);
  await ask(commands.pause({}));
  await ask(commands.emergency({ reason: 'leaked' }));
  expect(await harness.reconcile()).toMatchObject({ decision: { reason: 'paused' } });
  // Nothing but the reminder of a pause that lasts too long.
  expect(harness.dueAt).toBe(later(harness.state.pause?.since ?? '', 7 * DAY));
});

test('forcing the revocation of a held token is refused with the remedy, and nothing is changed', async () => {
  const { harness, ask, rotate, hold, first } = await withToken();
  await rotate();
  await hold(first);
  const before = harness.state;
  expect(await ask(commands.forceRevoke(first, { reason: 'x' }))).toMatchObject({
    outcome: 'rejected',
    faults: [expect.stringMatching(/is held by ana since .* \("app in the store"\); release it first/)],
  });
  expect(harness.state).toEqual(before);
});

test.each<[string, Error]>([
  ['lost its answer', new AmbiguousError('timeout', 'lost on its way')],
  ['waits for a lock-out', new ThrottledError(Date.parse(START) + 3 * DAY, 'wait')],
  ['was refused', new RefusedError('forbidden', 'no')],
])('a token whose revocation %s can still be held, and then is not tried again', async (_, error) => {
  const { harness, rotate, hold, first } = await withToken();
  await rotate();
  harness.paddle.failNext('revoke', 'before', { error });
  await harness.until(later(START, 2 * DAY + MINUTE));
  expect(harness.token(first).hold?.reason).toBe((error as EffectError).code);
  await hold(first);
  await harness.until(later(harness.clock.iso(), 9 * DAY));
  expect(harness.token(first)).toMatchObject({ status: 'superseded', manualHold: { requestedBy: 'ana' } });
});

test('an orphan can be held, and an adoption of it keeps the hold', async () => {
  const { harness, ask, hold } = await withToken();
  const { rotationId } = harness.current ?? { rotationId: '' };
  const twin = harness.paddle.make(`pricing-page · ${rotationId}`);
  await harness.reconcile({ recheck: [twin.id] });
  await hold(twin.id);
  await harness.until(later(harness.clock.iso(), 3 * HOUR));
  expect(harness.token(twin.id).status).toBe('orphan');
  await ask(commands.adopt({ tokenId: twin.id, answer: twin, owner: 'pricing-page' }, {}));
  expect(harness.current).toMatchObject({ id: twin.id, manualHold: { requestedBy: 'ana' } });
});

test('holding what is revoked is refused', async () => {
  const { harness, ask, hold, first } = await withToken();
  await ask(commands.emergency({ reason: 'leaked' }));
  expect(harness.token(first).status).toBe('revoked');
  expect(await hold(first)).toMatchObject({ outcome: 'rejected', faults: [expect.stringMatching(/is revoked/)] });
});
