/** Nothing that was said about a token is forgotten before Paddle has answered. Each of these once went wrong, or would have. */

import { AmbiguousError, RefusedError } from '../../lambdas/domain/errors.ts';
import { DAY, HOUR, later, MINUTE, SECOND } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import type { Effects } from '../fakes/effects.ts';
import { Harness } from './harness.ts';
import { quietViolations, revokeOutside } from './invariants.ts';

async function begun(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const harness = new Harness(options);
  await harness.until(later(START, MINUTE));
  return { harness, first: harness.current?.id ?? '' };
}

/** Does something right after the next effect of a name. */
function afterNext(name: string) {
  const hook: Effects & { act?: () => void } = {
    before: () => {},
    after: (effect) => {
      const { act } = hook;
      if (effect !== name || !act) return;
      hook.act = undefined;
      act();
    },
  };
  return hook;
}

test('what is reported while another run is at work is followed up by that run', async () => {
  const hook = afterNext('paddle.revoke');
  const { harness, first } = await begun({ effects: hook });
  await harness.reconcile({ command: commands.rotate({}) });
  const current = harness.current?.id ?? '';
  hook.act = () => {
    revokeOutside(harness, current);
    void harness.report(current);
  };
  await harness.reconcile({ command: commands.forceRevoke(first, { reason: 'leaked' }) });
  expect(harness.token(current)).toMatchObject({ status: 'revoked', revokedBy: 'external' });
  expect(harness.current).toBeDefined();
  expect(harness.reported).toEqual([]);
  expect(quietViolations(harness)).toEqual([]);
});

test('a run that dies leaves the report to the next one, wherever it dies', async () => {
  for (let at = 0; at < 12; at += 1) {
    let left = Number.POSITIVE_INFINITY;
    const crash: Effects = {
      before: (name) => {
        if (left === 0) throw Object.assign(new Error(`before ${name}`), { name: 'Crash' });
        left -= 1;
      },
      after: () => {},
    };
    const { harness, first } = await begun({ effects: crash });
    harness.paddle.revokeOutside(first);
    await harness.report(first);
    left = at;
    await harness.reconcile().catch((error) => expect(error.name).toBe('Crash'));
    left = Number.POSITIVE_INFINITY;
    // The message comes back.
    for (let tries = 0; tries < 30 && harness.current?.id === first; tries += 1) {
      harness.clock.advance(5 * SECOND);
      await harness.reconcile();
    }
    await harness.until(later(harness.clock.iso(), 10 * MINUTE));
    expect(harness.current?.id).not.toBe(first);
    expect(harness.current).toBeDefined();
    expect(harness.reported).toEqual([]);
  }
});

test('a report that Paddle did not answer is asked about again at growing distances, and said to wait', async () => {
  const { harness, first } = await begun();
  harness.paddle.revokeOutside(first);
  for (let tries = 0; tries < 3; tries += 1) harness.paddle.failNext('get', 'before');
  expect(await harness.reconcile({ recheck: [first] })).toMatchObject({ outcome: 'settled', unanswered: [first] });
  expect(harness.state.unanswered).toMatchObject({
    attempts: 1,
    nextAttemptAt: later(harness.clock.iso(), 30 * SECOND),
  });
  harness.clock.set(harness.dueAt ?? '');
  await harness.reconcile();
  expect(harness.state.unanswered).toMatchObject({ attempts: 2, nextAttemptAt: later(harness.clock.iso(), MINUTE) });
  expect(harness.reported).toEqual([first]);
  await harness.until(later(harness.clock.iso(), 10 * MINUTE));
  expect(harness.current?.id).not.toBe(first);
  expect(harness.state.unanswered).toBeUndefined();
  expect(harness.reported).toEqual([]);
});

test('a token of ours that Paddle does not know is no answer: the key may be another account’s', async () => {
  const { harness, first } = await begun();
  const { get } = harness.paddle;
  harness.paddle.get = async () => undefined;
  await harness.reconcile({ recheck: [first] });
  expect(harness.state.unanswered).toMatchObject({ code: 'token_unknown' });
  expect(harness.reported).toEqual([first]);
  harness.paddle.get = get;
  await harness.until(later(harness.clock.iso(), 10 * MINUTE));
  expect(harness.reported).toEqual([]);
});

test('a second report that comes while the first is being answered is a question of its own', async () => {
  const hook = afterNext('paddle.get');
  const { harness, first } = await begun({ effects: hook });
  hook.act = () => {
    // Paddle has just answered "active".
    harness.paddle.revokeOutside(first);
    void harness.report(first);
  };
  await harness.reconcile({ recheck: [first] });
  expect(harness.token(first).revokedBy).toBe('external');
  expect(harness.current?.id).not.toBe(first);
});

test('more reports than one run can ask about are worked off by the next ones', async () => {
  const { harness, first } = await begun();
  const strangers = Array.from(
    { length: 150 },
    () => harness.paddle.make('pricing-page · 01KZZZZZZZZZZZZZZZZZZZZZZZ').id,
  );
  harness.paddle.revokeOutside(first);
  await harness.reconcile({ recheck: [...strangers, first] });
  // Ours comes first, however many others there are.
  expect(harness.current?.id).not.toBe(first);
  await harness.until(later(harness.clock.iso(), 10 * MINUTE));
  expect(harness.reported).toEqual([]);
});

test('the newest tokens come first: the current one is told of, although a pause keeps hundreds of older reports unanswered', async () => {
  const { harness } = await begun();
  const strangers = Array.from(
    { length: 501 },
    () => harness.paddle.make('pricing-page · 01JKB92MP7V4RFG8X3Q5WZ7BNA').id,
  );
  await harness.reconcile({ command: commands.rotate({}) });
  const current = harness.current?.id ?? '';
  await harness.reconcile({ command: commands.pause({}) });
  harness.paddle.revokeOutside(current);
  await harness.reconcile({ recheck: [...strangers, current] });
  expect(harness.token(current)).toMatchObject({ status: 'revoked', revokedBy: 'external' });
});

describe('while paused', () => {
  test('a revoked current token is recorded and told at once, and healed on resume', async () => {
    const { harness, first } = await begun();
    await harness.reconcile({ command: commands.pause({}) });
    harness.paddle.revokeOutside(first);
    const told = await harness.reconcile({ recheck: [first] });
    expect(harness.recordTypes()).toContain('token.lost');
    expect(told).toMatchObject({
      decision: { reason: 'paused', message: expect.stringContaining('Checkout is down') },
    });
    // Told again and again, so that the alarm does not end before checkout is back.
    expect(harness.dueAt).toBe(later(harness.clock.iso(), 4 * MINUTE));
    await harness.until(later(START, HOUR));
    expect(harness.active).toEqual([]);
    await harness.reconcile({ command: commands.resume({}) });
    expect(harness.current?.id).not.toBe(first);
    expect(harness.active).toHaveLength(1);
  });

  test('the end of a pause comes by itself, with one record', async () => {
    const { harness, first } = await begun();
    const until = later(START, 2 * DAY);
    await harness.reconcile({ command: commands.pause({ until }) });
    harness.paddle.revokeOutside(first);
    await harness.reconcile({ recheck: [first] });
    await harness.until(later(until, MINUTE));
    expect(harness.state.pause).toBeUndefined();
    expect(harness.current?.id).not.toBe(first);
    expect(harness.recordTypes().filter((type) => type === 'integration.resumed')).toHaveLength(1);
  });

  test('a command after its end is not refused, and an end in the past is', async () => {
    const { harness } = await begun();
    const until = later(START, DAY);
    await harness.reconcile({ command: commands.pause({ until }) });
    harness.clock.set(until);
    expect((await harness.reconcile({ command: commands.rotate({}) })).outcome).toBe('settled');
    expect(await harness.reconcile({ command: commands.pause({ until }) })).toMatchObject({ outcome: 'rejected' });
  });

  test('after a week it is looked at every hour, for the alarm', async () => {
    const { harness } = await begun();
    await harness.reconcile({ command: commands.pause({}) });
    expect(harness.dueAt).toBe(later(START, 7 * DAY + MINUTE));
    await harness.until(later(START, 8 * DAY));
    expect(Date.parse(harness.dueAt ?? '') - harness.clock.now()).toBeLessThanOrEqual(HOUR);
  });
});

test('a lost current token hurries the rotation that waits for its next attempt', async () => {
  const { harness, first } = await begun();
  const target = harness.config.targets[0] ?? { kind: 'ssm' as const, name: '' };
  const { create } = harness.paddle;
  harness.paddle.create = async () => {
    throw new RefusedError('forbidden', 'no');
  };
  await harness.reconcile({ command: commands.rotate({}) });
  await harness.until(later(harness.clock.iso(), 6 * HOUR));
  expect(Date.parse(harness.state.retry?.nextAttemptAt ?? '') - harness.clock.now()).toBeGreaterThan(2 * MINUTE);
  harness.paddle.create = create;
  harness.paddle.revokeOutside(first);
  await harness.reconcile({ recheck: [first] });
  expect(harness.current?.value).toBe(harness.targets.current(target));
  expect(harness.current?.id).not.toBe(first);
});

test('a token that is lost while it is being published is replaced at once: some targets hold it, or all', async () => {
  const { harness } = await begun();
  const [target] = harness.config.targets;
  if (!target) throw new Error('no target');
  // It was written, and the answer was lost.
  harness.targets.failNext('write', target, 'after');
  await harness.reconcile({ command: commands.rotate({}) });
  const { tokenId = '' } = harness.state.rotation ?? {};
  expect(harness.targets.current(target)).toBe(harness.token(tokenId).value);
  revokeOutside(harness, tokenId);
  await harness.reconcile({ recheck: [tokenId] });
  const healthy = harness.active.map(({ token }) => token);
  for (const each of harness.config.targets) expect(healthy).toContain(harness.targets.current(each));
  expect(harness.state.rotation).toBeUndefined();
});

test('a superseded token that a target serves is lost while its repair waits: the repair waits no longer', async () => {
  const { harness, first } = await begun();
  const [target] = harness.config.targets;
  if (!target) throw new Error('no target');
  await harness.reconcile({ command: commands.rotate({}) });
  const { write } = harness.targets;
  harness.targets.write = async () => {
    throw new RefusedError('AccessDenied', 'no');
  };
  harness.targets.put(target, harness.token(first).value);
  await harness.reconcile({ newEvidence: true });
  await harness.until(later(harness.clock.iso(), 6 * HOUR));
  expect(Date.parse(harness.state.repair?.nextAttemptAt ?? '') - harness.clock.now()).toBeGreaterThan(2 * MINUTE);
  harness.targets.write = write;
  revokeOutside(harness, first);
  await harness.reconcile({ recheck: [first] });
  expect(harness.targets.current(target)).toBe(harness.current?.value);
  expect(harness.state.repair).toBeUndefined();
});

test('losses of superseded tokens never slow the healing of the current one down', async () => {
  const { harness } = await begun();
  await harness.reconcile({ command: commands.rotate({}) });
  await harness.reconcile({ command: commands.rotate({}) });
  for (const { id } of harness.state.tokens) {
    harness.paddle.revokeOutside(id);
    await harness.reconcile({ recheck: [id] });
  }
  expect(harness.current).toBeDefined();
});

describe('an integration that leaves the configuration', () => {
  test('stops a run under way before its next effect', async () => {
    const hook = afterNext('paddle.create');
    const { harness, first } = await begun({ effects: hook });
    hook.act = () => harness.configure({ managed: false });
    const value = harness.current?.value;
    await harness.reconcile({ command: commands.rotate({}) });
    for (const target of harness.config.targets) expect(harness.targets.current(target)).toBe(value);
    expect(harness.current?.id).toBe(first);
  });

  test('is not written to at the next target either', async () => {
    const hook = afterNext('targets.write');
    const { harness, first } = await begun({ effects: hook });
    hook.act = () => harness.configure({ managed: false });
    await harness.reconcile({ command: commands.rotate({}) });
    const served = harness.config.targets.map((target) => harness.targets.current(target));
    expect(new Set(served).size).toBe(2);
    expect(harness.current?.id).toBe(first);
  });

  test('keeps what is reported meanwhile until it is managed again', async () => {
    const { harness, first } = await begun();
    harness.configure({ managed: false });
    harness.paddle.revokeOutside(first);
    await harness.reconcile({ recheck: [first] });
    expect(harness.reported).toEqual([first]);
    harness.configure({ managed: true });
    await harness.reconcile();
    expect(harness.reported).toEqual([]);
    expect(harness.current?.id).not.toBe(first);
  });
});

describe('a PATCH of ours that takes effect late', () => {
  async function interrupted() {
    const { harness, first } = await begun();
    await harness.reconcile({ command: commands.rotate({}) });
    harness.clock.set(harness.token(first).revokeAfter ?? '');
    harness.paddle.failNext('revoke', 'before', { error: new AmbiguousError('timeout', 'lost') });
    await harness.reconcile();
    expect(harness.token(first).status).toBe('revoking');
    await harness.reconcile({ command: commands.pause({}) });
    await harness.reconcile({ command: commands.resume({}) });
    harness.clock.set(harness.dueAt ?? '');
    harness.paddle.failNext('revoke', 'before');
    await harness.reconcile();
    return { harness, first };
  }

  test('is ours', async () => {
    const { harness, first } = await interrupted();
    harness.paddle.revokeOutside(first);
    await harness.reconcile({ recheck: [first] });
    expect(harness.token(first)).toMatchObject({ status: 'revoked', revokedBy: 'paddlewheel' });
    expect(harness.recordTypes()).not.toContain('token.lost');
  });
});
