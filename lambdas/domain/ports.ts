/** What every capability needs of its surroundings: time, ids, log, metrics, and the way to ask for a reconcile. */
import type { CheckRequest, METRICS, ReconcileRequest } from '../contract.ts';
import type { TokenReport } from './model.ts';

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

export interface Ids {
  /** Time-ordered, unique (a ULID). */
  next(): string;
}

/** As much of a logger as the parts need. */
export interface Log {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export type MetricName = (typeof METRICS)[keyof typeof METRICS];

/** As much of the metrics as the parts need. */
export interface Metrics {
  /** One more of it. */
  count(name: MetricName): void;
  seconds(name: MetricName, value: number): void;
  /** Writes what has been collected, and nothing when nothing has been. */
  flush(): void;
}

/** Where whoever hears something about a token writes it down, before asking for the reconcile that follows it up. */
export interface TokenReports {
  /** Needs no lease: every report is a new fact, whatever was reported before. @throws when one was not stored; repeat all */
  report(reports: readonly TokenReport[]): Promise<void>;
}

export interface QueuedReconcile extends ReconcileRequest {
  /** What tells this request from the last one about the integration: the same key within five minutes is one reconcile. */
  readonly key: string;
}

export interface QueuedCheck extends CheckRequest {
  readonly key: string;
}

export interface ReconcileQueue {
  /** @throws when some were not taken; all the others were sent, and a repeat is harmless */
  send(requests: readonly QueuedReconcile[]): Promise<void>;
}
