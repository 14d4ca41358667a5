/** Several integrations of one account in one world of fakes, whose edges tell the chronicle and the oracle what happens. */
import type { Account, IntegrationConfig, Target } from '../../../lambdas/domain/model.ts';
import { jsonKeyOf } from '../../../lambdas/domain/targets.ts';
import { DAY, instant, MINUTE } from '../../../lambdas/domain/time.ts';
import { type Command, type ReconcileInput, reconcile, type World } from '../../../lambdas/rotation/reconcile.ts';
import type { Result } from '../../../lambdas/rotation/result.ts';
import { anAccount, anIntegration, START } from '../../builders/integration.ts';
import { Crash, type Effects } from '../../fakes/effects.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeIds } from '../../fakes/fake-ids.ts';
import { FakeLedger, frozenCopy } from '../../fakes/fake-ledger.ts';
import { FakePaddle } from '../../fakes/fake-paddle.ts';
import { FakeRevocationCap } from '../../fakes/fake-revocation-cap.ts';
import { FakeSites } from '../../fakes/fake-sites.ts';
import { FakeTargets } from '../../fakes/fake-targets.ts';
import { Chronicle, type Run, type Wish } from './chronicle.ts';
import { Oracle } from './oracle.ts';
import type { Reached } from './reached.ts';
import type { Beginning, Setting } from './steps.ts';

const NAMES = ['pricing-page', 'checkout', 'shop-app'];
export const MADE_OUTSIDE = 'made in the dashboard';

/** Effects take time, and at one of them the process may die: then nothing that it still tries happens. */
class Surroundings implements Effects {
  factor = 1;
  #left = -1;
  #when: 'before' | 'after' = 'before';
  #effect: string | undefined;
  readonly #clock: FakeClock;
  actor: Run | undefined;
  constructor(clock: FakeClock) {
    this.#clock = clock;
  }
  /** @param effect counts only effects of this name. Absent: all */
  arm(at: number, when: 'before' | 'after', effect?: string): void {
    this.#left = at;
    this.#when = when;
    this.#effect = effect;
  }
  before(name: string): void {
    if (this.actor?.died) throw new Crash(`${name} of a dead process`);
    if (this.actor) this.#clock.advance(this.factor * (name.startsWith('paddle') ? 120 : 10));
    if (this.#when === 'before') this.#die(name);
  }
  after(name: string): void {
    if (this.#left < 0 || !this.#counts(name)) return;
    if (this.#when === 'after') this.#die(name);
    this.#left -= 1;
  }
  #counts = (name: string): boolean => this.#effect === undefined || this.#effect === name;

  #die(name: string): void {
    if (this.#left !== 0 || !this.actor || !this.#counts(name)) return;
    this.#left = -1;
    this.actor.died = true;
    throw new Crash(name);
  }
}

/** Every method says first who calls; the fakes act before they first wait, so nobody comes in between. */
function calledBy<T extends object>(port: T, say: () => void): T {
  return new Proxy(port, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        say();
        return value.apply(target, args);
      };
    },
  });
}

export class Stage {
  readonly clock = new FakeClock(START);
  readonly surroundings = new Surroundings(this.clock);
  readonly ids = new FakeIds();
  readonly ledger = new FakeLedger(this.surroundings);
  readonly targets = new FakeTargets(this.surroundings);
  readonly cap = new FakeRevocationCap(this.clock, this.surroundings);
  readonly sites = new FakeSites();
  readonly paddle: FakePaddle;
  readonly account: Account;
  readonly chronicle = new Chronicle();
  readonly reached: Reached;
  readonly oracle: Oracle;
  readonly names: readonly string[];

  constructor(beginning: Beginning, reached: Reached) {
    this.reached = reached;
    // Paddle's clock does not follow when ours jumps back.
    const paddleClock = { now: () => this.truth + beginning.skewMs };
    this.paddle = new FakePaddle(paddleClock, { effects: this.surroundings });
    this.account = anAccount({ maxRevocationsPerRun: beginning.maxRevocations });
    this.ledger.accounts.set(this.account.name, this.account);
    this.names = NAMES.slice(0, beginning.integrations.length);
    this.oracle = new Oracle(this);
    this.#listen();
    const made = this.paddle.make(MADE_OUTSIDE);
    for (const [at, setting] of beginning.integrations.entries())
      this.#install(NAMES[at] ?? '', configOf(NAMES[at] ?? '', setting, made.id));
  }

  /** Other people's settings stand beside the token. */
  #install(name: string, config: Partial<IntegrationConfig>): void {
    for (const target of config.targets ?? []) if (jsonKeyOf(target)) this.targets.put(target, withSettings(''));
    this.configure(name, config);
  }

  #listen(): void {
    const { paddle, targets, sites, ledger, oracle } = this;
    paddle.onChange = (kind, token) => (kind === 'created' ? oracle.created(token) : oracle.revoked(token));
    paddle.onCall = (method, subject, answer) => oracle.called(method, subject, answer);
    targets.onRead = (target) => this.actor && this.chronicle.read(target, this.truth);
    targets.onWrite = (target, before, after) => oracle.wrote(target, before, after);
    targets.onFailure = () => this.actor && oracle.failed(this.actor);
    sites.onScan = (url, tokens, verdict) => oracle.scanned(url, tokens, verdict);
    ledger.onSave = (before, after, records) => oracle.saved(before, after, records);
  }

  /** By how much our own clock has been set back so far (ms). */
  setBackMs = 0;

  /** What time it really is: our own clock, as if it had never been set back. */
  get truth(): number {
    return this.clock.now() + this.setBackMs;
  }

  /** Nothing runs for so long; or, below zero, our own clock is set back. */
  standstill(ms: number): void {
    this.clock.advance(ms);
    if (ms < 0) this.setBackMs -= ms;
    for (const name of this.names) this.chronicle.life(name).idleMs += Math.max(0, ms);
    this.oracle.healing.stoodStill(Math.abs(ms));
  }

  get actor(): Run | undefined {
    return this.surroundings.actor;
  }

  /** Somebody else acts, which may show what has been deployed. */
  outside<T>(act: () => T): T {
    this.surroundings.actor = undefined;
    this.chronicle.others += 1;
    const acted = act();
    for (const name of this.names) this.oracle.deployments(name);
    return acted;
  }

  config(integration: string): IntegrationConfig {
    const config = this.ledger.configs.get(integration);
    if (!config) throw new Error(`${integration} is not configured`);
    return config;
  }

  /** A deploy. */
  configure(integration: string, changes: Partial<IntegrationConfig>): void {
    const before = this.ledger.configs.get(integration);
    const config = frozenCopy({ ...anIntegration({ name: integration }), ...before, ...changes });
    this.ledger.configs.set(integration, config);
    this.oracle.configured(config);
  }

  tokensOf(integration: string) {
    return this.ledger.states.get(integration)?.tokens ?? [];
  }

  dueAt(integration: string): string | undefined {
    const state = this.ledger.states.get(integration);
    return state ? state.dueAt : instant(this.clock.now());
  }

  async run(
    input: ReconcileInput,
    wish?: Wish,
    slow: <T extends object>(port: T) => T = (port) => port,
  ): Promise<Result | 'died'> {
    const { chronicle, ledger, targets, cap, sites, clock, ids, paddle } = this;
    const run: Run = {
      integration: input.integration,
      startedAt: this.truth,
      startedByOurClock: clock.now(),
      othersBefore: chronicle.others,
      died: false,
    };
    const say = () => {
      this.surroundings.actor = run;
    };
    const by = <T extends object>(port: T): T => slow(calledBy(port, say));
    const world: World = {
      ...{ ledger: by(ledger), targets: by(targets), cap: by(cap), scanner: by(sites) },
      ...{ clock, ids, paddle: () => by(paddle) },
    };
    const command: Command | undefined = input.command && this.#watched(input.command, run, wish);
    try {
      const result = await reconcile({ ...input, command }, world);
      this.surroundings.actor = undefined;
      this.oracle.ended(run, result);
      return result;
    } catch (error) {
      this.surroundings.actor = undefined;
      this.oracle.ended(run, 'died');
      if (error instanceof Crash) return 'died';
      throw error;
    }
  }

  /** A wish is accepted with the save that follows it, or at once when there is nothing to save. */
  #watched(command: Command, run: Run, wish: Wish | undefined): Command {
    return (state, context) => {
      const answer = command(state, context);
      if (answer.rejected) this.reached.note('rejected');
      if (answer.change) run.wish = wish;
      return answer;
    };
  }
}

/** A JSON secret as others keep it, to the last blank. */
export const withSettings = (token: string): string =>
  `{ "ratio": 1.0, "PADDLE_CLIENT_TOKEN": "${token}" , "user": "shop" }`;

function configOf(name: string, setting: Setting, madeOutside: string): Partial<IntegrationConfig> {
  const { sites, consumers, targets, graceMs, graceFrom, schedule, drift, scans, adopt } = setting;
  const all: Target[] = [
    { kind: 'ssm', name: `/paddle/${name}/client-token` },
    { kind: 'secret', name: `paddle/${name}/client-token` },
    { kind: 'secret', name: `web/${name}/config`, jsonKey: 'PADDLE_CLIENT_TOKEN' },
  ];
  return {
    ...{ graceMs, graceFrom, drift, scheduleSince: START },
    ...(adopt ? { adopt: madeOutside } : {}),
    schedule: schedule === 'days' ? { every: 30 * DAY } : { cron: '0 3 1 * *', timezone: 'Europe/London' },
    targets: all.slice(0, targets),
    sites: Array.from({ length: sites }, (_, at) => ({ url: `https://${name}.example/${at}`, extraOrigins: [] })),
    consumers: Array.from({ length: consumers }, (_, at) => `consumer-${at}`),
    scans: { count: scans, overMs: scans > 1 ? 10 * MINUTE : 0 },
  };
}
