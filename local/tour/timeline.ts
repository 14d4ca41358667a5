/** The audit trail as a person reads it. */
import type { AuditEntry } from '../../lambdas/adapters/dynamodb/audit-trail.ts';

/** One line per entry, oldest first: time, who, what, and why. */
export function timeline(entries: readonly AuditEntry[]): string[] {
  const attributed = new Map(
    entries
      .filter((entry) => entry.kind === 'attribution')
      .map((entry) => [entry.sk.replace(/#attribution$/, ''), String(entry.actor)]),
  );
  return entries
    .filter((entry) => entry.kind !== 'attribution')
    .sort((a, b) => (a.sk < b.sk ? -1 : 1))
    .map((entry) => {
      const time = String(entry.at).slice(11, 23).padEnd(12);
      const text =
        entry.kind === 'webhook'
          ? `${entry.type} of ${entry.tokenId ?? 'the account'}, signed by Paddle (${attributed.get(entry.sk) ?? 'not attributed yet'})`
          : String(entry.message ?? entry.type);
      return `${time}  ${entry.kind === 'webhook' ? 'paddle     ' : 'paddlewheel'}  ${shorten(text)}`;
    });
}

/** Ids are told apart by their ends. */
const shorten = (text: string): string => text.replace(/ctkn_[a-z\d]{20}([a-z\d]{6})/g, 'ctkn_…$1');
