/**
 * The chain behind each partition of the audit trail: a link for every record, with the digest of the record and of the link
 * before it. Whoever changes or removes a record must rewrite every link after it, and whoever has kept a head knows.
 *
 * audit trail (`pk`, `sk`)
 *   CHAIN#<pk of the records>   <seq, 12 digits>   a link
 *   CHAIN#<pk of the records>   OF#<sk>            marks a record as chained, and where
 *
 * `observe` adds both in one transaction, each only if it is not there: a record that comes twice is chained once, and of two
 * observers one finds the place taken and goes on behind it.
 */
import { createHash } from 'node:crypto';

export interface TrailRecord {
  readonly pk: string;
  readonly sk: string;
  readonly [field: string]: unknown;
}

export interface Link {
  readonly pk: string;
  readonly sk: string;
  /** 1 for the first. */
  readonly seq: number;
  /** `sk` of the record. */
  readonly of: string;
  /** SHA-256 of the record, hex. */
  readonly digest: string;
  /** `chain` of the link before; of the first one, the digest of the partition's name. */
  readonly previous: string;
  /** SHA-256 over `previous`, `seq`, `of` and `digest`, hex. */
  readonly chain: string;
}

export interface Mark {
  readonly pk: string;
  readonly sk: string;
  readonly seq: number;
}

/** The end of a chain. Kept somewhere else, it proves later that nothing before it was rewritten. */
export interface Head {
  readonly seq: number;
  readonly chain: string;
}

export const CHAIN_PREFIX = 'CHAIN#';
const MARK_PREFIX = 'OF#';
const DIGITS = 12;

export const chainKeys = {
  partition: (pk: string) => `${CHAIN_PREFIX}${pk}`,
  link: (pk: string, seq: number) => ({ pk: `${CHAIN_PREFIX}${pk}`, sk: String(seq).padStart(DIGITS, '0') }),
  mark: (pk: string, sk: string) => ({ pk: `${CHAIN_PREFIX}${pk}`, sk: `${MARK_PREFIX}${sk}` }),
  /** Every link's sort key lies between these; no mark's does. */
  firstLink: '0'.repeat(DIGITS),
  lastLink: '9'.repeat(DIGITS),
} as const;

export const isMark = ({ sk }: { readonly sk: string }): boolean => sk.startsWith(MARK_PREFIX);
export const isOfChain = ({ pk }: { readonly pk: string }): boolean => pk.startsWith(CHAIN_PREFIX);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** JSON with the names of every object in order and without those that are `undefined`: one text for one value. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((inner) => canonical(inner ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`;
}

export const digestOf = (record: TrailRecord): string => sha256(canonical(record));

/** What stands before the first link. Each partition has its own, so that no chain can be put in the place of another. */
export const genesis = (pk: string): Head => ({ seq: 0, chain: sha256(`paddlewheel ${pk}`) });

export const chainOf = ({ previous, seq, of, digest }: Omit<Link, 'pk' | 'sk' | 'chain'>): string =>
  sha256(canonical([previous, seq, of, digest]));

/** The link of a record right behind `head`, and its mark. */
export function linkBehind(head: Head, record: TrailRecord): { readonly link: Link; readonly mark: Mark } {
  const seq = head.seq + 1;
  const content = { seq, of: record.sk, digest: digestOf(record), previous: head.chain };
  return {
    link: { ...chainKeys.link(record.pk, seq), ...content, chain: chainOf(content) },
    mark: { ...chainKeys.mark(record.pk, record.sk), seq },
  };
}
