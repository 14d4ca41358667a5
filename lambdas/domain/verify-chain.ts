/** Was a record of the trail changed or removed? Pure: the records and the chain of one partition in, every fault out. */
import {
  chainOf,
  digestOf,
  genesis,
  type Head,
  isMark,
  type Link,
  type Mark,
  type TrailRecord,
} from './audit-chain.ts';

export interface Partition {
  readonly pk: string;
  readonly records: readonly TrailRecord[];
  /** Links and marks, in any order. Read before the records, or a record of just now seems to be removed. */
  readonly chain: readonly (Link | Mark)[];
  /** A head that was kept elsewhere. */
  readonly anchor?: Head;
}

export interface TrailFault {
  /**
   * `changed`: not what was chained. `removed`: chained, and gone. `unchained`: never chained, and too old to be on its way.
   * `broken`: the chain itself was tampered with. `rewritten`: it does not lead to the head that was kept.
   */
  readonly kind: 'changed' | 'removed' | 'unchained' | 'broken' | 'rewritten';
  readonly partition: string;
  /** Sort key of the record. */
  readonly record?: string;
  readonly seq?: number;
  readonly message: string;
}

export interface Verdict {
  readonly partition: string;
  readonly records: number;
  /** Records that are so new that their links may still be on the way. */
  readonly pending: number;
  readonly head: Head;
  readonly faults: readonly TrailFault[];
}

/** The stream hands a record over within seconds, and for six hours at most when it has to try again. */
export const PENDING_MS = 6 * 3_600_000;
/** A record from further in the future than clocks differ was not written by us. */
const SKEW_MS = 300_000;

export function verifyPartition({ pk, records, chain, anchor }: Partition, now: number): Verdict {
  const links = chain.filter((item): item is Link => !isMark(item)).sort((a, b) => (a.sk < b.sk ? -1 : 1));
  const marks = new Map(chain.filter(isMark).map((item) => [item.sk.slice('OF#'.length), item.seq]));
  const fault = (
    kind: TrailFault['kind'],
    message: string,
    at: { record?: string; seq?: number } = {},
  ): TrailFault => ({
    kind,
    partition: pk,
    ...at,
    message,
  });
  const { faults: broken, head } = follow(pk, links, fault);
  const found = new Map(records.map((record) => [record.sk, record]));
  const linked = new Set<string>();
  const faults = [...broken];
  for (const { seq, of, digest } of links) {
    const record = found.get(of);
    if (linked.has(of)) faults.push(fault('broken', 'a record is chained twice', { record: of, seq }));
    else if (!record) faults.push(fault('removed', 'a chained record is gone', { record: of, seq }));
    else if (digestOf(record) !== digest)
      faults.push(fault('changed', 'a record is not what was chained', { record: of, seq }));
    if (marks.get(of) !== seq) faults.push(fault('broken', 'a link has no mark, or another one', { record: of, seq }));
    linked.add(of);
  }
  for (const of of marks.keys())
    if (!linked.has(of)) faults.push(fault('broken', 'a record is marked as chained and has no link', { record: of }));
  const unlinked = records.filter(({ sk }) => !linked.has(sk));
  const late = unlinked.filter((record) => !isPending(record, now));
  for (const { sk } of late) faults.push(fault('unchained', 'a record was never chained', { record: sk }));
  if (anchor && links.find(({ seq }) => seq === anchor.seq)?.chain !== anchor.chain && anchor.seq > 0)
    faults.push(fault('rewritten', 'the chain does not lead to the head that was kept', { seq: anchor.seq }));
  return { partition: pk, records: records.length, pending: unlinked.length - late.length, head, faults };
}

type MakeFault = (kind: TrailFault['kind'], message: string, at?: { record?: string; seq?: number }) => TrailFault;

/** Along the links, each against the one before. Goes on behind a break, so that one break is one fault. */
function follow(pk: string, links: readonly Link[], fault: MakeFault): { faults: TrailFault[]; head: Head } {
  const faults: TrailFault[] = [];
  let head = genesis(pk);
  for (const link of links) {
    const { seq, previous, chain, of } = link;
    if (seq !== Number(link.sk) || seq !== head.seq + 1)
      faults.push(fault('broken', `link ${seq} follows link ${head.seq}`, { record: of, seq }));
    else if (previous !== head.chain)
      faults.push(fault('broken', 'a link does not continue the one before', { record: of, seq }));
    if (chain !== chainOf(link)) faults.push(fault('broken', 'a link was changed', { record: of, seq }));
    head = { seq, chain };
  }
  return { faults, head };
}

/** When it was written, not when it happened: a webhook may come days late. */
function isPending(record: TrailRecord, now: number): boolean {
  const written = Date.parse(String(record.receivedAt ?? record.attributedAt ?? record.at));
  return now - written < PENDING_MS && written - now < SKEW_MS;
}
