/** What is published again lives again: a token that any target served, whoever put it there, gets its grace and its scans anew. */
import { AlertError } from '../../lambdas/domain/errors.ts';
import type { Target } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { quietViolations, violations } from './invariants.ts';
import { PARAMETER, rotated, SECRET } from './published-world.ts';

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

test('one broken target does not keep the others from a fresh token when the current one was revoked', async () => {
  const { harness, breakTarget } = await rotated();
  breakTarget(PARAMETER);
  const dead = harness.current?.id ?? '';
  harness.paddle.revokeOutside(dead);
  await harness.reconcile({ recheck: [dead] });
  expect(harness.active.map(({ token }) => token)).toContain(harness.targets.current(SECRET));
});
