/** Targets that hold tokens on their way out, at awkward moments. */

import { TransientError } from '../../lambdas/domain/errors.ts';
import type { IntegrationConfig, Target } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { three, value, watchOver } from './overwritten-scenes.ts';
import { OTHER, PARAMETER, SECRET } from './published-world.ts';

describe('one that is about to be revoked and is found at a target by the same run', () => {
  /** The next slot comes right after the deadline of the first, and somebody has gone back to a build of old meanwhile. */
  async function foundMeanwhile(config: Partial<IntegrationConfig> = {}) {
    const { harness, first } = await three({ schedule: { every: 2 * DAY - HOUR + MINUTE / 2 }, ...config });
    const faults: string[] = [];
    watchOver(harness, faults);
    const deployed = { tokenId: harness.current?.id ?? '', at: later(START, DAY) };
    if (config.consumers)
      harness.ledger.usages.set('pricing-page', [{ consumer: 'shop', phase: 'deploy', ...deployed, deployed }]);
    harness.ledger.onSave = (_, __, records) => {
      if (!records.some(({ type, tokenId }) => type === 'token.revoking' && tokenId === first)) return;
      harness.ledger.onSave = undefined;
      harness.targets.put(SECRET, harness.token(first).value);
      harness.clock.set(later(START, 3 * DAY + 40_000));
    };
    await harness.until(later(START, 3 * DAY + HOUR / 2));
    return { harness, first, faults };
  }

  test('is not revoked, and has its grace', async () => {
    const { harness, first, faults } = await foundMeanwhile();
    expect(faults).toEqual([]);
    expect(harness.current?.createdAt).toBe(later(START, 3 * DAY + 40_000));
    expect(harness.token(first)).toMatchObject({ status: 'superseded', revokeAfter: later(START, 5 * DAY + 40_000) });
    expect(harness.recordTypes().filter((type) => type === 'token.reappeared')).toHaveLength(1);
    await harness.until(later(START, 6 * DAY));
    expect(faults).toEqual([]);
    expect(harness.token(first).status).toBe('revoked');
  });

  test('waits for a deployment anew, where that is what starts the grace', async () => {
    const { harness, first } = await foundMeanwhile({ graceFrom: 'deployed', consumers: ['shop'] });
    expect(harness.current?.createdAt).toBe(later(START, 3 * DAY + 40_000));
    expect(harness.token(first)).toMatchObject({ status: 'superseded', hold: { reason: 'awaiting_deployment' } });
    expect(harness.token(first).revokeAfter).toBeUndefined();
  });
});

describe('a revoked token that a target serves', () => {
  const served = (harness: Harness) => harness.recordTypes().filter((type) => type.startsWith('token.revoked-'));

  test('is not said to be gone because the reading stopped at another target', async () => {
    const world = await three({ drift: 'report', targets: [PARAMETER, SECRET, OTHER] });
    const { harness, first, second } = world;
    await harness.reconcile({ command: commands.forceRevoke(second, { reason: 'leaked' }) });
    harness.targets.put(OTHER, value(world, second));
    await harness.reconcile({ newEvidence: true });
    expect(served(harness)).toEqual(['token.revoked-served']);
    harness.targets.put(PARAMETER, value(world, first));
    harness.targets.failNext('write', OTHER, 'before');
    await harness.reconcile({ command: commands.rotate({}) });
    expect(served(harness)).toEqual(['token.revoked-served']);
    await harness.until(later(harness.clock.iso(), HOUR));
    expect(served(harness)).toEqual(['token.revoked-served', 'token.revoked-gone']);
  });

  test('is not told of when it has been overwritten before, on the way', async () => {
    const world = await three();
    const { harness, first } = world;
    harness.targets.put(SECRET, value(world, first));
    const lost = harness.current?.id ?? '';
    harness.paddle.revokeOutside(lost);
    await harness.reconcile({ recheck: [lost] });
    expect(served(harness)).toEqual([]);
  });
});

const many = (count: number): Target[] =>
  Array.from({ length: count }, (_, index) => ({ kind: 'ssm', name: `/paddle/many/${index}` }));

/** That many late twins of a mint in doubt. */
async function orphans(count: number, config: Partial<IntegrationConfig> = {}) {
  const harness = new Harness({ config: { schedule: { every: 300 * DAY }, ...config } });
  await harness.until(later(START, MINUTE));
  harness.paddle.failNext('create', 'after');
  harness.paddle.failNext('list', 'before');
  await harness.reconcile({ command: commands.rotate({}) });
  const name = harness.state.rotation?.tokenName ?? '';
  for (let made = 0; made < count; made += 1) harness.paddle.make(name);
  await harness.until(later(harness.clock.iso(), 15 * MINUTE));
  return { harness, orphans: harness.state.tokens.filter(({ status }) => status === 'orphan') };
}

test('so many targets that each holds another one are all written, and every token has its grace', async () => {
  const targets = many(80);
  const { harness, orphans: found } = await orphans(80, { targets });
  expect(found).toHaveLength(80);
  for (const [index, target] of targets.entries()) harness.targets.put(target, found[index]?.value ?? '');
  await harness.reconcile({ command: commands.emergency({ reason: 'leaked' }) });
  await harness.until(later(harness.clock.iso(), 5 * MINUTE));
  expect(harness.state.rotation).toBeUndefined();
  for (const target of targets) expect(harness.targets.current(target)).toBe(harness.current?.value);
  for (const { id } of found) expect(harness.token(id)).toMatchObject({ status: 'orphan' });
  expect(harness.recordTypes().filter((type) => type === 'token.reappeared')).toHaveLength(80);
});

test.each(['a rotation', 'a check of the targets'])(
  'a text with more of them than one write takes does not stop %s',
  async (what) => {
    const { harness, orphans: found } = await orphans(120);
    expect(found).toHaveLength(120);
    const text = found.map((token) => token.value).join('\n');
    harness.targets.put(SECRET, text);
    harness.configure({ drift: 'report' });
    const command = what === 'a rotation' ? commands.emergency({ reason: 'leaked' }) : undefined;
    await harness.reconcile(command ? { command } : { newEvidence: true });
    const told = harness.ledger.records.filter(({ type }) => type === 'token.reappeared').map(({ tokenId }) => tokenId);
    expect(told.sort()).toEqual(found.map(({ id }) => id).sort());
    harness.targets.put(SECRET, harness.current?.value ?? '');
    await harness.until(later(harness.clock.iso(), DAY));
    for (const { id } of found) expect(harness.token(id).status).toBe('orphan');
  },
);

test('a target that refuses is counted once, although the publication was begun twice', async () => {
  const world = await three();
  const { harness, first } = world;
  let refused = 0;
  const write = harness.targets.write.bind(harness.targets);
  harness.targets.write = async (target, text, key) => {
    if (target.name !== PARAMETER.name) return write(target, text, key);
    refused += 1;
    throw new TransientError('unavailable', 'down');
  };
  harness.targets.put(SECRET, value(world, first));
  await harness.reconcile({ command: commands.rotate({}) });
  expect(harness.state.retry).toMatchObject({ attempts: 1, step: 'publish' });
  expect(harness.targets.current(SECRET)).not.toBe(value(world, first));
  expect(refused).toBeLessThanOrEqual(2);
});

test('an integration that leaves the configuration meanwhile is not written to, and the sighting stays', async () => {
  const world = await three();
  const { harness, first } = world;
  harness.targets.put(PARAMETER, value(world, first));
  harness.targets.onRead = () => harness.configure({ managed: false });
  await harness.reconcile({ command: commands.rotate({}) });
  expect(harness.targets.current(PARAMETER)).toBe(value(world, first));
  expect(harness.token(first).servedAt).toBe(harness.clock.iso());
});

test('a lease that is over when it is sighted is taken anew, or the run yields', async () => {
  const world = await three();
  const { harness, first } = world;
  harness.targets.put(PARAMETER, value(world, first));
  harness.targets.onRead = () => {
    harness.targets.onRead = undefined;
    harness.clock.advance(10 * MINUTE);
  };
  await harness.reconcile({ command: commands.rotate({}) });
  expect(harness.token(first).servedAt).toBe(harness.clock.iso());
  await harness.until(later(harness.clock.iso(), 5 * MINUTE));
  expect(harness.state.rotation).toBeUndefined();
  expect(harness.state.lease).toBeUndefined();
});

test('another run that was faster keeps what it wrote', async () => {
  const world = await three();
  const { harness, first } = world;
  harness.targets.put(PARAMETER, value(world, first));
  harness.targets.onRead = () => {
    harness.targets.onRead = undefined;
    const { state } = harness;
    harness.ledger.states.set('pricing-page', { ...state, version: state.version + 1 });
  };
  expect((await harness.reconcile({ command: commands.rotate({}) })).outcome).toBe('busy');
  expect(harness.targets.current(PARAMETER)).toBe(value(world, first));
});

test('somebody who writes it back again and again meanwhile ends up with it noted', async () => {
  const world = await three();
  const { harness, first } = world;
  harness.targets.put(PARAMETER, value(world, first));
  const faults: string[] = [];
  watchOver(harness, faults);
  const write = harness.targets.write.bind(harness.targets);
  let fights = 0;
  harness.targets.write = async (target, text, key) => {
    await write(target, text, key);
    fights += 1;
    if (fights < 20) harness.targets.put(target, value(world, first));
  };
  await harness.reconcile({ command: commands.rotate({}) });
  expect(fights).toBeLessThan(5);
  await harness.until(later(harness.clock.iso(), 20 * DAY));
  expect(faults).toEqual([]);
  expect(harness.token(first).status).toBe('revoked');
  expect(harness.recordTypes().filter((type) => type === 'token.reappeared')).toHaveLength(1);
});
