/** Everything that is written has a bound, whatever others do: an item of DynamoDB holds 400 KB, and one that is larger stops all. */
import type { IntegrationState, Token } from '../../lambdas/domain/model.ts';
import { DAY, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';

const LONG = '例'.repeat(1_000);

test('a state with as many tokens as there may be, each with the longest texts, heals all the same', async () => {
  const harness = new Harness();
  await harness.until(later(START, MINUTE));
  const current = harness.current as Token;
  const leaving = (status: 'superseded' | 'orphan', at: number): Token => ({
    ...current,
    id: harness.paddle.make('pricing-page · 01JKB92MP7V4RFG8X3Q5WZ7BNA').id,
    value: `test_${String(at).padStart(27, '9')}`,
    status,
    revokeAfter: later(START, 400 * DAY),
    hold: { reason: 'target_differs', message: LONG, since: START, attempts: 9, nextCheckAt: later(START, 300 * DAY) },
    manualHold: { reason: LONG.slice(0, 500), requestedBy: LONG.slice(0, 200), since: START },
    emergency: { reason: LONG.slice(0, 500), requestedBy: LONG.slice(0, 200) },
  });
  const many = Array.from({ length: 250 }, (_, at) => leaving(at < 50 ? 'superseded' : 'orphan', at));
  const full: IntegrationState = { ...harness.state, tokens: [current, ...many] };
  harness.ledger.states.set(full.integration, full);
  harness.paddle.revokeOutside(current.id);
  await harness.reconcile({ recheck: [current.id] });
  expect(harness.current?.id).not.toBe(current.id);
  expect(harness.state.tokens.filter(({ manualHold }) => manualHold)).toHaveLength(250);
});

test('thousands of branches whose place nobody has named hold a revocation, and the record of it fits', async () => {
  const harness = new Harness({ config: { consumers: ['shop'] } });
  await harness.until(later(START, MINUTE));
  const first = harness.current?.id ?? '';
  await harness.reconcile({ command: commands.rotate({}) });
  const at = later(harness.clock.iso(), MINUTE);
  const branches = Array.from({ length: 3_000 }, (_, n) => ({
    ...{ consumer: 'shop', tokenId: first, build: `build-${n}`, phase: 'build' as const, at },
    branch: `feature/${n}-with-a-name-that-says-what-it-is-about`,
  }));
  harness.ledger.usages.set('pricing-page', branches);
  harness.clock.set(harness.token(first).revokeAfter ?? '');
  await harness.reconcile();
  expect(harness.token(first).hold?.reason).toBe('usage_outdated');
  const held = harness.ledger.records.find(({ type }) => type === 'token.held');
  expect(JSON.stringify(held)).toMatch(/"behind":3000/);
});
