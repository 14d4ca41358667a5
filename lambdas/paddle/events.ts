/** Paddle's own list of events, kept for 90 days whether or not a webhook was delivered. */
import * as z from 'zod/mini';
import type { PaddleClient } from './client.ts';
import { AUDITED_EVENTS } from './notification-settings.ts';

export const RETENTION_MS = 90 * 86_400_000;

/** As `GET /events` answers it: as in a webhook, without a `notification_id`, and with instants to the millisecond. */
const event = z.object({
  event_id: z.string().check(z.regex(/^evt_[a-z\d]{1,64}$/)),
  event_type: z.string().check(z.regex(/^[A-Za-z0-9_.-]{1,128}$/)),
  occurred_at: z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/)),
  data: z.record(z.string(), z.unknown()),
});
export type ListedEvent = z.infer<typeof event>;

export interface Events {
  /**
   * Those that the audit trail is about, in the order of their ids, page by page.
   * @param after an event's id; absent: from the oldest that is kept
   */
  after(after: string | undefined): AsyncIterable<readonly ListedEvent[]>;
}

export const createEvents = ({ pages }: Pick<PaddleClient, 'pages'>): Events => ({
  after(after) {
    const query = new URLSearchParams({ order_by: 'id[ASC]', per_page: '200', event_type: AUDITED_EVENTS.join(',') });
    if (after !== undefined) query.set('after', after);
    return pages({
      path: `/events?${query}`,
      entity: event,
      intent: 'list events',
      permission: 'notification.read',
      deadlineMs: 600_000,
    });
  },
});
