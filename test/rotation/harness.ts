import type { Account, AuditRecord, IntegrationConfig } from '../../lambdas/domain/model.ts';
import type { Clock } from '../../lambdas/domain/ports.ts';
import { instant } from '../../lambdas/domain/time.ts';
import { type ReconcileInput, reconcile, type World } from '../../lambdas/rotation/reconcile.ts';
import type { Result } from '../../lambdas/rotation/result.ts';
import { anAccount, anIntegration, START } from '../builders/integration.ts';
import type { Effects } from '../fakes/effects.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeIds } from '../fakes/fake-ids.ts';
import { FakeLedger } from '../fakes/fake-ledger.ts';
import { FakePaddle } from '../fakes/fake-paddle.ts';
import { FakeRevocationCap } from '../fakes/fake-revocation-cap.ts';
import { FakeSites } from '../fakes/fake-sites.ts';
import { FakeTargets } from '../fakes/fake-targets.ts';

interface HarnessOptions {
  readonly config?: Partial<IntegrationConfig>;
  readonly account?: Partial<Account>;
  readonly effects?: Effects;
  /** Goes on from where this one is, and leaves it as it is. Pages of sites do not come along. */
  readonly from?: Harness;
}

/** One integration in a world of fakes, with the heartbeat's part played by `until` and `reconcile`. */
export class Harness {
  readonly clock: FakeClock;
  readonly ids: FakeIds;
  readonly ledger: FakeLedger;
  readonly paddle: FakePaddle;
  readonly targets: FakeTargets;
  readonly cap: FakeRevocationCap;
  readonly sites = new FakeSites();
  readonly account: Account;
  config: IntegrationConfig;

  constructor(options: HarnessOptions = {}) {
    const { effects, from } = options;
    if (from) {
      this.clock = from.clock.copy();
      this.ids = new FakeIds(from.ids.count);
      this.ledger = from.ledger.copy(effects);
      this.paddle = from.paddle.copy(neverBack(this.clock), effects);
      this.targets = from.targets.copy(effects);
      this.cap = from.cap.copy(this.clock, effects);
      this.account = from.account;
      this.config = from.config;
      return;
    }
    this.clock = new FakeClock(START);
    this.ids = new FakeIds();
    this.ledger = new FakeLedger(effects);
    this.paddle = new FakePaddle(neverBack(this.clock), { effects });
    this.targets = new FakeTargets(effects);
    this.cap = new FakeRevocationCap(this.clock, effects);
    this.account = anAccount(options.account);
    this.config = anIntegration(options.config);
    this.ledger.accounts.set(this.account.name, this.account);
    this.configure({});
  }

  /** A deploy with a changed configuration. */
  configure(changes: Partial<IntegrationConfig>): void {
    this.config = { ...this.config, ...changes };
    this.ledger.configs.set(this.config.name, this.config);
  }

  get world(): World {
    const { ledger, targets, cap, clock, ids, sites } = this;
    return { ledger, targets, cap, clock, ids, scanner: sites, paddle: () => this.paddle };
  }

  get state() {
    const state = this.ledger.states.get(this.config.name);
    if (!state) throw new Error('no state yet');
    return state;
  }

  get dueAt(): string | undefined {
    const state = this.ledger.states.get(this.config.name);
    return state ? state.dueAt : instant(this.clock.now());
  }

  get current() {
    return this.state.tokens.find((token) => token.status === 'current');
  }

  token(id: string) {
    const token = this.state.tokens.find((candidate) => candidate.id === id);
    if (!token) throw new Error(`no token ${id}`);
    return token;
  }

  get active() {
    return this.paddle.tokens.filter((token) => token.status === 'active');
  }

  recordTypes(): string[] {
    return this.ledger.records.map((record) => record.type);
  }

  /** @param input.recheck tokens that somebody reports just before, as `observe` and the backfill do */
  async reconcile({
    recheck = [],
    ...input
  }: Partial<ReconcileInput> & { recheck?: readonly string[] } = {}): Promise<Result> {
    if (recheck.length > 0) await this.report(...recheck);
    return reconcile({ integration: this.config.name, ...input }, this.world);
  }

  report(...tokenIds: string[]): Promise<void> {
    const integration = this.config.name;
    const at = instant(this.clock.now());
    return this.ledger.report(tokenIds.map((tokenId) => ({ integration, tokenId, source: 'webhook', at })));
  }

  /** Tokens about which somebody has said something that Paddle has not answered yet. */
  get reported(): readonly string[] {
    return [...this.ledger.reported.values()].map(({ tokenId }) => tokenId);
  }

  /** Reconciles whenever something is due, as the heartbeat does, until `end`. A run that dies is searched for again. */
  async until(end: string, afterReconcile: () => void = () => {}): Promise<void> {
    for (let runs = 0; runs < 5000; runs += 1) {
      if (!(await this.next(end))) return;
      afterReconcile();
    }
    throw new Error('the integration does not come to rest');
  }

  /** The next reconcile that is due, if one is before `end`. @returns whether there was one; if not, it is `end` now */
  async next(end: string): Promise<boolean> {
    const { dueAt } = this;
    if (!dueAt || dueAt > end) {
      this.clock.set(end);
      return false;
    }
    if (dueAt > this.clock.iso()) this.clock.set(dueAt);
    try {
      const { outcome } = await this.reconcile();
      // The message comes back until the other run's lease is over.
      if (outcome === 'busy') this.clock.advance(5_000);
    } catch (error) {
      if (!(error instanceof Error) || !['Crash', 'LostAnswer'].includes(error.name)) throw error;
      this.clock.advance(60_000);
    }
    return true;
  }

  /** All that the next reconcile could find, as text: where two are the same, so is everything that will ever come of them. */
  known(): string {
    const { clock, ids, ledger, paddle, targets, cap } = this;
    const { states, owners, reported, records } = ledger;
    const maps = [states, owners, reported, targets.versions].map((map) => [...(map as Map<string, unknown>)]);
    const revoked = paddle.calls.flatMap(({ method, subject }) => (method === 'revoke' ? [subject] : []));
    const now = [clock.now(), ids.count, maps, paddle.known(), revoked, cap.known()];
    return `${JSON.stringify(now)} ${records.map(numberOf).join()}`;
  }
}

/** The same for records that say the same. They are never changed, and most worlds share most of theirs. */
function numberOf(record: AuditRecord): number {
  const known = numbers.get(record);
  if (known !== undefined) return known;
  const text = JSON.stringify(record);
  const number = numbersOfTexts.get(text) ?? numbersOfTexts.size;
  numbersOfTexts.set(text, number);
  numbers.set(record, number);
  return number;
}
const numbers = new WeakMap<AuditRecord, number>();
const numbersOfTexts = new Map<string, number>();

/** Paddle's clock does not follow when ours jumps back. */
function neverBack(clock: FakeClock): Clock {
  let reached = clock.now();
  return {
    now: () => {
      reached = Math.max(reached, clock.now());
      return reached;
    },
  };
}
