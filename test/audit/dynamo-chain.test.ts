import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { createDynamoChain } from '../../lambdas/adapters/dynamodb/chain.ts';
import { chainKeys, type Link, type TrailRecord } from '../../lambdas/domain/audit-chain.ts';
import { verifyPartition } from '../../lambdas/domain/verify-chain.ts';
import { loopbackAws } from '../fakes/loopback-aws.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const record = (n: number, pk = 'TOKEN#ctkn_a'): TrailRecord => ({
  pk,
  sk: `2026-11-22T03:00:00.000000Z#act_${n}`,
  at: '2026-11-22T03:00:00.000Z',
  details: { n },
});

let aws: Awaited<ReturnType<typeof loopbackAws>>;
const clients: DynamoDBClient[] = [];
let tables = 0;
beforeAll(async () => {
  aws = await loopbackAws();
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await aws.close();
});

/** A table, and as many observers as wanted, each of its own process: they share nothing but the table. */
function table() {
  tables += 1;
  const auditTable = `audit-${tables}`;
  const observer = () => {
    const client = new DynamoDBClient(aws.settings);
    clients.push(client);
    return createDynamoChain({ client, auditTable, pause: async () => {} });
  };
  const check = (records: readonly TrailRecord[], pk = 'TOKEN#ctkn_a') => {
    const chain = aws.items(auditTable).filter((item) => item.pk === chainKeys.partition(pk)) as Link[];
    return verifyPartition({ pk, records, chain }, NOW);
  };
  return { observer, check, items: () => aws.items(auditTable) };
}

test('records are chained one behind the other, each partition by itself', async () => {
  const { observer, check } = table();
  const { append } = observer();
  const records = [1, 2, 3].map((n) => record(n));
  for (const one of records) expect(await append(one)).toBe('chained');
  await append(record(1, 'ACCOUNT#live'));
  expect(check(records)).toMatchObject({ head: { seq: 3 }, faults: [] });
  expect(check([record(1, 'ACCOUNT#live')], 'ACCOUNT#live')).toMatchObject({ head: { seq: 1 }, faults: [] });
});

test('a record that comes again is not chained again, whatever it has become', async () => {
  const { observer, check, items } = table();
  const { append } = observer();
  await append(record(1));
  const before = items();
  expect(await append(record(1))).toBe('already');
  expect(await append({ ...record(1), details: 'forged' })).toBe('already');
  expect(items()).toEqual(before);
  expect(check([{ ...record(1), details: 'forged' }]).faults).toMatchObject([{ kind: 'changed' }]);
});

test('an observer that starts anew goes on where the last one ended', async () => {
  const { observer, check } = table();
  await observer().append(record(1));
  await observer().append(record(2));
  expect(check([record(1), record(2)])).toMatchObject({ head: { seq: 2 }, faults: [] });
});

test('the end of a chain is read once, not for every record', async () => {
  const { observer } = table();
  const { append } = observer();
  const before = aws.calls.filter((call) => call === 'Query').length;
  for (const n of [1, 2, 3, 4]) await append(record(n));
  expect(aws.calls.filter((call) => call === 'Query').length - before).toBe(1);
});

test('what the table refuses fails, and the record can come again', async () => {
  const { observer, check } = table();
  const { append } = observer();
  aws.down.add('TransactWriteItems');
  await expect(append(record(1))).rejects.toThrow();
  aws.down.clear();
  expect(await append(record(1))).toBe('chained');
  expect(check([record(1)]).faults).toEqual([]);
});

test('whatever comes twice, in any order, through several observers at once: one whole chain', async () => {
  const delivery = fc.record({
    order: fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 5 }),
    again: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 5 }),
    observers: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(delivery, async ({ order, again, observers }) => {
      const { observer, check } = table();
      const crowd = Array.from({ length: observers }, observer);
      const lanes = crowd.map(async ({ append }, lane) => {
        // Each gets a part of the order, and all of what comes again: they meet at the same places.
        for (const n of [...order.filter((_, i) => i % observers === lane), ...again]) await append(record(n));
      });
      await Promise.all(lanes);
      expect(check(order.map((n) => record(n)))).toMatchObject({
        records: 5,
        pending: 0,
        head: { seq: 5 },
        faults: [],
      });
    }),
    { numRuns: 25 },
  );
});
