/** Small worlds of the bench: the whole way from the heartbeat to Paddle's wire, in virtual time. */
import { PacingWorld } from '../../bench/pacing/world.ts';

const MINUTE = 60_000;
const callsOf = (world: PacingWorld) => [...world.paddle.calls.values()].reduce((a, b) => a + b, 0);
const unfinished = (world: PacingWorld) => [...world.rotations.values()].filter(({ revoked }) => revoked === undefined);

test('a quiet rotation is three calls at the wire, five transactions, and books no turn', async () => {
  const world = new PacingWorld({ addresses: 1, due: { quiet: 1 } });
  await world.run(30);
  expect(unfinished(world)).toEqual([]);
  expect(callsOf(world)).toBe(3);
  expect(world.ops.get('ledger.save')).toBe(5);
  expect(world.ops.get('ledger.bookTurn') ?? 0).toBeLessThanOrEqual(1);
});

test('three hundred at once over three accounts: no lock-out, at the pace of the address, nobody left out', async () => {
  const world = new PacingWorld({ addresses: 1, due: { one: 200, two: 70, three: 30 } });
  await world.run(30);
  expect(unfinished(world)).toEqual([]);
  expect(world.paddle.lockOuts).toBe(0);
  expect(world.queue.longest).toBeLessThanOrEqual(20);
  const minutes = (world.time.now() - world.started) / MINUTE;
  expect(callsOf(world) / minutes).toBeLessThanOrEqual(240);
  expect(callsOf(world) / 300).toBeLessThan(2.6);
  // The small account is through long before the large one.
  const last = (name: string) =>
    Math.max(
      ...[...world.rotations.values()].filter(({ account }) => account === name).map(({ minted = 0 }) => minted),
    );
  expect(last('three')).toBeLessThan(last('one') / 2);
});

test('a broken checkout that was put off goes before all that was due before it, in its own account and others', async () => {
  const world = new PacingWorld({ addresses: 1, due: { one: 200, two: 100 } });
  const [state] = [...world.ledger.states.values()].filter(({ integration }) => integration === 'one-199');
  const [current] = state?.tokens ?? [];
  if (!state || !current) throw new Error('no such integration');
  const lost = { ...current, status: 'revoked', revokedBy: 'external', revokedAt: '2026-01-01T00:00:00.000Z' } as const;
  world.ledger.states.set('one-199', { ...state, tokens: [lost], dueAt: new Date(world.started).toISOString() });
  await world.run(30);
  const minted = [...world.rotations.values()].map(({ minted = 0 }) => minted);
  const before = minted.filter((at) => at < (world.rotations.get('one-199')?.minted ?? 0));
  expect(before.length).toBeLessThanOrEqual(20);
  expect(world.paddle.lockOuts).toBe(0);
});

test('while strangers have the address locked out nobody calls, and everything is done soon after', async () => {
  const world = new PacingWorld({ addresses: 1, due: { one: 150, two: 30 } });
  const { paddle, time, started, ledger } = world;
  const transport = paddle.transport.bind(paddle);
  const isLockedOut = () =>
    (time.now() - started) % (3 * MINUTE) > MINUTE / 2 && (time.now() - started) % (3 * MINUTE) < 1.5 * MINUTE;
  let refused = 0;
  paddle.transport = (account, address) => {
    const open = transport(account, address);
    const send: typeof open.send = async (request) => {
      if (!isLockedOut()) return open.send(request);
      refused += 1;
      return { status: 429, headers: { 'retry-after': '60' }, body: '' };
    };
    return { ...open, send };
  };
  await world.run(30);
  expect(unfinished(world)).toEqual([]);
  // One for each run that was under way, in each of two or three lock-outs.
  expect(refused).toBeLessThanOrEqual(15);
  expect(time.now() - started).toBeLessThan(12 * MINUTE);
  expect(ledger.records.filter(({ type }) => /stuck|interrupted/.test(type))).toEqual([]);
});
