/** Small stand-ins that several parts' tests share. */
import type { TokenReport } from '../../lambdas/domain/model.ts';
import type { Log, Metrics, QueuedReconcile, ReconcileQueue, TokenReports } from '../../lambdas/domain/ports.ts';
import type { Deliveries } from '../../lambdas/rotation/ports.ts';

/** A clock that stands still until a test moves it. */
export class StillClock {
  #now: number;
  constructor(at = '2026-11-22T03:00:00.000Z') {
    this.#now = Date.parse(at);
  }
  now(): number {
    return this.#now;
  }
  advance(ms: number): void {
    this.#now += ms;
  }
}

/** Remembers what was counted: `HoldOverdue`, `OverdueSeconds 61`. */
export class RecordingMetrics implements Metrics {
  readonly counted: string[] = [];
  count(name: string) {
    this.counted.push(name);
  }
  seconds(name: string, value: number) {
    this.counted.push(`${name} ${value}`);
  }
  flush() {}
}

/** Remembers every line as one text. */
export class RecordingLog implements Log {
  readonly lines: string[] = [];
  info(message: string, fields: object) {
    this.#keep('info', message, fields);
  }
  warn(message: string, fields: object) {
    this.#keep('warn', message, fields);
  }
  error(message: string, fields: object) {
    this.#keep('error', message, fields);
  }
  #keep(level: string, message: string, fields: object) {
    this.lines.push(
      `${level} ${message} ${JSON.stringify(fields, (_, value) => (value instanceof Error ? value.message : value))}`,
    );
  }
}

/** A queue that takes a key once per integration, as the FIFO queue does within five minutes. */
export class FakeReconcileQueue implements ReconcileQueue {
  readonly taken: QueuedReconcile[] = [];
  /** How many of these nobody has taken up; by default every one has been. */
  waiting = async (): Promise<number> => 0;
  failure: Error | undefined;
  async send(requests: readonly QueuedReconcile[]) {
    if (this.failure) throw this.failure;
    for (const request of requests) {
      const same = this.taken.some(
        ({ integration, key }) => integration === request.integration && key === request.key,
      );
      if (!same) this.taken.push(request);
    }
  }
}

/** Remembers what was reported, in order. */
export class FakeReports implements TokenReports {
  readonly taken: TokenReport[] = [];
  failure: Error | undefined;
  async report(reports: readonly TokenReport[]) {
    if (this.failure) throw this.failure;
    this.taken.push(...reports);
  }
}

/** Remembers for how long each message was put out of sight. */
export class FakeDeliveries implements Deliveries {
  readonly delays: string[] = [];
  failure: Error | undefined;
  async comeBackIn(receiptHandle: string, seconds: number) {
    this.delays.push(`${receiptHandle} ${seconds}`);
    if (this.failure) throw this.failure;
  }
}
