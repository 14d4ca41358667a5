/** As much of an SQS FIFO queue as the reconciles need: groups in order, one message of a group at a time, repetitions dropped. */
import type { QueuedReconcile, ReconcileQueue } from '../../lambdas/domain/ports.ts';
import type { VirtualTime } from './virtual-time.ts';

const DEDUPLICATED_MS = 5 * 60_000;

export interface Message extends QueuedReconcile {
  readonly sentAt: number;
}

export class FifoQueue implements ReconcileQueue {
  /** The longest that it ever was. */
  longest = 0;
  /** Messages, repetitions not counted. */
  sent = 0;
  readonly #time: VirtualTime;
  #messages: Message[] = [];
  readonly #seen = new Map<string, number>();
  readonly #busy = new Set<string>();
  readonly #waiting: (() => void)[] = [];

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  async send(requests: readonly QueuedReconcile[]): Promise<void> {
    const now = this.#time.now();
    for (const request of requests) {
      const id = `${request.integration} ${request.cause} ${request.key}`;
      if ((this.#seen.get(id) ?? Number.NEGATIVE_INFINITY) > now - DEDUPLICATED_MS) continue;
      this.#seen.set(id, now);
      this.#messages.push({ ...request, sentAt: now });
      this.sent += 1;
    }
    this.longest = Math.max(this.longest, this.#messages.length);
    this.#wake();
  }

  async waiting(): Promise<number> {
    return this.#messages.length;
  }

  async take(): Promise<Message> {
    for (;;) {
      const at = this.#messages.findIndex(({ integration }) => !this.#busy.has(integration));
      const [message] = at < 0 ? [] : this.#messages.splice(at, 1);
      if (message) {
        this.#busy.add(message.integration);
        return message;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  done({ integration }: Message): void {
    this.#busy.delete(integration);
    this.#wake();
  }

  /** It comes back; its group waits for it. */
  async later(message: Message, ms: number): Promise<void> {
    await this.#time.sleep(ms);
    this.#busy.delete(message.integration);
    this.#messages.unshift(message);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
