/** What the simulated Paddle remembers. Instants are epoch microseconds, waiting times and due times milliseconds. */
import { createHash } from 'node:crypto';
import type { Permission } from './permissions.ts';

export type Environment = 'sandbox' | 'live';
export const ENVIRONMENTS = ['sandbox', 'live'] as const;

export interface ClientToken {
  readonly id: string;
  readonly environment: Environment;
  readonly token: string;
  name: string;
  description: string | null;
  status: 'active' | 'revoked';
  readonly createdAt: number;
  updatedAt: number;
  revokedAt: number | null;
  /** Before this instant (ms), lists do not show the token. */
  readonly listedFrom: number;
  /** Before this instant (ms), lists still show a revoked token as active. */
  revocationListedFrom: number;
  /** From when to when (ms) the checkout accepts the token. */
  readonly usableFrom: number;
  usableUntil: number;
}

export interface ApiKey {
  readonly id: string;
  /** Of another Paddle account, by whatever name. Absent: of the simulator's own. */
  readonly account?: string;
  readonly environment: Environment;
  readonly name: string;
  /** All that is kept of the key itself, besides its hash. */
  readonly obfuscated: string;
  readonly permissions: readonly Permission[];
  readonly expiresAt: number | null;
  readonly createdAt: number;
  revokedAt: number | null;
  lastUsedAt: number | null;
}

export interface Destination {
  readonly id: string;
  readonly environment: Environment;
  description: string;
  readonly type: 'url' | 'email';
  destination: string;
  active: boolean;
  api_version: number;
  include_sensitive_fields: boolean;
  traffic_source: 'platform' | 'simulation' | 'all';
  subscribed_events: string[];
  secret: string;
  /** While a secret is being rotated, two `h1` are sent, in this order. */
  rotation: { readonly previousSecret: string; readonly order: SignatureOrder } | null;
}

export type SignatureOrder = 'new-first' | 'old-first';

export interface PaddleEvent {
  /** `evt_…`; a simulated one is `ntfsimevt_…` */
  readonly id: string;
  readonly environment: Environment;
  readonly type: string;
  readonly occurredAt: number;
  /** The entity at that moment, as REST and as webhooks write it. */
  readonly restData: unknown;
  readonly webhookData: unknown;
  /** Before this instant (ms), `GET /events` does not show it. */
  readonly listedFrom: number;
}

export interface Attempt {
  readonly id: string;
  readonly at: number;
  /** 0: nothing was answered. */
  readonly responseCode: number;
  readonly responseContentType: string | null;
  readonly responseBody: string;
  /** Sent although the one before was accepted. */
  readonly duplicate: boolean;
}

export interface Notification {
  readonly id: string;
  readonly environment: Environment;
  readonly destinationId: string;
  readonly event: PaddleEvent;
  readonly origin: 'event' | 'replay' | 'simulation';
  readonly createdAt: number;
  /** The exact bytes, the same in every attempt. */
  readonly body: string;
  status: 'not_attempted' | 'needs_retry' | 'delivered' | 'failed';
  /** Taken from the queue on purpose and never sent. */
  lost: boolean;
  /** Due for its next attempt, in ms. */
  dueAt: number | null;
  deliveredAt: number | null;
  replayedAt: number | null;
  readonly attempts: Attempt[];
}

export interface Simulation {
  readonly id: string;
  readonly environment: Environment;
  readonly destinationId: string;
  readonly name: string;
  readonly type: string;
  readonly payload: Record<string, unknown> | null;
  readonly createdAt: number;
  updatedAt: number;
  lastRunAt: number | null;
  readonly runs: SimulationRun[];
}

export interface SimulationRun {
  readonly id: string;
  readonly createdAt: number;
  readonly notification: Notification;
}

export interface RequestEntry {
  readonly at: number;
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** `null`: nothing was answered. */
  status: number | null;
  /** The fault that was applied, if one was. */
  fault: string | null;
}

/** The newest are kept. */
const REQUEST_LOG_LIMIT = 5000;

/** Keys are looked up by their hash, so that no comparison runs over the key itself. */
const fingerprint = (key: string) => createHash('sha256').update(key).digest('hex');

export class State {
  readonly tokens = new Map<string, ClientToken>();
  readonly destinations = new Map<string, Destination>();
  readonly events: PaddleEvent[] = [];
  readonly notifications = new Map<string, Notification>();
  readonly simulations = new Map<string, Simulation>();
  readonly requests: RequestEntry[] = [];
  readonly #keys = new Map<string, ApiKey>();

  addKey(key: string, entity: ApiKey): void {
    this.#keys.set(fingerprint(key), entity);
  }

  key(value: string): ApiKey | undefined {
    return this.#keys.get(fingerprint(value));
  }

  get keys(): ApiKey[] {
    return [...this.#keys.values()];
  }

  record(entry: RequestEntry): void {
    this.requests.push(entry);
    if (this.requests.length > REQUEST_LOG_LIMIT) this.requests.shift();
  }

  /** Forgets everything but the API keys: whoever holds one can go on. */
  clear(): void {
    for (const map of [this.tokens, this.destinations, this.notifications, this.simulations]) map.clear();
    this.events.length = 0;
    this.requests.length = 0;
  }
}
