/** What Paddle's pace puts off is tried again when its turn would be, and is no failure. */
import { AmbiguousError, ThrottledError } from '../../lambdas/domain/errors.ts';
import type { Repair, SiteCheck } from '../../lambdas/domain/model.ts';
import { HOUR, later, MINUTE, millis, SECOND } from '../../lambdas/domain/time.ts';
import { rollback } from '../../lambdas/rotation/commands.ts';
import { precedenceOf } from '../../lambdas/rotation/precedence.ts';
import { failed, outcome } from '../builders/outcomes.ts';
import { aRetry, aRotation, aState, aToken, NOW, superseded } from '../builders/state.ts';
import { withToken } from './with-token.ts';

const TURN = later(NOW, 7 * SECOND);
const aRepair = (attempts: number): Repair => ({
  ...{ id: 'repair', reason: 'a target differs', since: NOW, attempts, nextAttemptAt: NOW },
});
const revoking = { status: 'revoking', revokingBy: 'me', revokingSince: NOW, revokingFrom: 'superseded' } as const;
const throttled = failed({ class: 'throttled', code: 'too_many_requests', retryAt: millis(TURN) });

describe('what waits for its turn at Paddle', () => {
  test('restores the targets when the turn would be, however often it had to wait', () => {
    const repair = aRepair(6);
    const { state } = outcome('restore', throttled, { repair });
    expect(state.repair?.nextAttemptAt).toBe(TURN);
  });

  test('has not failed: what fails after it backs off from the beginning', () => {
    const locked = aRetry(NOW, { step: 'mint', attempts: 0 });
    let state = aState({ rotation: aRotation({ trigger: 'heal' }), retry: locked });
    for (let times = 0; times < 8; times += 1) state = outcome('mint', throttled, state).state;
    expect(state.retry?.nextAttemptAt).toBe(TURN);
    expect(outcome('mint', failed(), state).state.retry?.nextAttemptAt).toBe(later(NOW, MINUTE));

    let repaired = aState({ tokens: [aToken()], repair: aRepair(0) });
    const told: unknown[] = [];
    for (let times = 0; times < 8; times += 1) {
      const after = outcome('restore', throttled, repaired);
      repaired = after.state;
      told.push(...(after.types ?? []));
    }
    expect(told).toEqual(['rotation.delayed']);
    expect(outcome('restore', failed(), repaired).state.repair?.nextAttemptAt).toBe(later(NOW, MINUTE));
  });

  test('revokes when the turn would be: nothing was sent, so that nothing is in doubt, and nothing is stuck', () => {
    let state = aState({ tokens: [superseded({ ...revoking, revocationTriedAt: undefined }), aToken()] });
    const told: unknown[] = [];
    for (let times = 0; times < 8; times += 1) {
      const after = outcome('revoke', throttled, state);
      told.push(...(after.types ?? []));
      expect(after.old).toMatchObject({ status: 'superseded', hold: { nextCheckAt: TURN } });
      expect(after.old?.revocationTriedAt).toBeUndefined();
      state = {
        ...after.state,
        tokens: after.state.tokens.map((token) => (token === after.old ? { ...token, ...revoking } : token)),
      };
    }
    expect(told).toEqual(['token.held']);
    // What may have happened before is asked about still, and is not stuck for that.
    for (let times = 0; times < 8; times += 1) {
      const after = outcome('confirm', throttled, state);
      expect(after.old).toMatchObject({ status: 'revoking', hold: { nextCheckAt: TURN } });
      expect(after.types).not.toContain('token.stuck');
      state = after.state;
    }
    const down = outcome('confirm', failed(), state).old;
    expect([down?.hold?.nextCheckAt, down?.stuckSince]).toEqual([later(NOW, MINUTE), undefined]);
  });

  describe('a revocation that was not sent', () => {
    /** Its grace is over, and its revocation has to wait. @param tried before, and nobody knows what became of it */
    async function putOff(tried: boolean) {
      const { harness, rotate, first } = await withToken({ config: { graceMs: HOUR } });
      const { clock, paddle } = harness;
      await rotate();
      clock.advance(HOUR);
      if (tried) {
        paddle.failNext('revoke', 'before', { error: new AmbiguousError('timeout', 'no answer') });
        await harness.reconcile();
        clock.set(harness.token(first).hold?.nextCheckAt ?? '');
      }
      paddle.failNext('revoke', 'before', { error: new ThrottledError(clock.now() + MINUTE, 'others go first') });
      await harness.reconcile();
      expect(harness.token(first).status).toBe('superseded');
      const { outcome: answer } = await harness.reconcile({ command: rollback(first, {}) });
      return { answer, first, current: harness.current?.id };
    }

    test('condemns no token: a person may still go back to it', async () => {
      const { answer, first, current } = await putOff(false);
      expect([answer, current]).toEqual(['settled', first]);
    });

    test('unless one before it may have been', async () => {
      const { answer, first, current } = await putOff(true);
      expect(answer).toBe('rejected');
      expect(current).not.toBe(first);
    });
  });

  test('asks about a reported token again soon, however often it had to wait', async () => {
    const { harness } = await withToken();
    const { clock, paddle } = harness;
    const id = harness.current?.id ?? '';
    await harness.report(id);
    for (let times = 0; times < 8; times += 1) {
      paddle.failNext('get', 'before', { error: new ThrottledError(clock.now() + MINUTE, 'silence') });
      await harness.reconcile();
      expect(harness.dueAt).toBe(later(clock.iso(), MINUTE));
      clock.advance(MINUTE);
    }
    paddle.failNext('get', 'before');
    await harness.reconcile();
    expect(harness.dueAt).toBe(later(clock.iso(), 30 * SECOND));
  });
});

describe('evidence that waits for its turn at Paddle', () => {
  /** @returns how long after it was put off for seven seconds the evidence is gathered again (ms) */
  async function putOff(sites: readonly SiteCheck[]) {
    const { harness, rotate } = await withToken({ config: { graceMs: HOUR } });
    await rotate();
    const { clock, paddle } = harness;
    harness.configure({ sites });
    clock.advance(HOUR);
    paddle.failNext('get', 'before', { error: new ThrottledError(clock.now() + 7 * SECOND, 'others go first') });
    await harness.reconcile();
    return millis(harness.state.tokens.find(({ hold }) => hold)?.hold?.nextCheckAt ?? '') - clock.now();
  }

  test('is gathered again when the turn would be', async () => {
    expect(await putOff([])).toBe(7 * SECOND);
  });

  test.each<[string, 'get' | 'revoke']>([
    ['its evidence', 'get'],
    ['its revocation', 'revoke'],
  ])(
    'has not failed, however often %s had to wait: what fails after it backs off from the beginning',
    async (_, method) => {
      const { harness, rotate, first } = await withToken({ config: { graceMs: HOUR } });
      await rotate();
      const { clock, paddle } = harness;
      clock.advance(HOUR);
      for (let times = 0; times < 8; times += 1) {
        paddle.failNext(method, 'before', { error: new ThrottledError(clock.now() + 7 * SECOND, 'others go first') });
        await harness.reconcile();
        expect(harness.token(first).hold?.nextCheckAt).toBe(later(clock.iso(), 7 * SECOND));
        clock.advance(7 * SECOND);
      }
      paddle.failNext('get', 'before');
      await harness.reconcile();
      expect(harness.token(first).hold?.nextCheckAt).toBe(later(clock.iso(), 5 * MINUTE));
    },
  );

  test('is gathered again later where pages would have to be read again for it', async () => {
    expect(await putOff([{ url: 'https://shop.example/' } as SiteCheck])).toBe(5 * MINUTE);
  });
});

describe('precedence at Paddle', () => {
  const mint = { kind: 'mint', reason: '', message: '' } as const;
  const rotation = aRotation({ trigger: 'schedule' });
  const lost = aToken({ status: 'revoked', revokedBy: 'external' });

  test('of a scheduled rotation is that of what heals, once pages have no other token', () => {
    expect(precedenceOf(mint, { state: aState({ rotation }) })).toBe('schedule');
    expect(precedenceOf(mint, { state: aState({ rotation, tokens: [lost] }) })).toBe('heal');
  });

  test('of a scheduled rotation is that of a person, once one has asked for it and waits', () => {
    const requests = [{ requestId: 'a', rotationId: rotation.rotationId, what: 'rotate' }];
    expect(precedenceOf(mint, { state: aState({ rotation, requests }) })).toBe('heal');
  });
});
