/** Ten thousand rotations that are due at once, against the simulator's rules, in virtual time; and how the cost of one grows. */
import { MINUTE } from '../lambdas/domain/time.ts';
import { PacingWorld, type Scenario } from './pacing/world.ts';
import type { Figure, Part } from './report.ts';

const MOST_MINUTES = 240;
const IDLE_MINUTES = 30;
/** Calls in a minute that an address is answered. */
const LIMIT = 240;

const accounts = (count: number, each: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`account${at}`, each]));

async function rotated(scenario: Scenario): Promise<PacingWorld> {
  const world = new PacingWorld(scenario);
  await world.run(MOST_MINUTES);
  return world;
}

const minutesOf = (world: PacingWorld): number => (world.time.now() - world.started) / MINUTE;
/** Minutes: nobody needs fewer calls, and an address answers no more. */
const floorOf = (world: PacingWorld, addresses: number): number => (2 * world.rotations.size) / LIMIT / addresses;
const callsOf = (world: PacingWorld): number => [...world.paddle.calls.values()].reduce((a, b) => a + b, 0);

/** From the first to the last call. */
function shareOfLimit(world: PacingWorld, addresses: number): number {
  return (callsOf(world) / addresses / minutesOf(world) / LIMIT) * 100;
}

/** How many places a rotation was begun before or after its own, within its account. */
function displacement(world: PacingWorld): number {
  const byAccount = new Map<string, { order: number; minted: number }[]>();
  for (const { account, order, minted } of world.rotations.values())
    byAccount.set(account, [...(byAccount.get(account) ?? []), { order, minted: minted ?? Number.POSITIVE_INFINITY }]);
  const places = [...byAccount.values()].flatMap((rotations) =>
    rotations
      .toSorted((a, b) => a.minted - b.minted || a.order - b.order)
      .map(({ order }, place) => Math.abs(order - place)),
  );
  return Math.max(...places);
}

const unfinished = (world: PacingWorld): number =>
  [...world.rotations.values()].filter(({ revoked }) => revoked === undefined).length;

async function atOnce(name: string, scenario: Scenario): Promise<Figure[]> {
  const world = await rotated(scenario);
  const { addresses } = scenario;
  const calls = callsOf(world) / world.rotations.size;
  const figures: Figure[] = [
    { name: `${name}: until all are through`, value: minutesOf(world), unit: 'minutes', target: 105 / addresses },
    {
      name: `${name}: the same / two calls a rotation at ${LIMIT} a minute`,
      value: minutesOf(world) / floorOf(world, addresses),
      unit: 'x',
    },
    { name: `${name}: not through`, value: unfinished(world), unit: '', target: 0 },
    { name: `${name}: lock-outs`, value: world.paddle.lockOuts, unit: '', target: 0 },
    { name: `${name}: calls for each rotation`, value: calls, unit: 'calls', target: 2.4 },
    {
      name: `${name}: of each address's limit`,
      value: shareOfLimit(world, addresses),
      unit: '%',
      target: addresses > 1 ? 95 : 90,
      atLeast: true,
    },
    { name: `${name}: longest queue`, value: world.queue.longest, unit: 'messages', target: 20 * addresses },
    { name: `${name}: out of its account's order`, value: displacement(world), unit: 'places', target: 5 * addresses },
    ...(addresses === 1 ? ledgerOf(name, world) : []),
  ];
  return figures;
}

/** One account has 1,000 due, nineteen have 20 each: what do these lose by it? */
async function besideHot(): Promise<Figure[]> {
  const calm = accounts(19, 20);
  const alone = await rotated({ addresses: 1, due: calm });
  const beside = await rotated({ addresses: 1, due: { hot: 1_000, ...calm } });
  const lastOf = (world: PacingWorld) =>
    Math.max(
      ...[...world.rotations.values()]
        .filter(({ account }) => account !== 'hot')
        .map(({ minted = Number.NaN }) => minted),
    ) / MINUTE;
  return [
    {
      name: 'a hot account beside 19 calm ones: the calm ones published',
      value: lastOf(beside) / lastOf(alone),
      unit: 'x alone',
      target: 1.3,
    },
    { name: 'a hot account: lock-outs', value: beside.paddle.lockOuts, unit: '', target: 0 },
  ];
}

const WRITES = /^(ledger\.(save|answered|report|storeReading|bookTurn)|cap\.reserve)$/;

/** Calls of the ledger's port for each rotation: what grows with what is due, and with nothing else. */
function ledgerOf(name: string, { ops, rotations }: PacingWorld): Figure[] {
  const isLedger = (op: string) => /^(ledger|cap)\./.test(op) && op !== 'ledger.findDue';
  const of = (isCounted: (op: string) => boolean) =>
    [...ops].reduce((sum, [op, times]) => sum + (isLedger(op) && isCounted(op) ? times : 0), 0) / rotations.size;
  return [
    {
      name: `${name}: writes of the ledger for each rotation`,
      value: of((op) => WRITES.test(op)),
      unit: '',
      target: 9,
    },
    {
      name: `${name}: reads of the ledger for each rotation`,
      value: of((op) => !WRITES.test(op)),
      unit: '',
      target: 22,
    },
  ];
}

const looksOf = (world: PacingWorld): number => (world.ops.get('heartbeat.findDue') ?? 0) / minutesOf(world);

async function growth(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const due of [10, 100, 1_000]) {
    const world = await rotated({ addresses: 1, due: accounts(Math.max(1, due / 100), Math.min(100, due)) });
    const name = `${due.toLocaleString('en')} due`;
    figures.push(...ledgerOf(name, world), {
      name: `${name}: queries of the heartbeat a minute`,
      value: looksOf(world),
      unit: '',
      target: 30,
    });
  }
  for (const idle of [10, 100, 1_000, 10_000]) {
    const world = new PacingWorld({ addresses: 1, due: {}, idle });
    await world.run(IDLE_MINUTES);
    const name = `${idle.toLocaleString('en')} registered, none due: queries of the heartbeat a minute`;
    figures.push({ name, value: looksOf(world), unit: '', target: 1.1 });
  }
  return figures;
}

export const pacing: Part = {
  name: 'pacing',
  about: '10,000 rotations due at once over 20 and over 1,000 accounts, from one address and from four; growth',
  async run(progress) {
    const figures: Figure[] = [];
    const step = async (name: string, figuresOf: () => Promise<Figure[]>) => {
      progress(`pacing: ${name}`);
      figures.push(...(await figuresOf()));
    };
    const [twenty, thousand] = [accounts(20, 500), accounts(1_000, 10)];
    for (const [name, scenario] of [
      ['20 accounts, 1 address', { addresses: 1, due: twenty }],
      ['1,000 accounts, 1 address', { addresses: 1, due: thousand }],
      ['20 accounts, 4 addresses', { addresses: 4, due: twenty }],
      ['1,000 accounts, 4 addresses', { addresses: 4, due: thousand }],
    ] as const)
      await step(name, () => atOnce(name, scenario));
    await step('a hot account', besideHot);
    await step('growth', growth);
    return figures;
  },
};
