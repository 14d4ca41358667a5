import {
  EVERY_MS,
  maintainSellers,
  OWED_PER_RUN,
  type Seller,
  turnOf,
} from '../../lambdas/registrar/destinations/sellers.ts';
import { anAccount } from '../builders/integration.ts';
import { createDestinationLedgerOf, noDestinations } from './seller-world.ts';

const sellers = (count: number, webhooksOwed: boolean): Seller[] =>
  Array.from({ length: count }, (_, index) => ({ account: `seller-${String(index).padStart(4, '0')}`, webhooksOwed }));
const runs = (many: readonly Seller[], count: number) =>
  Array.from({ length: count }, (_, run) => turnOf(many, run * EVERY_MS));

test('of a thousand that are owed their webhooks, each has its turn within two hours and a quarter', () => {
  const turns = runs(sellers(1_000, true), 25);
  for (const turn of turns) expect(turn.length).toBeLessThanOrEqual(OWED_PER_RUN);
  expect(new Set(turns.flat()).size).toBe(1_000);
});

test('those that cannot be mended keep nobody waiting', () => {
  const many = [...sellers(500, true), { account: 'zoe', webhooksOwed: true }];
  expect(runs(many, 13).filter((turn) => turn.includes('zoe'))).toHaveLength(1);
});

test('of five hundred that are in order, each is looked at once a day, a few at a time', () => {
  const turns = runs(sellers(500, false), 288);
  expect(turns.flat()).toHaveLength(500);
  expect(new Set(turns.flat()).size).toBe(500);
  expect(Math.max(...turns.map((turn) => turn.length))).toBeLessThan(12);
});

test('what is not in order is told and stays owed; what is, or has left, is settled', async () => {
  const files = anAccount({ name: 'of-the-file' });
  const manual = anAccount({ name: 'by-hand', webhooks: 'manual', owner: 'api' });
  const left = anAccount({ name: 'left', owner: 'api', managed: false });
  const broken = anAccount({ name: 'broken', owner: 'api' });
  const settled: string[] = [];
  const registry = {
    sellers: async () => [manual, left, broken, files].map(({ name }) => ({ account: name, webhooksOwed: true })),
    webhooksSettled: async ({ account }: Seller) => void settled.push(account),
  };
  const ports = noDestinations([manual, left, broken, files], 'no key is stored');
  const answer = await maintainSellers(ports, registry, new AbortController().signal);
  expect(answer).toMatchObject({
    outcome: 'maintained',
    failing: [{ account: 'broken', message: /no key is stored/ }],
  });
  expect(settled.sort()).toEqual(['by-hand', 'left', 'of-the-file']);
  expect(createDestinationLedgerOf(ports).failureOf('broken')).toMatchObject({ code: 'api_key_empty' });
});
