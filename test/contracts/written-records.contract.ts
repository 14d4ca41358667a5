import type { TrailRecord } from '../../lambdas/domain/audit-chain.ts';
import type { Comparisons, RecordKey, TrailChain, WrittenRecords } from '../../lambdas/observe/ports.ts';
import { unique } from './samples.ts';

export interface WrittenWorld {
  readonly written: WrittenRecords;
  readonly chain: TrailChain;
  readonly comparisons: Comparisons;
  put(record: TrailRecord): Promise<unknown>;
}

const sorted = (keys: readonly RecordKey[]) => keys.map(({ pk, sk }) => `${pk} ${sk}`).sort();

/** What the reader of records by the hour of their writing must do. Every test has hours of its own. */
export function writtenRecordsContract(make: () => WrittenWorld): void {
  let hours = 0;
  /** No hour that there ever was, so that nothing else was written in it. */
  const anHour = () => {
    hours += 1;
    return `${unique('hour')}T${hours}`;
  };
  const record = (writtenIn: string, more: object = {}): TrailRecord => ({
    pk: `TOKEN#${unique('ctkn')}`,
    sk: `2026-11-22T03:00:00.000000Z#${unique('act')}`,
    writtenIn,
    kind: 'action',
    at: '2026-11-22T03:00:00.000Z',
    details: { n: 1 },
    ...more,
  });

  test('records are found by the hour in which they were written, whatever they are and whenever it happened', async () => {
    const { written, put } = make();
    const [hour, other] = [anHour(), anHour()];
    const records = [
      record(hour),
      record(hour, { sk: `2026-09-01T03:00:00.000000Z#${unique('evt')}`, kind: 'webhook' }),
      record(hour, { pk: `ACCOUNT#${unique('a')}`, sk: `UNREADABLE#${unique('evt')}`, kind: 'unreadable' }),
      record(hour, { pk: `SIMULATION#${unique('a')}`, kind: 'simulation' }),
    ];
    for (const each of [...records, record(other)]) await put(each);
    const { records: count, unchained, next } = await written.page(hour);
    expect(sorted(unchained)).toEqual(sorted(records));
    expect([count, next]).toEqual([4, undefined]);
  });

  test('a record that is chained is counted, and is none that is missing', async () => {
    const { written, chain, put } = make();
    const hour = anHour();
    const [first, second] = [record(hour), record(hour)];
    for (const each of [first, second]) await put(each);
    expect(await chain.append(first)).toBe('chained');
    const { records, unchained } = await written.page(hour);
    expect(records).toBe(2);
    expect(sorted(unchained)).toEqual(sorted([second]));
    expect(await chain.append(second)).toBe('chained');
    expect((await written.page(hour)).unchained).toEqual([]);
  });

  test('more records than a page holds are all found, page by page, and none twice', async () => {
    const { written, put } = make();
    const hour = anHour();
    const records = Array.from({ length: 103 }, () => record(hour));
    await Promise.all(records.map(put));
    const first = await written.page(hour);
    expect(first.unchained).toHaveLength(100);
    const second = await written.page(hour, first.next);
    expect(second.next).toBeUndefined();
    expect(sorted([...first.unchained, ...second.unchained])).toEqual(sorted(records));
  });

  test('a record is read whole, and one that is not there is undefined', async () => {
    const { written, put } = make();
    const one = record(anHour());
    await put(one);
    expect(await written.read({ pk: one.pk, sk: one.sk })).toEqual(one);
    expect(await written.read({ pk: one.pk, sk: 'nothing' })).toBeUndefined();
  });

  test('how far the comparison has come is what was saved last', async () => {
    const { comparisons } = make();
    await comparisons.save({ hour: '2026-11-22T03', after: { pk: 'TOKEN#ctkn_a', sk: 'a' } });
    expect(await comparisons.read()).toEqual({ hour: '2026-11-22T03', after: { pk: 'TOKEN#ctkn_a', sk: 'a' } });
    await comparisons.save({ hour: '2026-11-22T04' });
    expect(await comparisons.read()).toEqual({ hour: '2026-11-22T04' });
  });
}
