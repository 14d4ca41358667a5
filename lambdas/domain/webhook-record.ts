/** The one line that a webhook leaves in the audit trail. */

import type { Envelope } from '../webhook/envelope.ts';
import { auditPartition, eventSortKey } from './audit-keys.ts';
import { maskToken } from './mask.ts';

/** All texts, so that it goes to DynamoDB without a marshaller. */
export interface WebhookItem {
  readonly pk: string;
  readonly sk: string;
  /** `2026-11-22`, for the index by day. Simulations have none: no report shows them. */
  readonly day?: string;
  readonly kind: 'webhook' | 'simulation';
  /** `backfill`: no webhook came, and Paddle's list of events had it. */
  readonly source: 'webhook' | 'backfill';
  readonly id: string;
  readonly type: string;
  /** As Paddle sent it, precision included. */
  readonly at: string;
  readonly account: string;
  readonly tokenId?: string;
  readonly notificationId?: string;
  readonly receivedAt: string;
  /** JSON of the event's `data`; a client-side token's value is masked in it. */
  readonly data: string;
}

const SIMULATION = 'ntfsimevt_';
/** Simulated events are kept apart from what really happened. */
export const simulationPartition = (account: string): string => `SIMULATION#${account}`;
const TOKEN_ID = /^ctkn_[a-z\d]{1,64}$/;

/**
 * @param account the one whose secret verified the event; the event itself does not say
 * @param receivedAt ISO 8601
 */
export function webhookItem(
  event: Envelope,
  account: string,
  receivedAt: string,
  source: WebhookItem['source'] = 'webhook',
): WebhookItem {
  const simulated = event.event_id.startsWith(SIMULATION);
  const aboutToken = event.event_type.startsWith('client_token.');
  const id = event.data.id;
  // An odd id is no reason to lose the event: it is then kept with the account's.
  const tokenId = aboutToken && typeof id === 'string' && TOKEN_ID.test(id) ? id : undefined;
  return {
    pk: simulated ? simulationPartition(account) : auditPartition({ tokenId, account }),
    sk: eventSortKey(event.occurred_at, event.event_id),
    day: simulated ? undefined : event.occurred_at.slice(0, 10),
    kind: simulated ? 'simulation' : 'webhook',
    source,
    id: event.event_id,
    type: event.event_type,
    at: event.occurred_at,
    account,
    tokenId,
    notificationId: event.notification_id,
    receivedAt,
    data: JSON.stringify(aboutToken ? withoutTokenValue(event.data) : event.data),
  };
}

function withoutTokenValue(data: Envelope['data']): Envelope['data'] {
  if (!('token' in data)) return data;
  return { ...data, token: typeof data.token === 'string' ? maskToken(data.token) : '…' };
}
