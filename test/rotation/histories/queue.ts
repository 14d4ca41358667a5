/** The heartbeat and the reconcile queue: what is due is run, and a message that could not be answered comes back. */
import type { QueuedReconcile } from '../../../lambdas/domain/ports.ts';
import { MINUTE, SECOND } from '../../../lambdas/domain/time.ts';
import type { Stage } from './stage.ts';
import { Webhooks } from './webhooks.ts';

/** As `deliveries.ts` puts a message back. */
const SOON = 5 * SECOND;
const AFTER_A_CRASH = 30 * SECOND;

interface Message extends QueuedReconcile {
  visibleAt: number;
}

export class Queue {
  readonly webhooks: Webhooks;
  readonly #stage: Stage;
  #messages: Message[] = [];
  #lastTick = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.webhooks = new Webhooks(stage, (request) => this.send(request));
    const { onChange } = stage.paddle;
    stage.paddle.onChange = (kind, token) => {
      onChange?.(kind, token);
      this.webhooks.happened(kind, token, stage.actor !== undefined);
    };
    for (const token of stage.paddle.tokens) stage.chronicle.created(token, undefined, stage.truth);
  }

  send(request: QueuedReconcile): void {
    this.#messages.push({ ...request, visibleAt: this.#stage.clock.now() });
  }

  /** @param picks -1: the latest event */
  async deliverWebhooks(picks: readonly number[]): Promise<void> {
    for (const pick of picks) {
      const { events } = this.webhooks;
      const event = pick < 0 ? events.at(-1) : events[pick % Math.max(1, events.length)];
      if (event) await this.webhooks.deliver(event);
    }
  }

  /** Paddle sends again what was never taken, and nothing that was. */
  async deliverEverything(): Promise<void> {
    for (const event of [...this.webhooks.events]) if (event.delivered === 0) await this.webhooks.deliver(event);
  }

  async deliverDue(): Promise<void> {
    for (let tries = 0; tries < 20; tries += 1) {
      const message = this.#messages.find(({ visibleAt }) => visibleAt <= this.#stage.clock.now());
      if (!message) return;
      await this.#handle(message);
    }
  }

  async #handle(message: Message): Promise<void> {
    const { integration, cause } = message;
    const result = await this.#stage.run({ integration, newEvidence: cause === 'usage' });
    const comesBack =
      result !== 'died' &&
      (result.outcome === 'busy' || (result.outcome === 'settled' && result.decision.reason === 'more_to_do'));
    message.visibleAt = this.#stage.clock.now() + (result === 'died' ? AFTER_A_CRASH : SOON);
    if (result !== 'died' && !comesBack) this.#messages = this.#messages.filter((each) => each !== message);
  }

  /** Time passes, and the heartbeat asks once a minute, or so often, for what is due. */
  async wait(ms: number, every = MINUTE): Promise<void> {
    const { clock, oracle } = this.#stage;
    const end = clock.now() + ms;
    for (let turns = 0; turns < 20_000; turns += 1) {
      await this.deliverDue();
      const tick = this.#nextTick(every);
      const next = Math.min(tick, ...this.#messages.map(({ visibleAt }) => visibleAt));
      if (next > end) {
        clock.set(new Date(Math.max(end, clock.now())).toISOString());
        return oracle.check();
      }
      if (next > clock.now()) clock.set(new Date(next).toISOString());
      oracle.check();
      if (next === tick) this.#tick(tick);
    }
    throw new Error('the integrations do not come to rest');
  }

  /** The first whole minute (or hour) after the last tick at which anything is due. */
  #nextTick(every: number): number {
    const now = this.#stage.clock.now();
    // Our clock may have been set back.
    if (this.#lastTick > now) this.#lastTick = Math.floor(now / MINUTE) * MINUTE - MINUTE;
    const due = this.#stage.names.flatMap((name) => {
      const dueAt = this.#stage.dueAt(name);
      return dueAt === undefined ? [] : [Date.parse(dueAt)];
    });
    const first = Math.max(Math.min(...due), this.#lastTick + 1);
    return Math.max(Math.ceil(first / every) * every, this.#lastTick + MINUTE);
  }

  #tick(at: number): void {
    this.#lastTick = at;
    for (const integration of this.#stage.names) {
      const dueAt = this.#stage.dueAt(integration);
      const isAsked = this.#messages.some((each) => each.integration === integration && each.cause === 'due');
      if (dueAt !== undefined && Date.parse(dueAt) <= at && !isAsked)
        this.send({ integration, cause: 'due', key: String(at) });
    }
  }
}
