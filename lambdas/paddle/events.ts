/** Paddle's own list of events, kept for 90 days whether or not a webhook was delivered. */
import * as z from 'zod/mini';
import type { PaddleClient } from './client.ts';
import { plainId, propertiesOf, type ReadEvent, readEvent } from './envelope.ts';
import { AUDITED_EVENTS } from './notification-settings.ts';

export const RETENTION_MS = 90 * 86_400_000;

/** One item of `GET /events`: as in a webhook, without a `notification_id`, and with instants to the millisecond. */
export interface ListedEvent {
  /** As Paddle sent it. */
  readonly item: unknown;
  readonly read: ReadEvent;
  /** By which the list can be continued behind it, also when the rest cannot be read. */
  readonly cursor: string | undefined;
}

export interface Events {
  /**
   * Those that the audit trail is about, in the order of their ids, page by page.
   * @param after an event's id; absent: from the oldest that is kept
   */
  after(after: string | undefined): AsyncIterable<readonly ListedEvent[]>;
}

export const createEvents = ({ pages }: Pick<PaddleClient, 'pages'>): Events => ({
  async *after(after) {
    const query = new URLSearchParams({ order_by: 'id[ASC]', per_page: '200', event_type: AUDITED_EVENTS.join(',') });
    if (after !== undefined) query.set('after', after);
    const list = pages({
      path: `/events?${query}`,
      entity: z.unknown(),
      intent: 'list events',
      permission: 'notification.read',
      deadlineMs: 120_000,
    });
    for await (const page of list) yield page.map(listed);
  },
});

const listed = (item: unknown): ListedEvent => ({
  item,
  read: readEvent(item),
  cursor: plainId(propertiesOf(item)?.event_id),
});
