/** Siblings of the defects that a review had found: the same kinds, in places that nobody had listed. */

import { DAY, HOUR, later, MINUTE, SECOND } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Command } from '../../lambdas/rotation/reconcile.ts';
import { START } from '../builders/integration.ts';
import { FakeDeliveries, RecordingLog, RecordingMetrics } from '../fakes/runtime.ts';
import { functionsOf } from './functions.ts';
import { Harness } from './harness.ts';

async function withToken(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const harness = new Harness(options);
  await harness.until(later(START, MINUTE));
  const { ask: invocation } = functionsOf({
    world: harness.world,
    deliveries: new FakeDeliveries(),
    log: new RecordingLog(),
    metrics: new RecordingMetrics(),
  });
  let calls = 0;
  /** As the AWS CLI calls: each call has an id of its own. */
  const call = (payload: object) => {
    calls += 1;
    return invocation({ integration: 'pricing-page', ...payload }, `call-${calls}`) as Promise<Record<string, unknown>>;
  };
  const ask = (command: Command) => harness.reconcile({ command });
  const current = () => harness.current?.id ?? '';
  return { harness, call, ask, current, first: current() };
}

const leaked = { emergency: true, reason: 'leaked' };

describe('an emergency', () => {
  test('that names the current token is another one, when the last one brought an earlier token', async () => {
    const { harness, call, ask, current } = await withToken();
    await call(leaked);
    await ask(commands.rotate({}));
    const named = current();
    const answer = await call({ ...leaked, tokenId: named });
    expect(harness.token(named).status).toBe('revoked');
    expect(answer.message).not.toMatch(/joins/);
  });

  test('that names a token is repeated by a client that heard nothing: it joins, although the token is gone by now', async () => {
    const { harness, call, first, current } = await withToken();
    const once = await call({ ...leaked, tokenId: first });
    const fresh = current();
    harness.clock.advance(MINUTE);
    const twice = await call({ ...leaked, tokenId: first });
    expect(twice).toMatchObject({
      outcome: 'rotated',
      rotationId: once.rotationId,
      message: expect.stringMatching(/joins/),
    });
    expect(current()).toBe(fresh);
  });
});

describe('the id of one request for another one is refused, and nothing is said to be done', () => {
  test.each([
    ['a rollback', { action: 'rollback' }],
    ['an emergency', leaked],
    ['an adoption', { action: 'adopt' }],
  ])('%s', async (_, payload) => {
    const { harness, call } = await withToken();
    await call({ requestId: 'build 7' });
    const before = harness.state;
    const made = harness.paddle.make('by hand');
    const tokenId = 'action' in payload && payload.action === 'adopt' ? { tokenId: made.id } : {};
    const answer = await call({ ...payload, ...tokenId, requestId: 'build 7' });
    expect(answer).toMatchObject({ outcome: 'rejected', faults: [expect.stringMatching(/requestId/)] });
    expect(harness.state).toEqual(before);
  });
});

test('a hold that comes too late is not answered as if it held', async () => {
  const { harness, call, ask, first } = await withToken();
  await ask(commands.rotate({}));
  harness.clock.set(later(START, 3 * DAY));
  harness.paddle.failNext('revoke', 'after');
  await harness.reconcile();
  expect(harness.token(first).status).toBe('revoking');
  harness.clock.advance(2 * HOUR);
  const answer = call({ action: 'hold', tokenId: first, reason: 'app in the store' });
  await expect(answer).rejects.toThrow(/revoked/);
});

test('the current token is asked about before all others that were reported', async () => {
  const { harness, ask, current } = await withToken();
  for (let each = 0; each < 30; each += 1) await ask(commands.rotate({}));
  const lost = current();
  harness.paddle.revokeOutside(lost);
  const before = harness.paddle.calls.length;
  await harness.report(...harness.state.tokens.map(({ id }) => id));
  await harness.reconcile();
  expect(harness.paddle.calls[before]).toEqual({ method: 'get', subject: lost });
});

test('a token of ours that was adopted by another integration ends the search for it: a fresh one is minted', async () => {
  const { harness, ask, first, current } = await withToken();
  harness.paddle.failNext('create', 'after');
  await ask(commands.rotate({}));
  const theirs = harness.paddle.tokens[0]?.id ?? '';
  harness.ledger.owners.set(theirs, { tokenId: theirs, integration: 'shop', rotationId: 'x' });
  await harness.until(later(harness.clock.iso(), HOUR));
  expect(harness.state.rotation).toBeUndefined();
  expect([first, theirs]).not.toContain(current());
  await harness.until(later(harness.clock.iso(), 5 * DAY));
  expect(harness.active.map(({ id }) => id).sort()).toEqual([theirs, current()].sort());
  expect(harness.recordTypes()).toContain('rotation.abandoned');
});

describe('a token that bears our name and that another integration has', () => {
  test('is none of ours: it is not listed', async () => {
    const { harness } = await withToken();
    const theirs = harness.paddle.make('pricing-page · 01JKB92MP7V4RFG8X3Q5WZ7BNA');
    harness.ledger.owners.set(theirs.id, { tokenId: theirs.id, integration: 'shop', rotationId: 'x' });
    await harness.reconcile({ recheck: [theirs.id] });
    expect(harness.state.unclaimed ?? []).toEqual([]);
    expect(harness.recordTypes()).not.toContain('token.unclaimed');
  });

  test('is no longer listed once it has been adopted there', async () => {
    const { harness } = await withToken();
    const theirs = harness.paddle.make('pricing-page · 01JKB92MP7V4RFG8X3Q5WZ7BNA');
    await harness.reconcile({ recheck: [theirs.id] });
    expect(harness.state.unclaimed).toHaveLength(1);
    harness.ledger.owners.set(theirs.id, { tokenId: theirs.id, integration: 'shop', rotationId: 'x' });
    await harness.until(later(harness.clock.iso(), 2 * DAY));
    expect(harness.state.unclaimed).toEqual([]);
  });

  test('is not revoked by name, and the answer says why', async () => {
    const { harness, ask, call } = await withToken();
    await ask(commands.rotate({}));
    const known = harness.paddle.make('pricing-page · 01JKB92MP7V4RFG8X3Q5WZ7BNA');
    harness.ledger.owners.set(known.id, { tokenId: known.id, integration: 'pricing-page', rotationId: 'x' });
    await harness.reconcile({ recheck: [known.id] });
    harness.ledger.owners.set(known.id, { tokenId: known.id, integration: 'shop', rotationId: 'x' });
    const answer = await call({ action: 'revoke', tokenId: known.id, reason: 'tidying up' });
    expect(answer).toMatchObject({ outcome: 'rejected', faults: [expect.stringMatching(/belongs to shop/)] });
    expect(harness.active.map(({ id }) => id)).toContain(known.id);
  });
});

const SITES = ['https://a.example', 'https://b.example'].map((url) => ({ url, extraOrigins: [] }));
describe('clean scans', () => {
  const scanning = async () => {
    const world = await withToken({
      config: { schedule: { every: 365 * DAY }, sites: SITES.slice(0, 1), scans: { count: 3, overMs: 30 * MINUTE } },
    });
    const { harness, ask } = world;
    await ask(commands.rotate({}));
    const deploy = () => {
      for (const { url } of SITES) harness.sites.deploy(url, harness.current?.value ?? '');
    };
    deploy();
    harness.clock.set(harness.token(world.first).revokeAfter ?? '');
    await harness.reconcile();
    await harness.until(later(harness.clock.iso(), 16 * MINUTE));
    expect(harness.token(world.first).cleanScans).toHaveLength(2);
    return { ...world, deploy };
  };

  test('begin anew with a site that joins: it too is found clean so often and for so long', async () => {
    const { harness, first } = await scanning();
    harness.configure({ sites: SITES });
    await harness.until(later(harness.clock.iso(), 20 * MINUTE));
    expect(harness.token(first).status).toBe('superseded');
    await harness.until(later(harness.clock.iso(), HOUR));
    expect(harness.token(first).status).toBe('revoked');
  });

  test.each([
    ['a hold', (id: string) => commands.hold(id, { reason: 'wait' }), (id: string) => commands.release(id, {})],
    ['a pause', () => commands.pause({}), () => commands.resume({})],
  ])('of before %s prove nothing long after it', async (_, stop, goOn) => {
    const { harness, ask, first } = await scanning();
    await ask(stop(first));
    await harness.until(later(harness.clock.iso(), 90 * DAY - 10 * MINUTE));
    await ask(goOn(first));
    await harness.until(later(harness.clock.iso(), MINUTE));
    expect(harness.token(first).status).toBe('superseded');
  });
});

test('a grace that waits for a deployment does not wait for ever once it is configured to count from the publication', async () => {
  const { harness, ask, first } = await withToken({ config: { graceFrom: 'deployed', consumers: ['shop'] } });
  await ask(commands.rotate({}));
  harness.configure({ graceFrom: 'published', consumers: [] });
  await harness.until(later(harness.clock.iso(), 5 * DAY));
  expect(harness.token(first).status).toBe('revoked');
});

test('a pause without an end is not ended by an earlier one', async () => {
  const { harness, ask } = await withToken();
  await ask(commands.pause({ until: later(harness.clock.iso(), HOUR) }));
  await ask(commands.pause({ reason: 'until we know more' }));
  await harness.until(later(harness.clock.iso(), DAY));
  expect(harness.state.pause).toBeDefined();
});

test('no effect begins when reading the configuration has used up its lease', async () => {
  const { harness } = await withToken();
  const load = harness.ledger.load.bind(harness.ledger);
  let loads = 0;
  harness.ledger.load = async (name) => {
    const loaded = await load(name);
    loads += 1;
    if (loads === 2) harness.clock.advance(25 * SECOND);
    return loaded;
  };
  const calls = harness.paddle.calls.length;
  expect(await harness.reconcile({ command: commands.rotate({}) })).toMatchObject({ outcome: 'busy' });
  expect(harness.paddle.calls).toHaveLength(calls);
});

describe('a key of a secret that left the configuration is evidence of use, whatever became of the secret', () => {
  const key = { kind: 'secret', name: 'web/config', jsonKey: 'PADDLE' } as const;
  test.each<[string, (value: string) => string]>([
    ['it holds the token and nothing else', (value) => value],
    ['it holds the key twice', (value) => `{"PADDLE":"${value}","PADDLE":"x"}`],
    ['the token stands deeper in it', (value) => `{"PADDLE":{"token":"${value}"}}`],
  ])('%s', async (_, content) => {
    const { harness, ask, first } = await withToken();
    harness.configure({ targets: [...harness.config.targets, key] });
    await harness.reconcile();
    const { value } = harness.token(first);
    await ask(commands.rotate({}));
    harness.configure({ targets: harness.config.targets.slice(0, 2) });
    harness.targets.put(key, content(value));
    await harness.until(later(START, 5 * DAY));
    expect(harness.token(first)).toMatchObject({ status: 'superseded', hold: { reason: 'former_target_holds' } });
    harness.targets.remove(key);
    await harness.until(later(START, 10 * DAY));
    expect(harness.token(first).status).toBe('revoked');
  });
});
