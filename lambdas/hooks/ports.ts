/** What calling deploy hooks needs of the world. */

import type { DeployHook } from '../contract.ts';
import type { AuditRecord, HookCall } from '../domain/model.ts';

/** The event on the bus that says that builds must run: an audit record of one of `PUBLICATIONS`. */
export type Publication = Pick<
  AuditRecord,
  'id' | 'type' | 'at' | 'account' | 'integration' | 'tokenId' | 'rotationId'
>;

/** The ledger, as far as hooks go. */
export interface HookLedger {
  /** Read consistently. Empty for an integration that is unknown, unmanaged or has none. */
  hooks(integration: string): Promise<readonly DeployHook[]>;
  /** The hook has answered 2xx: from now on a deployment is expected. Takes the place of the hook's earlier call. */
  accepted(call: HookCall): Promise<void>;
}

/** One call of one hook, as the audit trail keeps it. */
export interface HookRecord extends AuditRecord {
  readonly type: 'hook.called' | 'hook.failed';
}

/** The audit trail: adds lines, and may ask whether one exists. It may not read any. */
export interface HookTrail {
  /** Is there a line `id` behind this publication's? */
  has(publication: Publication, id: string): Promise<boolean>;
  /** One conditional put right behind the publication's line. `duplicate`: it was there already, and stands. */
  append(publication: Publication, record: HookRecord): Promise<'stored' | 'duplicate'>;
}

/** One POST. */
export interface HookCaller {
  /**
   * @returns the status, always 2xx
   * @throws EffectError with a code and a message that holds neither address nor token
   */
  call(hook: DeployHook, publication: Publication): Promise<number>;
}
