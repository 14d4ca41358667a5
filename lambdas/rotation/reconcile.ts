/**
 * One reconcile of one integration: gather, decide one thing, do it, write down what came of it, and again until nothing is
 * due; then when to reconcile next. Every trigger runs this same loop; a crash anywhere in it is healed by the next reconcile.
 */

import { ConflictError } from '../domain/errors.ts';
import type { Account, AuditRecord, IntegrationConfig, IntegrationState } from '../domain/model.ts';
import type { Clock, Ids } from '../domain/ports.ts';
import { instant, later } from '../domain/time.ts';
import { knownTokenId } from '../domain/tokens.ts';
import type { Precedence } from '../paddle/throttle.ts';
import type { Change, Context } from './change.ts';
import { decide } from './decide.ts';
import { type Decision, LEASE_MS } from './decision.ts';
import { fitting } from './fit.ts';
import { dueAfter, Inbox, unansweredBy } from './inbox.ts';
import { mustHoldLease, mustOutlastOneWrite, needsLease, RESUME_MS, standing } from './lease.ts';
import type { Outcome } from './outcome.ts';
import { withoutPatience } from './patience.ts';
import { act } from './perform.ts';
import { endPause } from './policies/stand-still.ts';
import { type Effects, type Ledger, type Readings, TokenTakenError } from './ports.ts';
import { precedenceOf } from './precedence.ts';
import { readTogether } from './read-together.ts';
import type { Result } from './result.ts';
import type { Snapshot } from './snapshot.ts';
import { resumed } from './transitions/pause.ts';
import { apply, withoutClaims } from './transitions.ts';

export interface World extends Omit<Effects, 'ledger' | 'paddle' | 'health'> {
  readonly ledger: Ledger;
  /** @param ours a token that the account is known to have: a key that does not know it is another account's */
  readonly paddle: (account: Account, ours: string | undefined, precedence: Precedence) => Effects['paddle'];
  /** Absent: every run asks Paddle itself. */
  readonly readings?: Readings;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface ReconcileInput {
  readonly integration: string;
  /** There is new evidence (a deployment, a person who asks): held tokens are examined now, not at their next turn. */
  readonly newEvidence?: boolean;
  /** So many of the account are due that the health of their tokens is read together. */
  readonly crowded?: boolean;
  /** A person's wish, applied before anything else. Its rejection changes nothing. */
  readonly command?: Command;
}

/** Turns the state into another, or says why not. Pure. */
export type Command = (
  state: IntegrationState,
  context: Context,
) => {
  readonly change?: Change;
  readonly rejected?: readonly string[];
  /** What the asker should know besides: the wish was not followed to the letter. */
  readonly note?: string;
};

/** One reconcile does no more than this, whatever there is to do; what is left is for the next one. */
const MAX_STEPS = 60;
/** Nor does it begin anything after so long: its function ends after five minutes, and evidence may take two of them. */
const RUN_BUDGET_MS = 120_000;
/** A scan takes two minutes by itself, and is left to the next run after so long. */
const GATHER_BUDGET_MS = 60_000;
const GATHERING: readonly Decision['kind'][] = ['prove', 'check-deployed', 'watch'];
/** Evidence must be there so long after the run began: what it allows takes another minute, and then the function ends. */
const EVIDENCE_BUDGET_MS = 200_000;
/** So many tokens of one answer may turn out to be another integration's. */
const MOST_TAKEN = 10;
export async function reconcile(input: ReconcileInput, world: World): Promise<Result> {
  const run = new Run(input, world);
  try {
    return await run.toTheEnd();
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return { outcome: 'busy', runId: run.runId, records: run.records, message: 'Another run wrote first.' };
  }
}

class Run {
  readonly runId: string;
  readonly records: AuditRecord[] = [];
  readonly #input: ReconcileInput;
  readonly #world: World;
  readonly #inbox: Inbox;
  #note?: string;

  constructor(input: ReconcileInput, world: World) {
    this.#input = input;
    this.#world = world;
    this.#inbox = new Inbox(input.integration, world.ledger);
    this.runId = world.ids.next();
  }

  async toTheEnd(): Promise<Result> {
    const { runId, records } = this;
    const { ledger } = this.#world;
    const loaded = await ledger.load(this.#input.integration);
    if (!loaded) return { outcome: 'unknown', runId, records };
    const { config } = loaded;
    const account = await ledger.account(config.account);
    if (!account) throw new Error(`account ${config.account} of ${config.name} is not in the ledger`);
    let snapshot = this.#snapshot(config, loaded.state);
    const { lease } = snapshot.state;
    if (lease && lease.until > snapshot.now) {
      return { outcome: 'busy', runId, records, message: `Run ${lease.runId} is at work until ${lease.until}.` };
    }
    await this.#inbox.read();
    // A person must not be told of a pause that is over.
    const over = config.managed ? endPause(snapshot) : undefined;
    if (over) snapshot = await this.#commit(snapshot, resumed(snapshot.state, over.message));
    if (this.#input.command) {
      const { change, rejected, note } = this.#input.command(snapshot.state, this.#context(config));
      if (rejected) return { outcome: 'rejected', runId, records, faults: rejected, snapshot };
      this.#note = note;
      if (change) {
        try {
          snapshot = await this.#commit(snapshot, change);
        } catch (error) {
          if (!(error instanceof TokenTakenError)) throw error;
          return { outcome: 'rejected', runId, records, faults: [`tokenId: ${error.message}.`], snapshot };
        }
      }
    }
    if (this.#input.newEvidence) snapshot = { ...snapshot, state: withoutPatience(snapshot) };
    const begun = this.#world.clock.now();
    const timeLeft = () => begun + EVIDENCE_BUDGET_MS - this.#world.clock.now();
    const ours = knownTokenId(loaded.state);
    const sourcesFor = (decision: Decision): Effects => {
      const paddle = this.#world.paddle(account, ours, precedenceOf(decision, snapshot));
      const { readings, clock } = this.#world;
      const together = this.#input.crowded && readings;
      const health = together ? readTogether(account.name, paddle, readings, clock) : undefined;
      return { ...this.#world, paddle, timeLeft, ...(health ? { health } : {}) };
    };
    for (let step = 0; ; step += 1) {
      snapshot = this.#snapshot(snapshot.config, snapshot.state);
      let decision = decide(snapshot);
      const budget = GATHERING.includes(decision.kind) ? GATHER_BUDGET_MS : RUN_BUDGET_MS;
      const isOver = step >= MAX_STEPS || this.#world.clock.now() - begun > budget;
      // What this run has just proved is not left to the next one, which would have to prove it again.
      if (isOver && decision.kind !== 'revoke') return this.#handOver(snapshot);
      if (decision.kind === 'wait' && step > 0) {
        // Whatever was reported while this run was at work is its own to follow up: who brought it found it busy.
        await this.#inbox.read();
        snapshot = this.#snapshot(snapshot.config, snapshot.state);
        decision = decide(snapshot);
      }
      if (decision.kind === 'wait') {
        snapshot = await this.#settle(snapshot, decision);
        const { unanswered } = this.#inbox;
        return { outcome: 'settled', runId, records, decision, note: this.#note, snapshot, unanswered };
      }
      if (LEASE_MS[decision.kind] !== undefined) {
        const config = await this.#managed(snapshot.config);
        if (config.managed !== snapshot.config.managed) {
          snapshot = { ...snapshot, config };
          continue;
        }
      }
      // Nearly always the write before took the lease; an effect that opens a reconcile takes it by a write of its own.
      snapshot = needsLease(decision, snapshot)
        ? await this.#commit(snapshot, { state: snapshot.state, records: [], claims: [] })
        : await this.#step(decision, snapshot, account, sourcesFor(decision));
    }
  }

  /** The configuration as it is now: a deploy that takes the integration out stops a run before its next effect. */
  async #managed(config: IntegrationConfig): Promise<IntegrationConfig> {
    const now = await this.#world.ledger.load(config.name);
    return { ...config, managed: now?.config.managed ?? false };
  }

  async #step(decision: Decision, snapshot: Snapshot, account: Account, sources: Effects): Promise<Snapshot> {
    // As late as possible: reading the configuration may have taken its time.
    mustHoldLease(decision, { ...snapshot, now: instant(this.#world.clock.now()) });
    const outcome = await act(decision, snapshot, account, {
      ...sources,
      mayWrite: () => this.#mayWriteOn(snapshot),
    });
    const report = this.#inbox.asked(decision);
    const change = apply(snapshot.state, decision, outcome, this.#context(snapshot.config));
    const after = change ? await this.#commitFree(snapshot, decision, outcome, change) : snapshot;
    if (report) await this.#inbox.close(report, unansweredBy(report, decision, outcome, after.now));
    return after;
  }

  /** Commits without the tokens that turn out to be another integration's; they are left to it. */
  async #commitFree(before: Snapshot, decision: Decision, outcome: Outcome, change: Change): Promise<Snapshot> {
    const taken: TokenTakenError[] = [];
    for (let next = change; ; ) {
      try {
        return await this.#commit(before, next);
      } catch (error) {
        if (!(error instanceof TokenTakenError) || taken.length >= MOST_TAKEN) throw error;
        taken.push(error);
        next = withoutClaims(before.state, decision, outcome, taken, this.#context(before.config));
      }
    }
  }

  /** For an effect of several parts: asked again before each. */
  async #mayWriteOn({ state, config }: Snapshot): Promise<void> {
    const { managed } = await this.#managed(config);
    if (!managed) throw new ConflictError(`${config.name} has left the configuration while publishing`);
    mustOutlastOneWrite(state.lease, this.#world.clock.now());
  }

  /** Writes a change with its records, and takes or gives back the lease according to what comes next. */
  async #commit(snapshot: Snapshot, change: Change): Promise<Snapshot> {
    const { config, state: previous } = snapshot;
    const after = this.#snapshot(config, change.state);
    const next = decide(after);
    const state = fitting({ ...change.state, version: previous.version + 1, ...standing(next, after) });
    const records = change.records.map(
      (draft): AuditRecord => ({
        id: `act_${this.#world.ids.next()}`,
        at: after.now,
        account: config.account,
        integration: config.name,
        ...draft,
      }),
    );
    await this.#world.ledger.save(previous, state, records, change.claims);
    this.records.push(...records);
    return { ...after, state };
  }

  /** Stops between two steps and asks for another reconcile soon. The right to act without asking first ends with this run. */
  async #handOver(snapshot: Snapshot): Promise<Result> {
    const { state, now, config } = snapshot;
    const dueAt = later(now, RESUME_MS);
    const next = { ...state, version: state.version + 1, lease: undefined, dueAt };
    await this.#world.ledger.save(state, next, [], []);
    const message = `There is more to do for ${config.name} than one reconcile does; the next one goes on at ${dueAt}.`;
    const decision: Decision = { kind: 'wait', until: dueAt, reason: 'more_to_do', message };
    const { runId, records } = this;
    const { unanswered } = this.#inbox;
    const after = { ...snapshot, state: next };
    return { outcome: 'settled', runId, records, decision, note: this.#note, snapshot: after, unanswered };
  }

  /** Nothing is due: make sure that the ledger says when to reconcile again. Writes only if it says otherwise. */
  async #settle(snapshot: Snapshot, decision: Decision & { kind: 'wait' }): Promise<Snapshot> {
    await this.#inbox.closeFinal(snapshot.state);
    const unanswered = this.#inbox.retry(snapshot.state, snapshot.now);
    const state = { ...snapshot.state, unanswered };
    const { version, dueAt, lease, unanswered: before } = snapshot.state;
    if (version > 0 && dueAt === dueAfter(decision, state) && !lease && !before && !unanswered) return snapshot;
    return this.#commit(snapshot, { state, records: [], claims: [] });
  }

  #snapshot(config: IntegrationConfig, state: IntegrationState): Snapshot {
    const now = instant(this.#world.clock.now());
    return { now, runId: this.runId, config, state, recheck: this.#inbox.open };
  }

  #context(config: IntegrationConfig): Context {
    const { clock, ids } = this.#world;
    return { now: instant(clock.now()), runId: this.runId, config, nextId: () => ids.next() };
  }
}
