/** The sort keys and partitions of the audit trail. */

/**
 * The sort key of an audit record. Paddle writes fractions of a second with three digits in some answers and six in
 * others; padded to six they sort together.
 */
export function auditSortKey(at: string, id: string): string {
  const [, seconds, fraction = ''] = /^(.{19})(?:\.(\d+))?Z$/.exec(at) ?? [];
  if (seconds === undefined) throw new RangeError(`not an instant in UTC: ${at}`);
  return `${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}Z#${id}`;
}

/** `2026-11-22T03`: the hour in which a record is written, of an instant in UTC. */
export const hourOf = (at: string): string => at.slice(0, 13);

/**
 * The sort key of an event of Paddle. Only to the millisecond: a webhook has microseconds and the list of events has not,
 * and both must come to the same key, so that each finds the other's record there. Ids keep the order within a millisecond.
 */
export const eventSortKey = (at: string, id: string): string => auditSortKey(at.replace(/(\.\d{3})\d+Z$/, '$1Z'), id);

export const auditPartition = (subject: { tokenId?: string; integration?: string; account: string }): string =>
  subject.tokenId
    ? `TOKEN#${subject.tokenId}`
    : subject.integration
      ? `INTEGRATION#${subject.integration}`
      : `ACCOUNT#${subject.account}`;
