/**
 * The real heartbeat, reconciler, client of Paddle and pace, over the fakes that the tests use, in virtual time: workers take
 * messages from a queue, each a process of its own with an address.
 */
import type { Account } from '../../lambdas/domain/model.ts';
import { HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { createHeartbeat } from '../../lambdas/heartbeat/heartbeat.ts';
import type { Due } from '../../lambdas/heartbeat/ports.ts';
import { createPaddleClient } from '../../lambdas/paddle/client.ts';
import { createLocalPaceBook, createPace, type PaceBook } from '../../lambdas/paddle/pace.ts';
import type { Precedence } from '../../lambdas/paddle/throttle.ts';
import { createInvocation } from '../../lambdas/rotation/invocation.ts';
import type { Reading } from '../../lambdas/rotation/ports.ts';
import { heals } from '../../lambdas/rotation/precedence.ts';
import { anAccount, anIntegration, START } from '../../test/builders/integration.ts';
import { aToken } from '../../test/builders/state.ts';
import { FakeIds } from '../../test/fakes/fake-ids.ts';
import { FakeLedger } from '../../test/fakes/fake-ledger.ts';
import { FakeRevocationCap } from '../../test/fakes/fake-revocation-cap.ts';
import { FakeSites } from '../../test/fakes/fake-sites.ts';
import { FakeTargets } from '../../test/fakes/fake-targets.ts';
import { FifoQueue, type Message } from './fifo-queue.ts';
import { SimulatedPaddle } from './simulated-paddle.ts';
import { VirtualTime } from './virtual-time.ts';

/** What a run takes besides its calls to Paddle: its invocation, the ledger, the targets. */
const RUN_MS = 300;
const BOOK_MS = 5;
const RUNS_PER_ADDRESS = 5;
const NOW = later(START, 40 * 24 * HOUR);

export interface Scenario {
  readonly addresses: number;
  /** Account -> how many of its integrations are due at the beginning. */
  readonly due: Readonly<Record<string, number>>;
  /** Integrations that are not due. */
  readonly idle?: number;
}

export interface Times {
  readonly account: string;
  readonly order: number;
  minted?: number;
  revoked?: number;
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const unmeasured = { count: () => {}, seconds: () => {}, flush: () => {} };

export class PacingWorld {
  readonly time = new VirtualTime(Date.parse(NOW));
  readonly paddle = new SimulatedPaddle(this.time);
  readonly queue = new FifoQueue(this.time);
  readonly ops = new Map<string, number>();
  readonly ledger = new FakeLedger({ before: (name) => this.#op(name), after: () => {} });
  readonly rotations = new Map<string, Times>();
  readonly failures: unknown[] = [];
  readonly started = this.time.now();
  readonly #scenario: Scenario;
  readonly #targets = new FakeTargets();
  readonly #ids = new FakeIds();
  readonly #cap = new FakeRevocationCap(this.time);
  readonly #readings = new Map<string, Reading>();
  #book: PaceBook = createLocalPaceBook();
  #left = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    for (const [account, count] of Object.entries(scenario.due)) {
      const { name, ...rest } = anAccount({ maxRevocationsPerRun: 1_000 });
      this.ledger.accounts.set(account, { name: account, ...rest });
      for (let order = 0; order < count; order += 1) this.#install(account, order, true);
    }
    const [first = 'idle'] = Object.keys(scenario.due);
    for (let order = 0; order < (scenario.idle ?? 0); order += 1) this.#install(first, 1_000_000 + order, false);
    this.ledger.onSave = (_, after, records) => {
      for (const { type, integration } of records) {
        const times = this.rotations.get(integration);
        if (!times) continue;
        if (type === 'token.minted') times.minted ??= this.#elapsed();
        if (type !== 'token.revoked' || times.revoked !== undefined) continue;
        times.revoked = this.#elapsed();
        this.#left -= 1;
      }
      void after;
    };
  }

  /** Until every rotation that was due is through, its superseded token revoked; or for so many minutes. */
  async run(mostMinutes: number): Promise<void> {
    const { addresses } = this.#scenario;
    for (let worker = 0; worker < RUNS_PER_ADDRESS * addresses; worker += 1)
      void this.#work(`address-${worker % addresses}`).catch((error) => this.failures.push(error));
    void this.#tick().catch((error) => this.failures.push(error));
    const isThrough = () => this.rotations.size > 0 && this.#left === 0;
    const isOver = () => isThrough() || this.#elapsed() > mostMinutes * MINUTE;
    await this.time.run(isOver, this.failures);
  }

  #elapsed(): number {
    return this.time.now() - this.started;
  }

  #op(name: string): void {
    this.ops.set(name, (this.ops.get(name) ?? 0) + 1);
  }

  /** It has a current token since long ago, and its next rotation is due now, in the order of its number. */
  #install(account: string, order: number, isDue: boolean): void {
    const name = `${account}-${order}`;
    const rotated = isDue ? later(NOW, -30 * 24 * HOUR - HOUR + order) : NOW;
    const config = anIntegration({ name, account, graceMs: MINUTE, targets: [{ kind: 'ssm', name: `/${name}` }] });
    const { id, token: value, name: tokenName } = this.paddle.token(account, `${name} · first`);
    const current = aToken({ id, value, name: tokenName, createdAt: START, publishedAt: START });
    this.ledger.configs.set(name, config);
    this.ledger.states.set(name, {
      ...{ integration: name, version: 1, tokens: [current], sweeps: [], requests: [] },
      ...{ scheduleAnchor: rotated, targetsCheckedAt: NOW, publishedTo: config.targets },
      dueAt: later(rotated, 30 * 24 * HOUR),
    });
    for (const target of config.targets) this.#targets.put(target, value);
    if (!isDue) return;
    this.rotations.set(name, { account, order });
    this.#left += 1;
  }

  async #tick(): Promise<void> {
    const accounts = {
      accountsOf: async (names: readonly string[]) => {
        this.#op('heartbeat.accountsOf');
        return new Map(names.slice(0, 2_000).map((name) => [name, name.replace(/-\d+$/, '')]));
      },
    };
    const due = {
      findDue: async (now: string) => {
        this.#op('heartbeat.findDue');
        // As the fake ledger does, but for the order, which the heartbeat sees to: ten thousand are looked at again and again.
        const due: Due[] = [];
        for (const state of this.ledger.states.values()) {
          const { integration, dueAt } = state;
          if (dueAt === undefined || dueAt > now) continue;
          due.push(heals(state) ? { integration, dueAt, heals: true } : { integration, dueAt });
        }
        return due;
      },
    };
    const { time: clock, queue } = this;
    const { addresses } = this.#scenario;
    const parts = { due, accounts, queue, clock, rest: clock.sleep, addresses, log: silent, metrics: unmeasured };
    const tick = createHeartbeat(parts);
    for (;;) {
      void tick().catch((error) => this.failures.push(error));
      await clock.sleep(MINUTE);
    }
  }

  /** One process after the other in the same place: its pace is what it remembers. */
  async #work(address: string): Promise<void> {
    const { time, queue } = this;
    let visibleIn = 0;
    const deliveries = {
      comeBackIn: async (_: string, seconds: number) => {
        visibleIn = seconds * 1_000;
      },
    };
    const world = this.#worldAt(address);
    const answers = { store: async () => {} };
    const handle = createInvocation({ world, deliveries, answers, log: silent, metrics: unmeasured });
    for (;;) {
      const message = await queue.take();
      await time.sleep(RUN_MS);
      const answer = (await handle(eventOf(message), 'bench')) as { batchItemFailures: readonly unknown[] };
      if (answer.batchItemFailures.length === 0) queue.done(message);
      else void queue.later(message, visibleIn).catch((error) => this.failures.push(error));
    }
  }

  #worldAt(address: string) {
    const { time: clock, ledger } = this;
    const pace = createPace({ book: this.#slowBook(), addresses: this.#scenario.addresses });
    const clients = new Map<string, ReturnType<typeof createPaddleClient>>();
    const connect = (account: Account, precedence: Precedence) =>
      createPaddleClient({
        ...{ apiUrl: account.apiUrl, environment: account.environment, clock, rest: clock.sleep },
        apiKey: { get: async () => this.paddle.keyOf(account.name) },
        throttle: pace(precedence),
        transport: this.paddle.transport(account.name, address),
      });
    return {
      ...{ ledger, clock, ids: this.#ids, targets: this.#targets, scanner: new FakeSites() },
      cap: this.#cap,
      readings: {
        find: async (account: string) => {
          this.#op('ledger.findReading');
          return this.#readings.get(account);
        },
        store: async (account: string, reading: Reading) => {
          this.#op('ledger.storeReading');
          this.#readings.set(account, reading);
        },
      },
      paddle: (account: Account, _: string | undefined, precedence: Precedence) => {
        const key = `${account.name} ${precedence}`;
        const client = clients.get(key) ?? connect(account, precedence);
        clients.set(key, client);
        return client;
      },
    };
  }

  #slowBook(): PaceBook {
    return {
      book: async (wanted) => {
        this.#op('ledger.bookTurn');
        await this.time.sleep(BOOK_MS);
        return this.#book.book(wanted);
      },
      read: async () => {
        this.#op('ledger.readPace');
        return this.#book.read();
      },
      block: (until) => this.#book.block(until),
    };
  }
}

const eventOf = ({ sentAt, key, ...body }: Message) =>
  ({ Records: [{ messageId: key, receiptHandle: key, body: JSON.stringify(body) }] }) as never;
