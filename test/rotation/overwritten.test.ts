/** A target that holds a token on its way out is about to be overwritten: whoever dies then must not take the sighting along. */

import type { IntegrationConfig, Target } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Harness } from './harness.ts';
import { quietViolations } from './invariants.ts';
import { OTHER, PARAMETER, rotated, SECRET } from './published-world.ts';

/** An hour before the deadline of `first`, somebody writes it into `target`. */
async function writtenBack(target: Target, config: Partial<IntegrationConfig> = {}) {
  const { harness, first } = await rotated(config);
  const deadline = harness.token(first).revokeAfter ?? '';
  await harness.until(later(deadline, -HOUR));
  harness.targets.put(target, harness.token(first).value);
  const dies = (at: Target) => {
    harness.targets.failNext('write', at, 'after', Object.assign(new Error('died'), { name: 'Crash' }));
  };
  return { harness, first, deadline, dies };
}

/** Nobody knows more than that it was there at `seen`. */
async function mustHaveItsGrace(harness: Harness, first: string, seen: string) {
  await harness.until(later(seen, 2 * DAY - MINUTE));
  expect(harness.token(first).status).toBe('superseded');
  expect(harness.token(first).servedAt).toBeDefined();
  await harness.until(later(seen, 3 * DAY));
  expect(harness.token(first).status).toBe('revoked');
  expect(quietViolations(harness)).toEqual([]);
}

test.each([PARAMETER, SECRET])('by a rotation that dies with %j', async (target) => {
  const { harness, first, dies } = await writtenBack(target);
  dies(target);
  await expect(harness.reconcile({ command: commands.rotate({}) })).rejects.toThrow('died');
  const seen = harness.clock.iso();
  expect(harness.targets.current(target)).not.toBe(harness.token(first).value);
  await mustHaveItsGrace(harness, first, seen);
});

test('by the filling of a target that joined', async () => {
  const { harness, first, dies } = await writtenBack(OTHER);
  harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
  dies(OTHER);
  await expect(harness.reconcile()).rejects.toThrow('died');
  const seen = harness.clock.iso();
  expect(harness.targets.current(OTHER)).toBe(harness.current?.value);
  await mustHaveItsGrace(harness, first, seen);
});

test('by the restoring of another target, which was found changed before', async () => {
  const { harness, first, dies } = await writtenBack(SECRET);
  harness.targets.put(SECRET, harness.current?.value ?? '');
  harness.targets.put(PARAMETER, harness.paddle.make('made in the dashboard').token);
  harness.targets.failNext('write', PARAMETER, 'before');
  await harness.reconcile({ newEvidence: true });
  expect(harness.state.repair).toBeDefined();
  harness.targets.put(SECRET, harness.token(first).value);
  dies(SECRET);
  harness.clock.set(harness.state.repair?.nextAttemptAt ?? '');
  await expect(harness.reconcile()).rejects.toThrow('died');
  await mustHaveItsGrace(harness, first, harness.clock.iso());
});

test('by a rotation that is refused at that target, and dies at the next', async () => {
  const { harness, first, dies } = await writtenBack(PARAMETER);
  harness.targets.failNext('write', PARAMETER, 'before');
  dies(SECRET);
  await expect(harness.reconcile({ command: commands.rotate({}) })).rejects.toThrow('died');
  harness.targets.put(PARAMETER, harness.current?.value ?? '');
  await mustHaveItsGrace(harness, first, harness.clock.iso());
});

test('by a rotation, when it had been seen before, and gone', async () => {
  const { harness, first, dies } = await writtenBack(PARAMETER);
  await harness.reconcile({ newEvidence: true });
  expect(harness.token(first).servedUntil).toBeDefined();
  await harness.until(later(harness.token(first).revokeAfter ?? '', -HOUR));
  harness.targets.put(PARAMETER, harness.token(first).value);
  dies(PARAMETER);
  await expect(harness.reconcile({ command: commands.rotate({}) })).rejects.toThrow('died');
  await mustHaveItsGrace(harness, first, harness.clock.iso());
});

test('is written down once: the rotation goes on in the same run, and tells of it once', async () => {
  const { harness, first } = await writtenBack(PARAMETER);
  harness.targets.put(SECRET, `${harness.token(first).value}`);
  const { outcome } = await harness.reconcile({ command: commands.rotate({}) });
  expect(outcome).toBe('settled');
  expect(harness.targets.current(PARAMETER)).toBe(harness.current?.value);
  expect(harness.recordTypes().filter((type) => type === 'token.reappeared')).toHaveLength(1);
  expect(harness.recordTypes().filter((type) => type === 'token.published')).toHaveLength(3);
});

test('a condemned one is no news: the fresh token is written at once', async () => {
  const { harness, first } = await writtenBack(PARAMETER);
  const saves = harness.ledger.records.length;
  await harness.reconcile({ command: commands.emergency({ tokenId: first, reason: 'leaked' }) });
  expect(harness.recordTypes().slice(saves)).not.toContain('token.reappeared');
  expect(harness.targets.current(PARAMETER)).toBe(harness.current?.value);
});
