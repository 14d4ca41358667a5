/** `paddlewheel-status` changes nothing; `paddlewheel-rotate` reads nothing for anybody, and ends no token early without its alias. */
import { later, MINUTE } from '../../lambdas/domain/time.ts';
import type { Answer } from '../../lambdas/rotation/answer.ts';
import { START } from '../builders/integration.ts';
import { RecordingLog, RecordingMetrics } from '../fakes/runtime.ts';
import { functionsOf } from './functions.ts';
import { Harness } from './harness.ts';

const integration = 'pricing-page';

async function running(options: { deaf?: boolean } = {}) {
  const harness = new Harness();
  await harness.until(later(START, MINUTE));
  const integrations = () => ['shop', integration];
  const log = new RecordingLog();
  const functions = functionsOf({
    world: harness.world,
    log,
    metrics: new RecordingMetrics(),
    integrations,
    ...options,
  });
  const everything = () => JSON.stringify([harness.state, harness.ledger.records, harness.paddle.tokens]);
  const rotate = (payload: object, alias?: string) =>
    functions.rotate({ integration, ...payload }, 'id', alias) as Promise<Answer>;
  const status = (payload: object) => functions.status({ integration, ...payload }, 'id') as Promise<Answer>;
  return {
    harness,
    everything,
    ...functions,
    rotate,
    status,
    listing: () => functions.status({ action: 'list' }, 'id'),
  };
}

const leaked = { emergency: true, reason: 'leaked' };

test.each<object>([
  {},
  { action: 'reconcile' },
  { action: 'pause' },
  { action: 'resume' },
  { action: 'rollback' },
  leaked,
  { action: 'hold', reason: 'x', tokenId: `ctkn_${'a'.repeat(26)}` },
  { action: 'revoke', reason: 'x', tokenId: `ctkn_${'a'.repeat(26)}` },
])('status refuses %j', async (payload) => {
  const { status, everything, sent } = await running();
  const before = everything();
  expect(await status(payload)).toMatchObject({
    outcome: 'rejected',
    message: expect.stringContaining('paddlewheel-rotate'),
  });
  expect(everything()).toBe(before);
  expect(sent).toEqual([]);
});

test.each(['status', 'plan'])('who may rotate gets the same %s from rotate', async (action) => {
  const { rotate, status, everything } = await running();
  const before = everything();
  // The verdict in words is for people, who ask status.
  const { standings, ...told } = await status({ action });
  for (const alias of [undefined, 'operate']) expect(await rotate({ action }, alias)).toEqual(told);
  expect(standings === undefined).toBe(action === 'plan');
  expect(everything()).toBe(before);
});

test('rotate refuses to answer a check, and says who does', async () => {
  const { rotate } = await running();
  for (const alias of [undefined, 'operate'])
    expect(await rotate({ action: 'check' }, alias)).toMatchObject({
      outcome: 'rejected',
      message: expect.stringContaining('paddlewheel-status'),
    });
});

test('lists the integrations, and takes nothing else with it', async () => {
  const { listing, status } = await running();
  expect(await listing()).toMatchObject({ outcome: 'listed', integrations: [integration, 'shop'] });
  expect(await status({ action: 'list' })).toMatchObject({ outcome: 'rejected' });
});

test.each(['operate', 'other', '1'])('through the alias %s, an emergency is refused', async (alias) => {
  const { rotate, harness, everything } = await running();
  const before = everything();
  const current = String(harness.current?.id);
  for (const payload of [leaked, { action: 'revoke', reason: 'x', tokenId: current }])
    expect(await rotate(payload, alias)).toMatchObject({
      outcome: 'rejected',
      message: expect.stringContaining('invoke paddlewheel-rotate itself'),
    });
  expect(everything()).toBe(before);
  expect(await rotate(leaked)).toMatchObject({ outcome: 'rotated' });
});

test('anybody who may look may rehearse', async () => {
  const { status, rotate, everything } = await running();
  const before = everything();
  expect(await status({ ...leaked, dryRun: true })).toMatchObject({ outcome: 'planned' });
  expect(await rotate({ ...leaked, dryRun: true })).toMatchObject({ outcome: 'planned' });
  expect(everything()).toBe(before);
});

describe('a check', () => {
  test('is what rotate sees, and the same for all who ask within ten seconds', async () => {
    const { status, harness } = await running();
    const before = harness.paddle.calls.length;
    expect(await status({ action: 'check' })).toMatchObject({ outcome: 'checked', message: 'All 3 checks passed.' });
    expect(harness.paddle.calls.slice(before)).toMatchObject([{ method: 'get' }]);
  });

  test('that nobody answers is a fault, after a bounded time', async () => {
    const { status, rests } = await running({ deaf: true });
    const { checks, message } = await status({ action: 'check' });
    expect(checks).toMatchObject([{ what: 'rotate', ok: false, message: expect.stringMatching(/20 seconds/) }]);
    expect(message).toBe('1 of 1 checks failed.');
    expect(rests.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(25_000);
  });

  test('while rotate is at work says so, and is no fault', async () => {
    const { status, harness } = await running({ deaf: true });
    const lease = { runId: 'another', until: later(harness.clock.iso(), MINUTE) };
    harness.ledger.states.set(integration, { ...harness.state, lease });
    const { checks } = await status({ action: 'check' });
    expect(checks).toMatchObject([{ ok: true, message: expect.stringMatching(/at work/) }]);
  });

  test('for which nobody waits any more costs nothing', async () => {
    const { rotate, sent, harness, status, answers } = await running({ deaf: true });
    await status({ action: 'check' });
    harness.clock.advance(2 * MINUTE);
    const before = harness.paddle.calls.length;
    const Records = [{ messageId: 'm', receiptHandle: 'h', body: JSON.stringify(sent[0]) }];
    expect(await rotate({ Records })).toMatchObject({ batchItemFailures: [] });
    expect(harness.paddle.calls).toHaveLength(before);
    expect(answers.stored.size).toBe(0);
  });
});
