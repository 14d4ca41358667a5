/** When things go wrong: what is remembered, how long is waited, and what is found again. */
import {
  AlertError,
  AmbiguousError,
  RefusedError,
  ThrottledError,
  TransientError,
} from '../../lambdas/domain/errors.ts';
import { DAY, HOUR, later, MINUTE, SECOND } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { quietViolations } from './invariants.ts';
import { withToken } from './with-token.ts';

describe('a mint that fails', () => {
  test.each<[string, Error, string]>([
    ['certainly did not happen', new TransientError('unavailable', 'down'), 'unavailable'],
    ['was refused', new RefusedError('forbidden', 'no permission'), 'forbidden'],
    ['had a dead key', new AlertError('invalid_token', 'the key is dead'), 'invalid_token'],
  ])('and %s is tried again without a list, after 1, 2, 4 … minutes, at most an hour', async (_, error, code) => {
    const { harness, now, rotate, again, count, types } = await withToken();
    for (let failure = 0; failure < 9; failure += 1) harness.paddle.failNext('create', 'before', { error });
    await rotate();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      expect(harness.state.retry).toMatchObject({ step: 'mint', code, attempts: attempt + 1 });
      waits.push(Date.parse(harness.dueAt ?? '') - Date.parse(now()));
      await again();
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((minutes) => minutes * MINUTE));
    await again();
    expect(harness.state.rotation).toBeUndefined();
    expect(count('list')).toBe(0);
    expect(count('create')).toBe(11);
    // Said once, not at each attempt.
    expect(types('rotation.delayed')).toHaveLength(1);
    expect(harness.state.sweeps).toEqual([]);
  });

  test('because Paddle locked the account out waits as long as Paddle says', async () => {
    const { harness, now, rotate, again } = await withToken();
    const retryAt = Date.parse(now()) + 17 * MINUTE;
    harness.paddle.failNext('create', 'before', { error: new ThrottledError(retryAt, 'too many requests') });
    await rotate();
    expect(harness.dueAt).toBe(new Date(retryAt).toISOString());
    await rotate();
    expect(harness.dueAt).toBe(new Date(retryAt).toISOString());
    await again();
    expect(harness.state.rotation).toBeUndefined();
  });

  test('with a lock-out that is over already still waits a little', async () => {
    const { harness, now, rotate } = await withToken();
    harness.paddle.failNext('create', 'before', { error: new ThrottledError(Date.parse(now()) - 1, 'too many') });
    await rotate();
    expect(harness.dueAt).toBe(later(now(), MINUTE));
  });

  test('another code, or another step, is said again', async () => {
    const { harness, rotate, again, types } = await withToken();
    harness.paddle.failNext('create', 'before', { error: new TransientError('a', 'x') });
    harness.paddle.failNext('create', 'before', { error: new TransientError('b', 'x') });
    await rotate();
    await again();
    expect(types('rotation.delayed').map((record) => record.reason)).toEqual(['a', 'b']);
  });
});

describe('a mint in doubt', () => {
  test('that was applied is adopted at the first list that shows it, and Paddle is swept twice afterwards', async () => {
    const { harness, now, rotate, again, count } = await withToken();
    harness.paddle.failNext('create', 'after');
    await rotate();
    expect(harness.state.retry).toMatchObject({ step: 'mint', code: 'timeout' });
    expect(harness.dueAt).toBe(later(now(), 15 * SECOND));
    await again();
    expect(harness.state.rotation).toBeUndefined();
    expect(count('create')).toBe(2);
    expect(harness.state.sweeps.map((sweep) => sweep.at)).toEqual([later(now(), 10 * MINUTE), later(now(), DAY)]);
  });

  test('that was not applied is posted again only after three empty lists, spaced', async () => {
    const { harness, rotate, again, count, now } = await withToken();
    harness.paddle.failNext('create', 'before', { error: new AmbiguousError('timeout', 'lost') });
    await rotate();
    const waits: number[] = [];
    for (let list = 1; list <= 3; list += 1) {
      waits.push(Date.parse(harness.dueAt ?? '') - Date.parse(now()));
      expect(count('create')).toBe(2);
      await again();
      expect(count('list')).toBe(list);
    }
    expect(waits).toEqual([15 * SECOND, 15 * SECOND, 30 * SECOND]);
    expect(count('create')).toBe(3);
    expect(harness.state.rotation).toBeUndefined();
  });

  test('whose twin comes late: the twin is an orphan, never published, revoked after its quarantine', async () => {
    const { harness, rotate, types } = await withToken();
    harness.paddle.failNext('create', 'late', { lateMs: 5 * MINUTE });
    await rotate();
    await harness.until(later(harness.clock.iso(), 4 * MINUTE));
    expect(harness.active).toHaveLength(2);
    await harness.until(later(harness.clock.iso(), 20 * MINUTE));
    const [orphaned] = types('token.orphaned');
    const orphan = harness.token(orphaned?.tokenId ?? '');
    expect(orphan.status).toBe('orphan');
    expect(types('token.published').map((record) => record.tokenId)).not.toContain(orphan.id);
    await harness.until(later(harness.clock.iso(), 2 * HOUR));
    expect(harness.token(orphan.id).status).toBe('revoked');
    await harness.until(later(harness.clock.iso(), 3 * DAY));
    expect(harness.active).toHaveLength(1);
    expect(quietViolations(harness)).toEqual([]);
  });

  test('of several active twins the oldest is taken and the others are orphans; revoked ones do not count', async () => {
    const { harness, rotate, again, types } = await withToken();
    harness.paddle.failNext('create', 'before', { error: new AmbiguousError('timeout', 'lost') });
    await rotate();
    const name = harness.state.rotation?.tokenName ?? '';
    const dead = harness.paddle.make(name);
    harness.paddle.revokeOutside(dead.id);
    const oldest = harness.paddle.make(name);
    const younger = harness.paddle.make(name);
    await again();
    expect(harness.current?.id).toBe(oldest.id);
    expect(types('token.orphaned').map((record) => record.tokenId)).toEqual([younger.id]);
    expect(harness.token(younger.id).revokeAfter).toBe(later(harness.clock.iso(), HOUR));
  });

  test('whose token somebody revoked meanwhile is minted anew under another name', async () => {
    const { harness, rotate, again, types } = await withToken();
    harness.paddle.failNext('create', 'after');
    await rotate();
    const first = harness.state.rotation;
    harness.paddle.revokeOutside(harness.active[0]?.id ?? '');
    await again();
    expect(harness.state.rotation).toBeUndefined();
    expect(harness.current?.rotationId).not.toBe(first?.rotationId);
    expect(types('rotation.abandoned')).toHaveLength(1);
    expect(harness.state.sweeps.map((sweep) => sweep.rotationId)).toContain(first?.rotationId);
  });
});

describe('publishing that fails at one target', () => {
  test('goes on where it stopped, asks Paddle first, and writes nothing twice', async () => {
    const { harness, rotate, again, count } = await withToken();
    const [first, second] = harness.config.targets;
    if (!first || !second) throw new Error('two targets are needed');
    harness.targets.failNext('write', second, 'before');
    const prior = harness.current?.id;
    await rotate();
    expect(harness.current?.id).toBe(prior);
    expect(harness.state.retry).toMatchObject({ step: 'publish' });
    const gets = count('get');
    await again();
    expect(harness.current?.id).not.toBe(prior);
    expect(count('get')).toBe(gets + 1);
    expect(harness.targets.versions.get(`ssm:${first.name}`)).toHaveLength(2);
    expect(harness.targets.versions.get(`secret:${second.name}`)).toHaveLength(2);
  });

  test('and that was abandoned half-way puts the current token back everywhere', async () => {
    const { harness, again, types } = await withToken();
    const [first, second] = harness.config.targets;
    if (!first || !second) throw new Error('two targets are needed');
    const made = harness.paddle.make('made in the dashboard');
    harness.targets.failNext('write', second, 'before');
    await harness.reconcile({ command: commands.adopt({ tokenId: made.id, answer: made }, {}) });
    expect(harness.targets.current(first)).toBe(made.token);
    harness.paddle.revokeOutside(made.id);
    await again();
    expect(harness.targets.current(first)).toBe(harness.current?.value);
    expect(types('token.restored')).toHaveLength(1);
    expect(harness.state.repair).toBeUndefined();
  });

  test('a repair that fails is tried again, later each time, and said once', async () => {
    const { harness, again, types, now } = await withToken();
    const [first, second] = harness.config.targets;
    if (!first || !second) throw new Error('two targets are needed');
    const made = harness.paddle.make('made in the dashboard');
    harness.targets.failNext('write', second, 'before');
    await harness.reconcile({ command: commands.adopt({ tokenId: made.id, answer: made }, {}) });
    harness.paddle.revokeOutside(made.id);
    for (let failure = 0; failure < 3; failure += 1) harness.targets.failNext('read', first, 'before');
    const waits: number[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await again();
      waits.push(Date.parse(harness.dueAt ?? '') - Date.parse(now()));
    }
    expect(waits).toEqual([MINUTE, 2 * MINUTE, 4 * MINUTE]);
    await again();
    expect(harness.targets.current(first)).toBe(harness.current?.value);
    expect(types('rotation.delayed').filter((record) => record.details?.step === 'restore')).toHaveLength(1);
  });
});
