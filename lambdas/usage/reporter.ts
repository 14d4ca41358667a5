/** Who reports, and may he? */
import { CONSUMER_ALIAS, consumerAlias } from '../contract.ts';
import type { Reporter } from '../domain/model.ts';
import type { UsageRequest } from './request.ts';

/**
 * A bound consumer speaks only through its own alias, and an alias for nobody else: who got in was let in by AWS.
 * @returns why the report is not taken, if it is not
 */
export function notItsOwn(consumer: string, role: string | undefined, alias = ''): string | undefined {
  const own = consumerAlias(consumer);
  if (alias === own) return undefined;
  if (role !== undefined)
    return `consumer: ${consumer} is bound to ${role}, which reports through paddlewheel-usage:${own}`;
  if (alias.startsWith(CONSUMER_ALIAS)) return `consumer: ${alias} takes no reports of ${consumer}`;
  return undefined;
}

/** @param role that the consumer is bound to; the report came in by its alias */
export function reporterOf({ reportedBy }: UsageRequest, role: string | undefined): Reporter | undefined {
  if (role !== undefined) return { name: role, proof: 'role' };
  return reportedBy === undefined ? undefined : { name: reportedBy, proof: 'said' };
}
