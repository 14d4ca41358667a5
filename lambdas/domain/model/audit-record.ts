/** What Paddlewheel writes into the audit trail. */
import type { RecordType } from '../../contract.ts';
import type { Instant } from './instant.ts';

/** One line of the audit trail that we write ourselves. One per state change, in the same transaction as the change. */
export interface AuditRecord {
  readonly id: string;
  readonly type: RecordType;
  readonly at: Instant;
  readonly account: string;
  readonly integration: string;
  readonly tokenId?: string;
  readonly rotationId?: string;
  readonly trigger?: string;
  readonly requestedBy?: string;
  readonly reason?: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}
