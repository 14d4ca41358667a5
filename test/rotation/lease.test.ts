/** A run that was slow must not act on a lease that has run out, because another may be at work by then. */

import { later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import type { Effects } from '../fakes/effects.ts';
import { Harness } from './harness.ts';
import { quietViolations } from './invariants.ts';

/** Lets the clock run away once, right after the nth effect of a name. */
function slowAfter(name: string, nth: number): Effects & { harness?: Harness; armed: boolean; names: string[] } {
  let seen = 0;
  return {
    armed: false,
    names: [],
    before(effect) {
      if (this.armed) this.names.push(effect);
    },
    after(effect) {
      if (!this.armed || effect !== name) return;
      seen += 1;
      if (seen === nth) this.harness?.clock.advance(10 * MINUTE);
    },
  };
}

async function slow(name: string, nth: number) {
  const effects = slowAfter(name, nth);
  const harness = new Harness({ effects });
  effects.harness = harness;
  await harness.until(later(START, MINUTE));
  effects.armed = true;
  return { harness, effects };
}

test('after the intent: nothing is posted, and the next reconcile lists before it posts', async () => {
  const { harness, effects } = await slow('ledger.save', 1);
  expect((await harness.reconcile({ command: commands.rotate({}) })).outcome).toBe('busy');
  expect(effects.names).not.toContain('paddle.create');
  await harness.until(later(harness.clock.iso(), 10 * MINUTE));
  expect(effects.names.indexOf('paddle.list')).toBeLessThan(effects.names.indexOf('paddle.create'));
  expect(effects.names.indexOf('paddle.list')).toBeGreaterThan(0);
  expect(harness.active).toHaveLength(2);
  expect(quietViolations(harness)).toEqual([]);
});

test('between two targets: the second is not written until the next reconcile has asked Paddle', async () => {
  const { harness, effects } = await slow('targets.write', 1);
  const prior = harness.current?.id;
  expect((await harness.reconcile({ command: commands.rotate({}) })).outcome).toBe('busy');
  expect(effects.names.filter((effect) => effect === 'targets.write')).toHaveLength(1);
  expect(harness.current?.id).toBe(prior);
  await harness.until(later(harness.clock.iso(), 10 * MINUTE));
  expect(effects.names.filter((effect) => effect === 'targets.write')).toHaveLength(2);
  expect(harness.current?.id).not.toBe(prior);
  expect(quietViolations(harness)).toEqual([]);
});

test('gathering evidence that takes too long ends the reconcile before anything is revoked; the next one proves anew', async () => {
  const { harness, effects } = await slow('cap.reserve', 1);
  const first = harness.current?.id ?? '';
  await harness.reconcile({ command: commands.rotate({}) });
  effects.names.length = 0;
  harness.clock.set(harness.token(first).revokeAfter ?? '');
  expect(await harness.reconcile()).toMatchObject({ outcome: 'settled', decision: { reason: 'more_to_do' } });
  expect(effects.names).not.toContain('paddle.revoke');
  await harness.until(later(harness.clock.iso(), 5 * MINUTE));
  expect(harness.token(first).status).toBe('revoked');
  expect(quietViolations(harness)).toEqual([]);
});

test('while another run holds the lease, nothing at all is done', async () => {
  const { harness, effects } = await slow('none', 1);
  const lease = { runId: 'other', until: later(harness.clock.iso(), MINUTE) };
  harness.ledger.states.set('pricing-page', { ...harness.state, lease });
  effects.names.length = 0;
  const result = await harness.reconcile({ command: commands.emergency({ reason: 'leaked' }) });
  expect(result).toMatchObject({ outcome: 'busy', message: expect.stringMatching(/Run other is at work/) });
  expect(effects.names).toEqual(['ledger.load', 'ledger.account']);
  harness.clock.advance(MINUTE);
  expect((await harness.reconcile({ command: commands.rotate({}) })).outcome).toBe('settled');
});

test('old revoked tokens leave the state, the ten newest stay, and nothing else is lost', async () => {
  const { harness } = await slow('none', 1);
  for (let rotation = 0; rotation < 14; rotation += 1) {
    await harness.reconcile({ command: commands.emergency({ reason: `number ${rotation}` }) });
    harness.clock.advance(MINUTE);
  }
  const revoked = harness.state.tokens.filter((token) => token.status === 'revoked');
  const atPaddle = harness.paddle.tokens.filter((token) => token.status === 'revoked');
  expect(atPaddle).toHaveLength(14);
  expect(new Set(revoked.map((token) => token.id))).toEqual(new Set(atPaddle.slice(0, 10).map((token) => token.id)));
  expect(harness.current).toBeDefined();
});
