/** The one way to ask for a look at an integration. */
import type { LookMessage } from '../contract.ts';

export interface LookRequest extends LookMessage {
  /** What tells this request from the last one about the integration: the same key within five minutes is one look. */
  readonly key: string;
}

export interface LookQueue {
  /** @throws when some were not taken; all the others were sent, and a repeat is harmless */
  send(requests: readonly LookRequest[]): Promise<void>;
}
