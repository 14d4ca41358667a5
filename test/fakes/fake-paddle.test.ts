import { AmbiguousError, RefusedError, TransientError } from '../../lambdas/domain/errors.ts';
import { Crash, recordedEffects } from './effects.ts';
import { FakeClock } from './fake-clock.ts';
import { FakePaddle } from './fake-paddle.ts';

const names = async (paddle: FakePaddle) => (await paddle.list()).map(({ name }) => name);

test('a token is listed newest first, back to an instant, and stays listed when it is revoked', async () => {
  const clock = new FakeClock();
  const paddle = new FakePaddle(clock);
  const first = await paddle.create({ name: 'first' });
  clock.advance(1_000);
  const second = await paddle.create({ name: 'second' });
  expect((await paddle.revoke(first.id)).status).toBe('revoked');
  expect((await paddle.revoke(first.id)).revokedAt).toBe(clock.iso());
  expect(await names(paddle)).toEqual(['second', 'first']);
  expect(await paddle.list(second.createdAt)).toEqual([second]);
});

test('a create may fail before it happened, after, or happen only later', async () => {
  const clock = new FakeClock();
  const paddle = new FakePaddle(clock);
  paddle.failNext('create', 'before');
  paddle.failNext('create', 'after');
  paddle.failNext('create', 'late', { lateMs: 5_000 });
  await expect(paddle.create({ name: 'never' })).rejects.toBeInstanceOf(TransientError);
  await expect(paddle.create({ name: 'lost' })).rejects.toBeInstanceOf(AmbiguousError);
  await expect(paddle.create({ name: 'twin' })).rejects.toBeInstanceOf(AmbiguousError);
  expect(await names(paddle)).toEqual(['lost']);
  clock.advance(5_000);
  expect(await names(paddle)).toEqual(['twin', 'lost']);
});

test('a list lags behind, while a token that is asked for by its id is known at once', async () => {
  const clock = new FakeClock();
  const paddle = new FakePaddle(clock);
  paddle.listLagMs = 2_000;
  const { id } = await paddle.create({ name: 'new' });
  expect(await names(paddle)).toEqual([]);
  expect((await paddle.get(id))?.name).toBe('new');
  clock.advance(2_000);
  expect(await names(paddle)).toEqual(['new']);
});

test('an unknown id is nothing to get and refused to revoke', async () => {
  const paddle = new FakePaddle(new FakeClock());
  expect(await paddle.get('ctkn_unknown')).toBeUndefined();
  await expect(paddle.revoke('ctkn_unknown')).rejects.toBeInstanceOf(RefusedError);
});

test.each([
  ['before', 0],
  ['after', 1],
] as const)('a crash %s an effect leaves %i tokens', async (when, count) => {
  const effects = recordedEffects({ at: 1, when });
  const paddle = new FakePaddle(new FakeClock(), { effects });
  await paddle.list();
  await expect(paddle.create({ name: 'new' })).rejects.toBeInstanceOf(Crash);
  expect(paddle.tokens).toHaveLength(count);
  expect(effects.names).toEqual(['paddle.list', 'paddle.create']);
});
