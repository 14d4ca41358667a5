/** An emergency that is asked for twice is one; what it names ends at once. */

import { MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Command } from '../../lambdas/rotation/reconcile.ts';
import { START } from '../builders/integration.ts';
import { withToken } from './with-token.ts';

async function called() {
  const { harness, ask: invoke, count, first } = await withToken();
  let calls = 0;
  /** As the AWS CLI calls: each call has an id of its own. */
  const call = (payload: object) => {
    calls += 1;
    return invoke(payload, `call-${calls}`);
  };
  const ask = (command: Command) => harness.reconcile({ command });
  return { harness, call, ask, minted: () => count('create'), first };
}

const leaked = { emergency: true, reason: 'leaked' };

test('repeated by a client that heard nothing, it joins the first, says so, and names its rotation', async () => {
  const { harness, call, minted } = await called();
  const once = await call(leaked);
  const current = harness.current?.id;
  harness.clock.advance(MINUTE);
  const twice = await call(leaked);
  expect(twice).toMatchObject({ rotationId: once.rotationId, message: expect.stringMatching(/joins the emergency/) });
  expect(harness.current?.id).toBe(current);
  harness.clock.advance(13 * MINUTE);
  await call({ ...leaked, reason: 'again' });
  expect(minted()).toBe(2);
});

test('a rehearsal says that it would join', async () => {
  const { call, minted } = await called();
  await call(leaked);
  await call({ ...leaked, dryRun: true });
  expect(minted()).toBe(2);
});

test('after a quarter of an hour, or with an id of its own, it is another one', async () => {
  const { harness, call, minted } = await called();
  await call(leaked);
  await call({ ...leaked, requestId: 'the second leak' });
  expect(minted()).toBe(3);
  await call({ ...leaked, requestId: 'the second leak' });
  expect(minted()).toBe(3);
  harness.clock.advance(15 * MINUTE);
  await call(leaked);
  expect(minted()).toBe(4);
});

test('a rotation that became an emergency is joined as well, and a repetition while it waits hurries it', async () => {
  const { harness, call, ask, minted } = await called();
  harness.paddle.failNext('create', 'before');
  await ask(commands.rotate({}));
  harness.paddle.failNext('create', 'before');
  await expect(call(leaked)).rejects.toThrow(/waits/);
  const answer = await call(leaked);
  expect(answer).toMatchObject({ message: expect.stringMatching(/joins the emergency/) });
  expect(harness.state.rotation).toBeUndefined();
  await call(leaked);
  expect(harness.active).toHaveLength(1);
  expect(minted()).toBe(4);
});

describe('a token that the emergency names', () => {
  test('ends at once although it was superseded a moment before', async () => {
    const { harness, call, ask, first } = await called();
    await ask(commands.rotate({}));
    const second = harness.current?.id ?? '';
    await call({ ...leaked, tokenId: first });
    expect(harness.token(first)).toMatchObject({ status: 'revoked', emergency: { reason: 'leaked' } });
    expect(harness.token(second).status).toBe('revoked');
    expect(harness.active.map(({ id }) => id)).toEqual([harness.current?.id]);
  });

  test('is among what a rehearsal says it breaks, and so is the current one', async () => {
    const { harness, call, ask, first } = await called();
    await ask(commands.rotate({}));
    const report = (consumer: string, tokenId = '') => ({ consumer, tokenId, phase: 'deploy' as const, at: START });
    harness.ledger.usages.set('pricing-page', [report('old-app', first), report('shop', harness.current?.id)]);
    const { breaks } = await call({ ...leaked, tokenId: first, dryRun: true });
    expect(breaks).toEqual([expect.stringMatching(/shop/), expect.stringMatching(/old-app/)]);
  });

  test('ends at once even when the emergency itself joins another', async () => {
    const { harness, call, ask, minted, first } = await called();
    await ask(commands.rotate({}));
    await call(leaked);
    expect(harness.token(first).status).toBe('superseded');
    await call({ ...leaked, tokenId: first });
    expect(harness.token(first).status).toBe('revoked');
    expect(minted()).toBe(3);
  });

  test('is the fresh one: then it is another emergency', async () => {
    const { harness, call, minted } = await called();
    await call(leaked);
    const fresh = harness.current?.id ?? '';
    await call({ ...leaked, tokenId: fresh });
    expect(harness.token(fresh).status).toBe('revoked');
    expect(minted()).toBe(3);
  });

  test('is held: it stays, and the answer says so', async () => {
    const { harness, call, ask, first } = await called();
    await ask(commands.rotate({}));
    await ask(commands.hold(first, { reason: 'app in the store', requestedBy: 'ana' }));
    const answer = await call({ ...leaked, tokenId: first });
    expect(JSON.stringify(answer.records)).toMatch(/NOT revoked by the emergency: it is held by ana/);
    expect(harness.token(first).status).toBe('superseded');
  });

  test.each([['is not ours', 'ctkn_00000000000000000000000000', /not a token of this integration/]])(
    '%s: refused, and nothing is changed',
    async (_, tokenId, fault) => {
      const { harness, call } = await called();
      const before = harness.state;
      expect(await call({ ...leaked, tokenId })).toMatchObject({
        outcome: 'rejected',
        faults: [expect.stringMatching(fault)],
      });
      expect(harness.state).toEqual(before);
    },
  );

  test('is about to be published: refused', async () => {
    const { harness, ask, call } = await called();
    const [target] = harness.config.targets;
    if (!target) throw new Error('a target is needed');
    harness.targets.failNext('write', target, 'before');
    await ask(commands.rotate({}));
    const { tokenId } = harness.state.rotation ?? {};
    expect(await call({ ...leaked, tokenId })).toMatchObject({
      faults: [expect.stringMatching(/about to be published/)],
    });
  });
});
