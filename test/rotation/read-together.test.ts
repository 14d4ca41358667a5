import { HOUR, instant, later, MINUTE } from '../../lambdas/domain/time.ts';
import type { Reading, Readings } from '../../lambdas/rotation/ports.ts';
import { precedenceOf } from '../../lambdas/rotation/precedence.ts';
import { readTogether } from '../../lambdas/rotation/read-together.ts';
import { reconcile } from '../../lambdas/rotation/reconcile.ts';
import { START } from '../builders/integration.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakePaddle } from '../fakes/fake-paddle.ts';
import { Harness } from './harness.ts';

class FakeReadings implements Readings {
  readonly stored = new Map<string, Reading>();
  async find(account: string) {
    return this.stored.get(account);
  }
  async store(account: string, reading: Reading) {
    this.stored.set(account, reading);
  }
}

function account(tokens: number) {
  const clock = new FakeClock(START);
  const paddle = new FakePaddle(clock);
  const readings = new FakeReadings();
  const ids = Array.from({ length: tokens }, (_, n) => paddle.make(`token ${n}`).id);
  const health = readTogether('sandbox', paddle, readings, clock);
  const statuses = async (which: readonly string[]) => {
    const found: (string | undefined)[] = [];
    for (const id of which) found.push((await health.get(id))?.status);
    return found;
  };
  const asked = () => paddle.calls.map(({ method }) => method);
  return { clock, paddle, readings, ids, health, statuses, asked };
}

describe('the health of many tokens of one account', () => {
  test('is one call, while one page has them all', async () => {
    const { ids, statuses, asked } = account(150);
    expect(new Set(await statuses(ids))).toEqual(new Set(['active']));
    expect(asked()).toEqual(['active']);
  });

  test('is a page for every 200 of a thousand, and two calls to find the beginning', async () => {
    const { ids, statuses, asked } = account(1_000);
    await statuses(ids);
    expect(asked().length).toBeLessThanOrEqual(2 + 1_000 / 200);
  });

  test('is read anew after two minutes', async () => {
    const { clock, ids, statuses, asked } = account(10);
    await statuses(ids);
    clock.advance(2 * MINUTE);
    await statuses(ids);
    expect(asked()).toHaveLength(1);
    clock.advance(1);
    await statuses(ids);
    expect(asked()).toHaveLength(2);
  });

  test('a reading from the future is none', async () => {
    const { clock, ids, statuses, asked } = account(10);
    clock.advance(HOUR);
    await statuses(ids);
    clock.advance(-1);
    await statuses(ids);
    expect(asked()).toHaveLength(2);
  });

  test('what is not in the list is asked about, and never taken for healthy', async () => {
    const { paddle, ids, statuses, asked } = account(10);
    paddle.revokeOutside(ids[4] ?? '');
    expect(await statuses([...ids.slice(0, 6), `ctkn_${'z'.repeat(26)}`])).toEqual([
      ...['active', 'active', 'active', 'active', 'revoked', 'active'],
      undefined,
    ]);
    expect(asked()).toContain('get');
  });

  test('a list that lags is no proof against a token', async () => {
    const { paddle, ids, statuses } = account(3);
    paddle.listLagMs = HOUR;
    expect(await statuses(ids)).toEqual(['active', 'active', 'active']);
  });

  test('is as old as the question, not as the answer: Paddle may have read it first and answered late', async () => {
    const { clock, paddle, ids, health } = account(3);
    const active = paddle.active.bind(paddle);
    const asked = instant(clock.now());
    paddle.active = async (after) => {
      const page = await active(after);
      clock.advance(20_000);
      return page;
    };
    expect(await health.get(ids[0] ?? '')).toEqual({ status: 'active', readAt: asked });
  });

  test('says since when the answer is known', async () => {
    const { clock, ids, health } = account(3);
    await health.get(ids[0] ?? '');
    const then = instant(clock.now());
    clock.advance(MINUTE);
    expect(await health.get(ids[1] ?? '')).toEqual({ status: 'active', readAt: then });
  });
});

describe('a crowded revocation', () => {
  async function grownOut() {
    const harness = new Harness({ config: { schedule: { every: 10 * HOUR }, graceMs: 2 * HOUR } });
    await harness.until(later(START, 11 * HOUR));
    harness.clock.set(later(START, 13 * HOUR));
    harness.paddle.calls.length = 0;
    return harness;
  }
  const methods = ({ paddle }: Harness) => paddle.calls.map(({ method }) => method);

  test('takes the health of the current token from the list that others have read, and is two calls in all', async () => {
    const harness = await grownOut();
    const readings = new FakeReadings();
    const readAt = instant(harness.clock.now() - MINUTE);
    readings.stored.set(harness.account.name, { readAt, active: [harness.current?.id ?? ''] });
    const world = { ...harness.world, readings };
    await reconcile({ integration: harness.config.name, crowded: true }, world);
    expect(methods(harness)).toEqual(['revoke']);
    const revoking = harness.ledger.records.find(({ type }) => type === 'token.revoking');
    expect(revoking?.message).toContain(`was active at Paddle at ${readAt}, in a list of all`);
  });

  test('asks about the token itself when it is alone', async () => {
    const harness = await grownOut();
    await reconcile({ integration: harness.config.name }, { ...harness.world, readings: new FakeReadings() });
    expect(methods(harness)).toEqual(['get', 'revoke']);
  });

  test('does not happen when the current token is gone, whatever was read before', async () => {
    const harness = await grownOut();
    harness.paddle.revokeOutside(harness.current?.id ?? '');
    await reconcile(
      { integration: harness.config.name, crowded: true },
      { ...harness.world, readings: new FakeReadings() },
    );
    expect(methods(harness)).not.toContain('revoke');
  });
});

describe('precedence at Paddle', () => {
  const decision = (kind: string) => ({ kind, tokenId: 'ctkn_1', reason: '', message: '' }) as never;
  const during = (trigger: string, emergency = false) =>
    ({ state: { rotation: { trigger, emergency }, tokens: [], requests: [] } }) as never;

  test.each([
    ['mint', during('schedule'), 'schedule'],
    ['mint', during('heal'), 'heal'],
    ['mint', during('manual'), 'heal'],
    ['verify', during('schedule', true), 'heal'],
    ['inspect', during('schedule'), 'heal'],
    ['restore', during('schedule'), 'heal'],
    ['prove', during('heal'), 'schedule'],
    ['revoke', during('heal'), 'schedule'],
    ['sweep', during('heal'), 'sweep'],
    ['claim', during('heal'), 'sweep'],
  ])('%s in %j', (kind, snapshot, expected) => {
    expect(precedenceOf(decision(kind), snapshot)).toBe(expected);
  });

  test('the revocation of an emergency goes with what heals', () => {
    const emergency = { state: { tokens: [{ id: 'ctkn_1', emergency: { reason: 'leaked' } }] } } as never;
    expect(precedenceOf(decision('revoke'), emergency)).toBe('heal');
  });
});
