/** What is published again lives again: a token that any target served, whoever put it there, gets its grace and its scans anew. */

import { AlertError, RefusedError } from '../../lambdas/domain/errors.ts';
import type { IntegrationConfig, Target } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { quietViolations, violations } from './invariants.ts';

const PARAMETER: Target = { kind: 'ssm', name: '/paddle/pricing-page/client-token' };
const SECRET: Target = { kind: 'secret', name: 'paddle/pricing-page/client-token' };
const OTHER: Target = { kind: 'ssm', name: '/paddle/other' };

/** `first` is current. */
async function published(config: Partial<IntegrationConfig> = {}) {
  const harness = new Harness({ config: { schedule: { every: 300 * DAY }, ...config } });
  await harness.until(later(START, MINUTE));
  const wait = (ms: number) => harness.until(later(harness.clock.iso(), ms));
  return { harness, first: harness.current?.id ?? '', wait };
}

/** Rotated once: `first` is superseded, and valid for two days. */
async function rotated(config: Partial<IntegrationConfig> = {}) {
  const { harness, first, wait } = await published(config);
  await harness.reconcile({ command: commands.rotate({}) });
  const types = () => harness.recordTypes();
  const breakTarget = (broken: Target) => {
    const write = harness.targets.write.bind(harness.targets);
    const state = { broken: true };
    harness.targets.write = async (target, value, key) => {
      if (state.broken && target.name === broken.name) throw new RefusedError('AccessDenied', 'no');
      return write(target, value, key);
    };
    return () => {
      state.broken = false;
    };
  };
  return { harness, first, types, wait, breakTarget };
}

describe('a rollback that stuck half published', () => {
  test.each<[string, Target]>([
    ['the first', PARAMETER],
    ['the last', SECRET],
  ])('and is overtaken by an emergency, leaves its token its grace; %s target was broken', async (_, broken) => {
    const { harness, first, wait, breakTarget } = await rotated();
    const mend = breakTarget(broken);
    harness.clock.set(later(START, 2 * DAY));
    await harness.reconcile({ command: commands.rollback(first, {}) });
    await wait(4 * HOUR);
    expect(harness.targets.current(broken === SECRET ? PARAMETER : SECRET)).toBe(harness.token(first).value);
    mend();
    await harness.reconcile({ command: commands.emergency({ reason: 'the newer one leaked' }) });
    expect(harness.token(first)).toMatchObject({ status: 'superseded', servedAt: harness.clock.iso() });
    const restored = harness.clock.iso();
    await wait(2 * DAY - MINUTE);
    expect(harness.token(first).status).toBe('superseded');
    await wait(2 * MINUTE);
    expect(harness.token(first)).toMatchObject({ status: 'revoked', revokedAt: later(restored, 2 * DAY) });
    expect(quietViolations(harness)).toEqual([]);
  });

  test('counts its grace from the moment the targets are restored, not from the one in which it was given up', async () => {
    const { harness, first, wait, breakTarget } = await rotated();
    const [mend, adopted] = [breakTarget(SECRET), harness.paddle.make('made in the dashboard')];
    await harness.reconcile({ command: commands.rollback(first, {}) });
    const mendParameter = breakTarget(PARAMETER);
    await harness.reconcile({ command: commands.emergency({ reason: 'leaked' }) });
    await wait(DAY);
    expect(harness.targets.current(PARAMETER)).toBe(harness.token(first).value);
    expect(adopted.status).toBe('active');
    mend();
    mendParameter();
    await wait(2 * HOUR);
    const { servedAt = '', revokeAfter } = harness.token(first);
    expect(servedAt > later(START, DAY)).toBe(true);
    expect(revokeAfter).toBe(later(servedAt, 2 * DAY));
    await wait(3 * DAY);
    expect(harness.token(first).status).toBe('revoked');
    expect(quietViolations(harness)).toEqual([]);
  });
});

describe('a person who writes the superseded token back', () => {
  test.each([PARAMETER, SECRET])('to %j an hour before its deadline gives it its grace anew', async (target) => {
    const { harness, first, wait, types } = await rotated();
    const deadline = harness.token(first).revokeAfter ?? '';
    await harness.until(later(deadline, -HOUR));
    harness.targets.put(target, harness.token(first).value);
    await harness.until(deadline);
    expect(harness.targets.current(target)).toBe(harness.current?.value);
    expect(harness.token(first)).toMatchObject({
      status: 'superseded',
      hold: { reason: 'target_differs' },
      revokeAfter: later(deadline, 2 * DAY),
      cleanScans: [],
    });
    expect(types().filter((type) => type === 'token.reappeared')).toHaveLength(1);
    await harness.until(later(deadline, 2 * DAY - MINUTE));
    expect(harness.token(first).status).toBe('superseded');
    await wait(2 * MINUTE);
    expect(harness.token(first).status).toBe('revoked');
    expect(violations(harness)).toEqual([]);
  });

  test('with something around it is a person who serves it', async () => {
    const { harness, first } = await rotated({ drift: 'report' });
    harness.targets.put(PARAMETER, `${harness.token(first).value}\n`);
    await harness.until(harness.token(first).revokeAfter ?? '');
    expect(harness.token(first).servedAt).toBeDefined();
    expect(harness.token(first).status).toBe('superseded');
  });

  test('and leaves it there, where drift is only reported, keeps it alive for as long as it is there', async () => {
    const { harness, first, wait } = await rotated({ drift: 'report' });
    harness.targets.put(PARAMETER, harness.token(first).value);
    await wait(20 * DAY);
    expect(harness.token(first)).toMatchObject({ status: 'superseded', hold: { reason: 'served_again' } });
    const lastSeen = harness.token(first).servedAt ?? '';
    await wait(HOUR);
    const ended = harness.clock.iso();
    harness.targets.put(PARAMETER, harness.current?.value ?? '');
    await wait(3 * DAY);
    const { servedUntil = '', ...token } = harness.token(first);
    // Nobody saw when it ended: its grace counts from the reading that found it gone.
    expect(servedUntil > ended && ended > lastSeen).toBe(true);
    expect(token).toMatchObject({ status: 'revoked', revokedAt: later(servedUntil, 2 * DAY) });
  });

  test('has the grace that is configured when it is found gone, and once only', async () => {
    const { harness, first, wait } = await rotated({ drift: 'report', graceMs: HOUR });
    harness.targets.put(PARAMETER, harness.token(first).value);
    await harness.reconcile({ newEvidence: true });
    harness.configure({ graceMs: 4 * DAY });
    harness.targets.put(PARAMETER, harness.current?.value ?? '');
    await wait(3 * DAY);
    expect(harness.token(first).status).toBe('superseded');
    const { revokeAfter = '', servedUntil = '' } = harness.token(first);
    expect(revokeAfter).toBe(later(servedUntil, 4 * DAY));
    await wait(2 * DAY + HOUR);
    expect(harness.token(first)).toMatchObject({ status: 'revoked', revokedAt: revokeAfter });
  });

  test('starts the scans of the pages anew', async () => {
    const url = 'https://a.example';
    const scans = { count: 3, overMs: 2 * HOUR };
    const { harness, first } = await rotated({ sites: [{ url, extraOrigins: [] }], scans });
    harness.sites.deploy(url, harness.current?.value ?? '');
    await harness.until(later(harness.token(first).revokeAfter ?? '', HOUR + MINUTE));
    expect(harness.token(first).cleanScans).toHaveLength(2);
    harness.targets.put(SECRET, harness.token(first).value);
    await harness.reconcile({ newEvidence: true });
    expect(harness.token(first)).toMatchObject({ cleanScans: [], revokeAfter: later(harness.clock.iso(), 2 * DAY) });
  });

  test('waits for a deployment anew, where that is what starts the grace', async () => {
    const { harness, first, wait } = await rotated({ graceFrom: 'deployed', consumers: ['shop'] });
    const deployed = { tokenId: harness.current?.id ?? '', at: harness.clock.iso() };
    harness.ledger.usages.set('pricing-page', [{ consumer: 'shop', phase: 'deploy', ...deployed, deployed }]);
    await wait(DAY);
    harness.targets.put(SECRET, harness.token(first).value);
    await wait(DAY + HOUR);
    const { servedAt = '', status, revokeAfter } = harness.token(first);
    expect(status).toBe('superseded');
    expect(revokeAfter).toBe(later(servedAt, 2 * DAY));
  });

  test('of an orphan makes it a token like others, which needs all evidence', async () => {
    const { harness, wait } = await rotated({ consumers: ['shop'] });
    harness.paddle.failNext('create', 'after');
    harness.paddle.failNext('list', 'before');
    await harness.reconcile({ command: commands.rotate({}) });
    const name = harness.state.rotation?.tokenName ?? '';
    harness.paddle.make(name);
    await wait(10 * MINUTE);
    const orphan = harness.state.tokens.find((token) => token.status === 'orphan');
    if (!orphan) throw new Error('no orphan');
    harness.targets.put(PARAMETER, orphan.value);
    const tokenId = orphan.id;
    harness.ledger.usages.set('pricing-page', [{ consumer: 'shop', phase: 'build', tokenId, at: harness.clock.iso() }]);
    await wait(DAY);
    expect(harness.token(orphan.id).revokeAfter).toBe(later(harness.token(orphan.id).servedAt ?? '', 2 * DAY));
    await wait(5 * DAY);
    expect(harness.token(orphan.id)).toMatchObject({ status: 'orphan', hold: { reason: 'usage_outdated' } });
  });

  test('does not save a token that a person condemned', async () => {
    const { harness, first } = await rotated();
    harness.targets.put(PARAMETER, harness.token(first).value);
    await harness.reconcile({ command: commands.forceRevoke(first, { reason: 'leaked' }) });
    expect(harness.token(first).status).toBe('revoked');
  });
});

test('a quiet rotation serves nothing again', async () => {
  const { harness, types, wait } = await rotated();
  await wait(10 * DAY);
  await harness.reconcile({ command: commands.rotate({}) });
  await wait(10 * DAY);
  expect(types()).not.toContain('token.reappeared');
});

describe('restoring asks Paddle first', () => {
  /** The ledger of the first days comes back, its audit trail does not: `lost` is what has been forgotten. */
  async function restoredFromBackup({ revoked }: { revoked: boolean }) {
    const { harness, first, wait, types } = await rotated();
    const backup = JSON.parse(JSON.stringify(harness.state));
    const old = harness.current?.id ?? '';
    await harness.reconcile({ command: commands.rotate({}) });
    if (revoked) await wait(3 * DAY);
    const lost = harness.current;
    harness.ledger.states.set('pricing-page', backup);
    const published = types().length;
    return { harness, first, old, lost, wait, since: () => types().slice(published) };
  }

  test('a ledger restored from a backup publishes no revoked token, starts no build with it, and heals', async () => {
    const { harness, old, wait, since } = await restoredFromBackup({ revoked: true });
    const written: string[] = [];
    const write = harness.targets.write.bind(harness.targets);
    harness.targets.write = async (target, value, key) => {
      written.push(value);
      return write(target, value, key);
    };
    await harness.reconcile({ newEvidence: true });
    expect(written).not.toContain(harness.token(old).value);
    expect(harness.token(old).status).toBe('revoked');
    expect(since()).not.toContain('token.restored');
    expect(harness.active.map(({ token }) => token)).toContain(harness.targets.current(PARAMETER));
    expect(harness.targets.current(PARAMETER)).toBe(harness.current?.value);
    await wait(DAY);
    expect(harness.state.repair).toBeUndefined();
  });

  test('and revokes nothing that it has forgotten: pages may serve it', async () => {
    const { harness, lost, wait } = await restoredFromBackup({ revoked: true });
    await harness.reconcile({ newEvidence: true, recheck: [lost?.id ?? ''] });
    await wait(30 * DAY);
    expect(harness.active.map(({ id }) => id)).toContain(lost?.id);
  });

  test('one that Paddle does not know is not published either; it waits, and says why', async () => {
    const { harness, old, wait } = await restoredFromBackup({ revoked: false });
    const get = harness.paddle.get.bind(harness.paddle);
    harness.paddle.get = async (id) => (id === old ? undefined : get(id));
    const before = harness.targets.current(PARAMETER);
    await harness.reconcile({ newEvidence: true });
    await wait(HOUR);
    expect(harness.targets.current(PARAMETER)).toBe(before);
    expect(harness.state.repair?.attempts).toBeGreaterThan(1);
    expect(harness.ledger.records.filter(({ reason }) => reason === 'token_unknown')).toHaveLength(1);
  });

  test('without an answer nothing is written', async () => {
    const { harness } = await restoredFromBackup({ revoked: false });
    const before = harness.targets.current(PARAMETER);
    harness.paddle.failNext('get', 'before', { error: new AlertError('authentication_missing', 'no') });
    await harness.reconcile({ newEvidence: true });
    expect(harness.targets.current(PARAMETER)).toBe(before);
  });
});

describe('a target that left the configuration', () => {
  test.each<[string, readonly (readonly Target[])[]]>([
    ['at once', [[SECRET]]],
    ['in two steps', [[PARAMETER, SECRET, OTHER], [OTHER]]],
  ])('is read as evidence until the tokens that it may hold are gone: %s', async (_, deploys) => {
    const { harness, first, wait } = await rotated();
    const value = harness.token(first).value;
    for (const targets of deploys) {
      harness.configure({ targets });
      await harness.reconcile();
    }
    harness.targets.put(PARAMETER, value);
    await wait(10 * DAY);
    expect(harness.token(first)).toMatchObject({
      status: 'superseded',
      hold: { reason: 'former_target_holds', message: expect.stringContaining(PARAMETER.name) },
    });
    harness.targets.remove(PARAMETER);
    await wait(3 * DAY);
    expect(harness.token(first).status).toBe('revoked');
  });

  test('holds every token that it may hold, and is forgotten with the last of them', async () => {
    const { harness, wait } = await rotated();
    const second = harness.current?.id ?? '';
    harness.configure({ targets: [SECRET] });
    await harness.reconcile();
    await wait(2 * HOUR);
    await harness.reconcile({ command: commands.rotate({}) });
    await wait(10 * DAY);
    expect(harness.token(second)).toMatchObject({ status: 'superseded', hold: { reason: 'former_target_holds' } });
    harness.targets.put(PARAMETER, 'something else by now');
    await wait(3 * DAY);
    expect(harness.token(second).status).toBe('revoked');
    await harness.reconcile({ command: commands.rotate({}) });
    expect(harness.state.formerTargets).toBeUndefined();
  });

  test('and holds a superseded token: the whole grace counts from when it is seen gone', async () => {
    const { harness, first, wait } = await published();
    harness.configure({ targets: [SECRET] });
    await harness.reconcile({ command: commands.rotate({}) });
    await wait(2 * DAY - MINUTE);
    harness.targets.put(PARAMETER, 'something else, a minute before the deadline');
    await wait(HOUR);
    const seenGone = harness.token(first).servedUntil ?? '';
    expect(harness.token(first)).toMatchObject({ status: 'superseded', revokeAfter: later(seenGone, 2 * DAY) });
    await wait(2 * DAY);
    expect(harness.token(first).status).toBe('revoked');
  });

  test('and holds one by somebody’s hand: the whole grace counts from when it is seen gone', async () => {
    const { harness, first, wait } = await rotated();
    harness.configure({ targets: [SECRET] });
    harness.targets.put(PARAMETER, harness.token(first).value);
    await wait(10 * DAY);
    harness.targets.remove(PARAMETER);
    await wait(2 * DAY - MINUTE);
    expect(harness.token(first).status).toBe('superseded');
    await wait(2 * HOUR);
    expect(harness.token(first).status).toBe('revoked');
  });

  test('and cannot be read any more, holds, and says what to do', async () => {
    const { harness, first, wait } = await rotated();
    harness.configure({ targets: [SECRET] });
    const read = harness.targets.read.bind(harness.targets);
    harness.targets.read = async (target) => {
      if (target.name === PARAMETER.name) throw new RefusedError('AccessDeniedException', 'no');
      return read(target);
    };
    await wait(10 * DAY);
    expect(harness.token(first)).toMatchObject({
      status: 'superseded',
      hold: { reason: 'former_target_unread', message: expect.stringContaining('formerTargets') },
    });
  });

  test('is read when the configuration names it as a former one, whatever the state remembers', async () => {
    const { harness, first, wait } = await rotated({ formerTargets: [OTHER] });
    harness.targets.put(OTHER, harness.token(first).value);
    await wait(10 * DAY);
    expect(harness.token(first)).toMatchObject({ status: 'superseded', hold: { reason: 'former_target_holds' } });
  });

  test('while a publication was half done there is remembered, too', async () => {
    const harness = new Harness({ config: { schedule: { every: 300 * DAY } } });
    harness.targets.failNext('write', SECRET, 'before', new RefusedError('AccessDenied', 'no'));
    await harness.reconcile();
    const first = harness.state.rotation?.tokenId ?? '';
    harness.configure({ targets: [SECRET] });
    await harness.until(later(START, HOUR));
    expect(harness.current?.id).toBe(first);
    await harness.reconcile({ command: commands.rotate({}) });
    await harness.until(later(harness.clock.iso(), 10 * DAY));
    expect(harness.token(first)).toMatchObject({ status: 'superseded', hold: { reason: 'former_target_holds' } });
  });
});

describe('a target that joined', () => {
  test.each(['restore', 'report'] as const)('is filled at the next reconcile, with drift %s', async (drift) => {
    const { harness, wait } = await rotated({ drift });
    harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
    await harness.reconcile();
    expect(harness.targets.current(OTHER)).toBe(harness.current?.value);
    expect(harness.state.repair).toBeUndefined();
    await wait(3 * DAY);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('says nothing of the others: what one of them holds is served still, superseded or revoked', async () => {
    const { harness, first } = await rotated({ drift: 'report' });
    harness.targets.put(PARAMETER, harness.token(first).value);
    await harness.reconcile({ newEvidence: true });
    harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
    await harness.reconcile();
    expect(harness.targets.current(OTHER)).toBe(harness.current?.value);
    expect(harness.token(first).servedAt).toBeDefined();
    expect(harness.token(first).servedUntil).toBeUndefined();

    harness.paddle.revokeOutside(first);
    await harness.reconcile({ recheck: [first] });
    const served = () => harness.state.watch?.served?.map(({ by, tokenId }) => [by, tokenId]);
    expect(served()).toEqual([['target', first]]);
    harness.configure({ targets: [PARAMETER, SECRET, OTHER, { kind: 'ssm', name: '/paddle/another' }] });
    await harness.reconcile();
    expect(served()).toEqual([['target', first]]);
  });

  test('is all that is written: what others have overwritten is only reported, as configured', async () => {
    const { harness, wait } = await rotated({ drift: 'report' });
    const theirs = harness.paddle.make('made in the dashboard').token;
    harness.targets.put(PARAMETER, theirs);
    harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
    await harness.reconcile();
    expect(harness.targets.current(OTHER)).toBe(harness.current?.value);
    await wait(2 * DAY);
    expect(harness.targets.current(PARAMETER)).toBe(theirs);
    expect(harness.state.drift?.targets).toEqual(['ssm:/paddle/pricing-page/client-token']);
  });

  test('and holds something else is refused and told, and keeps nobody from healing the others', async () => {
    const { harness, wait } = await rotated();
    harness.targets.put(OTHER, 'their connection string');
    harness.configure({ targets: [OTHER, PARAMETER, SECRET] });
    await harness.reconcile();
    expect(harness.targets.current(OTHER)).toBe('their connection string');
    expect(harness.ledger.records.filter(({ reason }) => reason === 'not_a_token')).toHaveLength(1);
    harness.targets.put(PARAMETER, harness.paddle.make('made in the dashboard').token);
    await wait(2 * DAY);
    expect(harness.targets.current(PARAMETER)).toBe(harness.current?.value);
    harness.targets.remove(OTHER);
    await wait(2 * HOUR);
    expect(harness.targets.current(OTHER)).toBe(harness.current?.value);
    expect(harness.state.repair).toBeUndefined();
  });

  test('under a pause is filled when it is resumed', async () => {
    const { harness } = await rotated();
    await harness.reconcile({ command: commands.pause({}) });
    harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
    await harness.reconcile();
    expect(harness.targets.current(OTHER)).toBeUndefined();
    await harness.reconcile({ command: commands.resume({}) });
    expect(harness.targets.current(OTHER)).toBe(harness.current?.value);
  });

  test('and left again before it could be filled, is not waited for', async () => {
    const { harness } = await rotated();
    harness.targets.put(OTHER, 'their connection string');
    harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
    await harness.reconcile();
    harness.configure({ targets: [PARAMETER, SECRET] });
    await harness.reconcile();
    expect(harness.state.repair).toBeUndefined();
  });
});

test('one broken target does not keep the others from a fresh token when the current one was revoked', async () => {
  const { harness, breakTarget } = await rotated();
  breakTarget(PARAMETER);
  const dead = harness.current?.id ?? '';
  harness.paddle.revokeOutside(dead);
  await harness.reconcile({ recheck: [dead] });
  expect(harness.active.map(({ token }) => token)).toContain(harness.targets.current(SECRET));
});
