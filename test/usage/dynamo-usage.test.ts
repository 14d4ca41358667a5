import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { createUsageRecords } from '../../lambdas/adapters/dynamodb/usage.ts';
import type { UsageReport } from '../../lambdas/usage/ports.ts';
import { loopbackAws } from '../fakes/loopback-aws.ts';

const at = (minute: number) => new Date(Date.parse('2026-11-22T03:00:00.000Z') + minute * 60_000).toISOString();
const built = (minute: number, change: Partial<UsageReport> = {}): UsageReport => ({
  integration: 'pricing-page',
  consumer: 'site',
  tokenId: 'ctkn_a',
  build: '42',
  phase: 'build',
  place: 'production',
  at: at(minute),
  ...change,
});
const deployed = (minute: number, change: Partial<UsageReport> = {}) => built(minute, { phase: 'deploy', ...change });

describe('usage in the ledger', () => {
  let aws: Awaited<ReturnType<typeof loopbackAws>>;
  let client: DynamoDBClient;
  beforeAll(async () => {
    aws = await loopbackAws();
    client = new DynamoDBClient(aws.settings);
  });
  afterAll(async () => {
    client.destroy();
    await aws.close();
  });
  let tables = 0;
  const ledger = () => {
    tables += 1;
    const ledgerTable = `ledger-${tables}`;
    const latest = () => aws.items(ledgerTable).find(({ sk }) => sk === 'USAGE#site');
    return { ...createUsageRecords({ client, ledgerTable }), latest, items: () => aws.items(ledgerTable) };
  };

  test('is the latest report of the consumer, and a history that DynamoDB removes after 400 days', async () => {
    const { record, items } = ledger();
    await record(built(0));
    expect(items()).toEqual([
      {
        pk: 'INTEGRATION#pricing-page',
        sk: 'USED#site#42#build',
        tokenId: 'ctkn_a',
        at: at(0),
        expiresAt: Date.parse('2027-12-27T03:00:00.000Z') / 1000,
      },
      {
        pk: 'INTEGRATION#pricing-page',
        sk: 'USAGE#site',
        consumer: 'site',
        tokenId: 'ctkn_a',
        build: '42',
        phase: 'build',
        at: at(0),
      },
    ]);
  });

  test('of a build without a number has no history, and leaves no number behind', async () => {
    const { record, items, latest } = ledger();
    await record(built(0));
    await record(built(1, { build: undefined }));
    expect(latest()).toEqual(expect.not.objectContaining({ build: expect.anything() }));
    expect(items()).toHaveLength(2);
  });

  test('says who made it, and forgets that with the report', async () => {
    const { record, latest } = ledger();
    const by = { name: 'ci', proof: 'said' } as const;
    await record(deployed(0, { by }));
    expect(latest()).toMatchObject({ by, deployed: { by } });
    await record(deployed(1));
    expect(latest()).not.toHaveProperty('by');
    expect(latest()?.deployed).not.toHaveProperty('by');
  });

  test('keeps the last deployment beside a later build', async () => {
    const { record, latest } = ledger();
    await record(deployed(0));
    await record(built(1, { tokenId: 'ctkn_b', build: '43' }));
    expect(latest()).toMatchObject({
      tokenId: 'ctkn_b',
      phase: 'build',
      at: at(1),
      deployed: { tokenId: 'ctkn_a', build: '42', at: at(0) },
    });
  });

  test.each<[what: string, reports: UsageReport[], latest: object]>([
    ['an older build after a newer one', [built(1, { tokenId: 'ctkn_b' }), built(0)], { tokenId: 'ctkn_b', at: at(1) }],
    [
      'an older deployment after a newer one',
      [deployed(1, { tokenId: 'ctkn_b' }), deployed(0)],
      { deployed: { tokenId: 'ctkn_b', build: '42', at: at(1) } },
    ],
    [
      'a deployment that a build has overtaken',
      [built(2, { tokenId: 'ctkn_b' }), deployed(1)],
      { tokenId: 'ctkn_b', at: at(2), deployed: { tokenId: 'ctkn_a', build: '42', at: at(1) } },
    ],
  ])('never goes back in time: %s', async (_, reports, expected) => {
    const { record, latest } = ledger();
    for (const report of reports) await record(report);
    expect(latest()).toMatchObject(expected);
  });

  test('ends the same, whatever the order and the repetitions of the reports', async () => {
    const reports = [0, 1, 2, 3, 4].flatMap((n) => [
      built(2 * n, { tokenId: `ctkn_${n}` }),
      deployed(2 * n + 1, { tokenId: `ctkn_${n}` }),
    ]);
    const inOrder = ledger();
    for (const report of reports) await inOrder.record(report);
    const sorted = (items: Record<string, unknown>[]) =>
      items.toSorted((a, b) => (String(a.sk) < String(b.sk) ? -1 : 1));
    const deliveries = fc
      .array(fc.constantFrom(...reports), { maxLength: 5 })
      .chain((more) => fc.shuffledSubarray([...reports, ...more], { minLength: reports.length + more.length }));
    await fc.assert(
      fc.asyncProperty(deliveries, async (sent) => {
        const { record, items } = ledger();
        for (const report of sent) await record(report);
        expect(sorted(items())).toEqual(sorted(inOrder.items()));
      }),
      { numRuns: 15 },
    );
  });

  test.each<[what: string, reports: UsageReport[], tokenId: string | undefined]>([
    ['nothing is known', [built(0, { build: '41' }), built(0, { consumer: 'shop', tokenId: 'ctkn_s' })], undefined],
    ['it was built', [built(0)], 'ctkn_a'],
    ['it was only deployed, with a token id', [deployed(0)], 'ctkn_a'],
    ['it was built anew after it was deployed', [deployed(0), built(1, { tokenId: 'ctkn_b' })], 'ctkn_b'],
    [
      'it was deployed with another token than it was built with',
      [built(0), deployed(1, { tokenId: 'ctkn_b' })],
      'ctkn_b',
    ],
  ])('answers the token of a build when %s', async (_, reports, tokenId) => {
    const { record, tokenOfBuild } = ledger();
    for (const report of reports) await record(report);
    expect(await tokenOfBuild('pricing-page', 'site', '42')).toBe(tokenId);
  });

  test('keeps a preview, and each place that nobody has named, beside production', async () => {
    const { record, latest, items } = ledger();
    await record(deployed(0, { branch: 'main', stage: 'production' }));
    await record(deployed(1, { build: '43', tokenId: 'ctkn_b', place: 'preview', stage: 'pr-7' }));
    await record(deployed(2, { build: '44', tokenId: 'ctkn_b', place: 'preview', stage: 'pr-8' }));
    await record(deployed(3, { build: '45', tokenId: 'ctkn_c', place: 'unclear', stage: 'eu', branch: 'x' }));
    expect(latest()).toMatchObject({ tokenId: 'ctkn_a', deployed: { branch: 'main', stage: 'production' } });
    const words = items().filter(({ sk }) => String(sk).startsWith('USAGE#'));
    const told = words.map(({ sk, consumer, tokenId, stage }) => [sk, consumer, tokenId, stage].join(' '));
    expect(told.sort()).toEqual([
      'USAGE#site site ctkn_a production',
      'USAGE#site#preview site ctkn_b pr-8',
      'USAGE#site#unclear#eu#x site ctkn_c eu',
    ]);
  });

  test('says so when the ledger is down', async () => {
    const { record } = ledger();
    aws.down.add('UpdateItem');
    await expect(record(built(0))).rejects.toThrow('down');
    aws.down.clear();
  });
});
