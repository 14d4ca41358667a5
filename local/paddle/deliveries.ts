/** The webhooks: who gets which event, when, and how often it is tried. */
import { type SimulatorClock, webhookInstant } from './clock.ts';
import type { Ids } from './ids.ts';
import { type PostResult, postWebhook } from './post-webhook.ts';
import type { Quirks } from './quirks.ts';
import { signatureHeader } from './signatures.ts';
import type { Destination, Notification, PaddleEvent, State } from './state.ts';

/** Ceilings on attempts, as documented. */
const MAX_ATTEMPTS = { live: 60, sandbox: 3 } as const;
/** A timer never sleeps longer than this, so that a base clock that jumps is noticed. */
const LONGEST_NAP_MS = 200;

/** What the deliveries need of the simulator. */
interface DeliveryWorld {
  readonly clock: SimulatorClock;
  readonly ids: Ids;
  readonly state: State;
  readonly quirks: Quirks;
  readonly chance: () => number;
}

export class Deliveries {
  readonly #world: () => DeliveryWorld;
  /** Waiting for an attempt, the one due first in front; equal ones in the order of their coming. */
  #queue: Notification[] = [];
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopping = new AbortController();
  readonly #idleWaiters = new Set<() => void>();

  /** @param world a function, since the world holds its deliveries */
  constructor(world: () => DeliveryWorld) {
    this.#world = world;
  }

  /** One notification per active destination that subscribes. */
  notify(event: PaddleEvent): void {
    for (const destination of this.#world().state.destinations.values()) {
      if (wants(destination, event)) this.#enqueue(destination, event, 'event');
    }
    this.pump();
  }

  /** The same event once more, as a notification of its own. */
  replay(original: Notification): Notification | undefined {
    const destination = this.#world().state.destinations.get(original.destinationId);
    if (!destination) return undefined;
    original.replayedAt = this.#world().clock.micros();
    return this.#send(destination, original.event, 'replay');
  }

  simulate(destination: Destination, event: PaddleEvent): Notification {
    return this.#send(destination, event, 'simulation');
  }

  /** Starts every attempt that is due and has room. Called after every change that could make one due. */
  pump(): void {
    if (this.#stopping.signal.aborted) return;
    const { clock, quirks } = this.#world();
    clearTimeout(this.#timer);
    while (!quirks.webhooks.paused && this.#inFlight < quirks.webhooks.concurrency) {
      const next = this.#takeDue(clock.now());
      if (!next) break;
      this.#inFlight += 1;
      void this.#attempt(next).finally(() => {
        this.#inFlight -= 1;
        this.pump();
      });
    }
    this.#sleep();
    if (this.#idle) for (const wake of this.#idleWaiters) wake();
  }

  /**
   * Resolves once nothing is under way or waiting (for a retry, too), or everything that waits is paused.
   * @throws Error after `withinMs` of the machine's time
   */
  async idle(withinMs = 60_000): Promise<void> {
    if (this.#idle) return;
    await new Promise<void>((resolve, reject) => {
      const done = (settle: () => void) => () => {
        clearTimeout(timer);
        this.#idleWaiters.delete(wake);
        settle();
      };
      const wake = done(resolve);
      const timer = setTimeout(
        done(() => reject(new Error(`deliveries still busy after ${withinMs} ms`))),
        withinMs,
      );
      this.#idleWaiters.add(wake);
    });
  }

  /** Forgets everything that waits, and breaks off what is under way. */
  reset(): void {
    this.stop();
    this.#queue = [];
    this.#stopping = new AbortController();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stopping.abort();
  }

  get #idle(): boolean {
    if (this.#inFlight > 0) return false;
    return this.#world().quirks.webhooks.paused || !this.#queue.some((waiting) => this.#active(waiting));
  }

  #active(notification: Notification): boolean {
    return this.#world().state.destinations.get(notification.destinationId)?.active === true;
  }

  #send(destination: Destination, event: PaddleEvent, origin: Notification['origin']): Notification {
    const notification = this.#enqueue(destination, event, origin);
    this.pump();
    return notification;
  }

  #enqueue(destination: Destination, event: PaddleEvent, origin: Notification['origin']): Notification {
    const { state, clock, ids, quirks, chance } = this.#world();
    const { dropShare, minDelayMs, maxDelayMs } = quirks.webhooks;
    const id = ids.next(origin === 'simulation' ? 'ntfsimntf' : 'ntf');
    const lost = origin === 'event' && chance() < dropShare;
    const delay = minDelayMs + Math.floor(chance() * (maxDelayMs - minDelayMs + 1));
    const notification: Notification = {
      id,
      environment: destination.environment,
      destinationId: destination.id,
      event,
      origin,
      createdAt: clock.micros(),
      body: payload(event, id),
      status: lost ? 'failed' : 'not_attempted',
      lost,
      dueAt: lost ? null : clock.now() + delay,
      deliveredAt: null,
      replayedAt: null,
      attempts: [],
    };
    if (origin !== 'simulation') state.notifications.set(id, notification);
    if (!lost) this.#insert(notification);
    return notification;
  }

  #insert(notification: Notification): void {
    const due = notification.dueAt ?? 0;
    const index = this.#queue.findLastIndex((other) => (other.dueAt ?? 0) <= due);
    this.#queue.splice(index + 1, 0, notification);
  }

  /** What was deleted meanwhile is dropped; what goes to an inactive destination waits. */
  #takeDue(now: number): Notification | undefined {
    const { destinations } = this.#world().state;
    // Sorted by the time at which they are due: thousands may wait, and what comes first decides.
    for (let index = 0; index < this.#queue.length; ) {
      const waiting = this.#queue[index];
      if (!waiting || (waiting.dueAt ?? 0) > now) return undefined;
      const destination = destinations.get(waiting.destinationId);
      if (destination?.active) return this.#queue.splice(index, 1)[0];
      if (destination) index += 1;
      else this.#queue.splice(index, 1);
    }
    return undefined;
  }

  #sleep(): void {
    const { clock, quirks } = this.#world();
    if (clock.frozen || quirks.webhooks.paused || this.#inFlight >= quirks.webhooks.concurrency) return;
    const next = this.#queue.find((waiting) => this.#active(waiting));
    if (!next) return;
    const nap = Math.min(Math.max((next.dueAt ?? 0) - clock.now(), 1), LONGEST_NAP_MS);
    this.#timer = setTimeout(() => this.pump(), nap);
  }

  async #attempt(notification: Notification): Promise<void> {
    const { signal } = this.#stopping;
    const result = await this.#post(notification, signal, false);
    if (!result) return;
    if (result.status === 200) {
      notification.status = 'delivered';
      notification.dueAt = null;
      notification.deliveredAt = this.#world().clock.micros();
      if (this.#world().chance() < this.#world().quirks.webhooks.duplicateShare) {
        await this.#post(notification, signal, true);
      }
      return;
    }
    this.#retryLater(notification);
  }

  /** `undefined`: broken off, since the simulator stops or was reset. */
  async #post(notification: Notification, signal: AbortSignal, duplicate: boolean): Promise<PostResult | undefined> {
    const { state, clock, ids, quirks } = this.#world();
    const destination = state.destinations.get(notification.destinationId);
    if (!destination) return undefined;
    const { timeoutMs, unreachable, signatureTime, signatureSkewSeconds } = quirks.webhooks;
    // Every attempt is signed anew, with the time and the secret of its own moment.
    const ms = signatureTime === 'machine' ? clock.base.now() : clock.now();
    const ts = Math.floor(ms / 1000) + signatureSkewSeconds;
    const result = unreachable
      ? { status: 0, contentType: null, body: 'unreachable' }
      : await postWebhook({
          url: destination.destination,
          body: notification.body,
          signature: signatureHeader(destination, ts, notification.body),
          timeoutMs,
          signal,
        });
    if (signal.aborted) return undefined;
    notification.attempts.push({
      id: ids.next('ntflog'),
      at: clock.micros(),
      responseCode: result.status,
      responseContentType: result.contentType,
      responseBody: result.body,
      duplicate,
    });
    return result;
  }

  #retryLater(notification: Notification): void {
    const { clock, quirks } = this.#world();
    const { retryFirstMs, retryFactor, maxAttempts } = quirks.webhooks;
    const tried = notification.attempts.length;
    // A simulated event is tried once.
    const ceiling = notification.origin === 'simulation' ? 1 : (maxAttempts ?? MAX_ATTEMPTS[notification.environment]);
    if (tried >= ceiling) {
      notification.status = 'failed';
      notification.dueAt = null;
      return;
    }
    notification.status = 'needs_retry';
    notification.dueAt = clock.now() + Math.round(retryFirstMs * retryFactor ** (tried - 1));
    this.#insert(notification);
  }
}

function wants(destination: Destination, event: PaddleEvent): boolean {
  return (
    destination.active &&
    destination.type === 'url' &&
    destination.environment === event.environment &&
    destination.traffic_source !== 'simulation' &&
    destination.subscribed_events.includes(event.type)
  );
}

/** The same bytes in every attempt of one notification. */
function payload(event: PaddleEvent, notificationId: string): string {
  return JSON.stringify({
    event_id: event.id,
    event_type: event.type,
    occurred_at: webhookInstant(event.occurredAt),
    notification_id: notificationId,
    data: event.webhookData,
  });
}
