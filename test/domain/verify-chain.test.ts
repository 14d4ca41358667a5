import fc from 'fast-check';
import {
  canonical,
  digestOf,
  genesis,
  type Head,
  type Link,
  linkBehind,
  type Mark,
  type TrailRecord,
} from '../../lambdas/domain/audit-chain.ts';
import { type Partition, verifyPartition } from '../../lambdas/domain/verify-chain.ts';

const PK = 'TOKEN#ctkn_a';
const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const record = (minute: number, more: object = {}): TrailRecord => {
  const at = new Date(Date.parse('2026-11-22T03:00:00.000Z') + minute * 60_000).toISOString();
  return {
    pk: PK,
    sk: `${at}#act_${minute}`,
    kind: 'action',
    at,
    type: 'token.published',
    message: `m${minute}`,
    ...more,
  };
};

function chainOf(records: readonly TrailRecord[]): (Link | Mark)[] {
  let head: Head = genesis(records[0]?.pk ?? PK);
  return records.flatMap((one) => {
    const { link, mark } = linkBehind(head, one);
    head = link;
    return [link, mark];
  });
}

const RECORDS = [0, 1, 2, 3, 4].map((minute) => record(minute));
const CHAIN = chainOf(RECORDS);
const verdict = (change: Partial<Partition> = {}, now = NOW) =>
  verifyPartition({ pk: PK, records: RECORDS, chain: CHAIN, ...change }, now);
const linkAt = (seq: number) => CHAIN.find((item): item is Link => 'chain' in item && item.seq === seq) as Link;
const without = (...gone: unknown[]) => CHAIN.filter((item) => !gone.includes(item));
const replaced = (seq: number, change: Partial<Link>) =>
  CHAIN.map((item) => (item === linkAt(seq) ? { ...item, ...change } : item));

describe('an honest trail', () => {
  test('has no fault, and a head', () => {
    expect(verdict()).toMatchObject({ records: 5, pending: 0, faults: [], head: { seq: 5, chain: linkAt(5).chain } });
  });
  test('may be empty', () => {
    expect(verdict({ records: [], chain: [] })).toMatchObject({ faults: [], head: { seq: 0 } });
  });
  test('may have records whose links are on the way', () => {
    const fresh = record(32 * 60 + 59);
    expect(verdict({ records: [...RECORDS, fresh] })).toMatchObject({ pending: 1, faults: [] });
  });
  test('may be chained in another order than that of its instants: a webhook comes late', () => {
    expect(verdict({ chain: chainOf(RECORDS.toReversed()) }).faults).toEqual([]);
  });
  test('may have grown since its head was kept', () => {
    expect(verdict({ anchor: { seq: 3, chain: linkAt(3).chain } }).faults).toEqual([]);
  });
});

describe('whoever tampers is found out:', () => {
  const [first, second, ...others] = RECORDS;
  const rewritten = chainOf([first as TrailRecord, ...others]);
  test.each<[string, Partial<Partition>, string]>([
    [
      'a record is changed',
      { records: RECORDS.map((one, i) => (i === 2 ? { ...one, message: 'x' } : one)) },
      'changed',
    ],
    ['a field is added', { records: RECORDS.map((one, i) => (i === 2 ? { ...one, actor: 'me' } : one)) }, 'changed'],
    ['a record is removed', { records: RECORDS.slice(1) }, 'removed'],
    ['the last record is removed', { records: RECORDS.slice(0, -1) }, 'removed'],
    ['all records are removed', { records: [] }, 'removed'],
    ['a record is inserted', { records: [...RECORDS, record(9)] }, 'unchained'],
    ['a record is inserted that is dated in the future', { records: [...RECORDS, record(9_999)] }, 'unchained'],
    [
      'a record is inserted and marked as chained',
      { records: [...RECORDS, record(9)], chain: [...CHAIN, { pk: `CHAIN#${PK}`, sk: `OF#${record(9).sk}`, seq: 6 }] },
      'unchained',
    ],
    ['a link is removed', { chain: without(linkAt(3)) }, 'broken'],
    [
      'a record and its link are removed',
      { records: RECORDS.filter((one) => one !== second), chain: without(linkAt(2)) },
      'broken',
    ],
    ['a digest is made to fit', { chain: replaced(3, { digest: 'a'.repeat(64) }) }, 'broken'],
    ['a link is moved to another record', { chain: replaced(3, { of: 'elsewhere' }) }, 'broken'],
    [
      'a link is forged with its own digest',
      {
        chain: CHAIN.map((item) =>
          item === linkAt(3) ? linkBehind(genesis(PK), RECORDS[2] as TrailRecord).link : item,
        ),
      },
      'broken',
    ],
    ['a mark is removed', { chain: CHAIN.filter((item) => 'chain' in item) }, 'broken'],
    [
      'the chain of another partition is put in its place',
      { chain: chainOf(RECORDS.map((one) => ({ ...one, pk: 'TOKEN#ctkn_b' }))) },
      'broken',
    ],
    [
      'the whole chain is computed anew without a record, but its head was kept',
      {
        records: RECORDS.filter((one) => one !== second),
        chain: rewritten,
        anchor: { seq: 5, chain: linkAt(5).chain },
      },
      'rewritten',
    ],
    [
      'the end is cut off, but the head was kept',
      { records: RECORDS.slice(0, 3), chain: chainOf(RECORDS.slice(0, 3)), anchor: { seq: 5, chain: linkAt(5).chain } },
      'rewritten',
    ],
  ])('%s', (_, change, kind) => {
    expect(verdict(change).faults.map((fault) => fault.kind)).toContain(kind);
  });

  test('the fault says which record', () => {
    expect(verdict({ records: RECORDS.slice(1) }).faults).toEqual([
      { kind: 'removed', partition: PK, record: RECORDS[0]?.sk, seq: 1, message: 'a chained record is gone' },
    ]);
  });

  test('an inserted record is a fault once it is too old to be on its way', () => {
    const inserted = { records: [...RECORDS, record(9)] };
    expect(verdict(inserted, Date.parse('2026-11-22T04:00:00.000Z')).pending).toBe(1);
    expect(verdict(inserted).faults).toHaveLength(1);
  });

  test('a webhook counts from when it was received', () => {
    const webhook = record(0, { sk: 'w', receivedAt: '2026-11-23T11:59:00.000Z' });
    expect(verdict({ records: [...RECORDS, webhook] }).pending).toBe(1);
  });

  test('any one change of anything is found', () => {
    const items = [...RECORDS, ...CHAIN];
    fc.assert(
      fc.property(
        fc.nat(items.length - 1),
        fc.nat(),
        fc.constantFrom('remove', 'alter', 'drop a field'),
        (at, field, how) => {
          const victim = items[at] as TrailRecord;
          const names = Object.keys(victim).filter((name) => name !== 'pk');
          const name = names[field % names.length] ?? '';
          const changed =
            how === 'remove'
              ? []
              : how === 'alter'
                ? [
                    {
                      ...victim,
                      [name]: typeof victim[name] === 'number' ? Number(victim[name]) + 1 : `${victim[name]}x`,
                    },
                  ]
                : [Object.fromEntries(Object.entries(victim).filter(([key]) => key !== name || name === 'sk'))];
          const after = items.flatMap((item, i) =>
            i === at ? (changed as TrailRecord[]) : [item as TrailRecord],
          ) as TrailRecord[];
          if (canonical(after) === canonical(items)) return;
          const count = RECORDS.length - (at < RECORDS.length && changed.length === 0 ? 1 : 0);
          const faults = verdict({
            records: after.slice(0, count),
            chain: after.slice(count) as unknown as Link[],
          }).faults;
          expect(faults.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a digest', () => {
  test('does not depend on the order of fields, nor on those that are not there', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        const forward = { pk: PK, sk: 's', ...fields };
        const backward = Object.fromEntries(Object.entries({ ...forward, absent: undefined }).reverse());
        expect(digestOf(backward as TrailRecord)).toBe(digestOf(forward));
      }),
    );
  });
  test('tells any two values apart that JSON tells apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = canonical(JSON.parse(JSON.stringify(a))) === canonical(JSON.parse(JSON.stringify(b)));
        expect(JSON.parse(canonical(a))).toEqual(JSON.parse(JSON.stringify(a)));
        if (same) expect(JSON.parse(JSON.stringify(a))).toEqual(JSON.parse(JSON.stringify(b)));
      }),
    );
  });
});
