/** 12: a revoked current token is replaced at every target within 15 s of the report, and what excuses more is counted here. */
import { backoff, HOUR, MINUTE, SECOND } from '../../../lambdas/domain/time.ts';
import type { Result } from '../../../lambdas/rotation/result.ts';
import type { Run, TokenLife } from './chronicle.ts';
import type { Stage } from './stage.ts';

const WITHIN = 15 * SECOND;
/** The heartbeat comes once a minute. */
const TICK = MINUTE;
/** A run that died holds its lease for so long at most. */
const LEASE = 130 * SECOND;
/** Between a loss and the healing, from the third loss within an hour on. */
const BRAKE = [MINUTE, 5 * MINUTE, 15 * MINUTE];
const BRAKED_FROM = 3;
/** The brake counts from the loss as Paddle dates it, and its clock may be so far ahead of ours. */
const SKEW = 20 * SECOND;
/** What a run of many calls takes when each call takes 120 ms. */
const ONE_RUN = 5 * SECOND;
/** A mint in doubt is searched for three times, half a minute apart at most; each time that it is posted again, four times as rarely. */
const LISTS = 3;
const LIST_PAUSE = 30 * SECOND;

interface Wound {
  readonly integration: string;
  readonly since: number;
  /** A person wrote there what was revoked. */
  readonly isByHand: boolean;
  /** The brake is no shorter for a pause that ended meanwhile. */
  readonly brakedUntil: number;
  due: number;
}

/** All instants are those of the true time. */
export class Healing {
  readonly #stage: Stage;
  readonly #fault: (text: string) => void;
  readonly #wounds = new Map<string, Wound>();
  readonly #losses = new Map<string, number[]>();
  /** Until when an earlier failure, doubt or crash explains a delay. */
  readonly #excusedUntil = new Map<string, number>();
  /** Until when a mint in doubt is searched for, if each list is answered. */
  readonly #doubtUntil = new Map<string, number>();
  readonly #suspendedSince = new Map<string, number>();
  /** Runs in a row that failed: each waits twice as long for the next one. */
  readonly #failures = new Map<string, number>();

  constructor(stage: Stage, fault: (text: string) => void) {
    this.#stage = stage;
    this.#fault = fault;
  }

  lost(token: TokenLife): void {
    const { chronicle, truth } = this.#stage;
    if (!token.owner) return;
    // Also while somebody has emptied the target in between: it is the current token all the same.
    const isCurrent = chronicle.life(token.owner).published?.tokenId === token.id;
    if (!isCurrent && chronicle.holding(token.value).length === 0) return;
    this.#losses.set(token.owner, [...(this.#losses.get(token.owner) ?? []), truth]);
  }

  /** Somebody told us about a token that a target holds. */
  told(integration: string, value: string): void {
    const { chronicle, truth: now } = this.#stage;
    if (!chronicle.life(integration).published || this.#isHealed(integration) || this.#wounds.has(integration)) return;
    if (chronicle.holding(value).length === 0) return;
    const isPublished = chronicle.tokenWith(value)?.id === chronicle.life(integration).published?.tokenId;
    // What a person wrote there is left, as configured.
    if (!isPublished && this.#stage.config(integration).drift === 'report') return;
    const brakedUntil = this.#brakedUntil(integration, now);
    const wound = { integration, since: now, isByHand: !isPublished, brakedUntil, due: now + this.#promptly };
    this.#wounds.set(integration, wound);
    wound.due = Math.max(wound.due, this.#excusedUntil.get(integration) ?? 0, brakedUntil);
    const life = chronicle.life(integration);
    if (life.pausedSince !== undefined || !life.managed) wound.due = Number.POSITIVE_INFINITY;
  }

  get #promptly(): number {
    return WITHIN + ONE_RUN * (this.#stage.surroundings.factor - 1);
  }

  #brakedUntil(integration: string, now: number): number {
    // Paddle dates the losses, and its clock may be off by a little.
    const recent = (this.#losses.get(integration) ?? []).filter((at) => at > now - HOUR - MINUTE);
    const pause = BRAKE[Math.min(recent.length - BRAKED_FROM, BRAKE.length - 1)];
    return pause === undefined ? 0 : now + pause + SKEW + TICK + this.#promptly;
  }

  #excuse(integration: string, until: number): void {
    this.#excusedUntil.set(integration, Math.max(until, this.#excusedUntil.get(integration) ?? 0));
    const wound = this.#wounds.get(integration);
    if (wound) wound.due = Math.max(wound.due, until);
  }

  /** The next attempt is a minute later, then two, four, up to an hour. */
  failed({ integration, failed }: Run): void {
    const failures = (this.#failures.get(integration) ?? 0) + (failed ? 0 : 1);
    this.#failures.set(integration, failures);
    // To its next attempt, and to the one after that, should it have to begin anew.
    const wait = backoff(failures, MINUTE, HOUR) + 2 * TICK;
    // A search that fails is begun again where it was.
    const doubt = this.#doubtUntil.get(integration) ?? 0;
    const { truth } = this.#stage;
    if (doubt > truth) this.#doubtUntil.set(integration, doubt + wait);
    this.#excuse(integration, Math.max(truth, doubt) + wait + this.#promptly);
  }

  /** It may have been minted: it is searched for before it is posted again. */
  doubted(integration: string, rounds: number): void {
    const pause = Math.min(HOUR, LIST_PAUSE * 4 ** (rounds - 1));
    const until = this.#stage.truth + LISTS * (pause + TICK);
    // A list that does not show it is an attempt that failed, too.
    this.#failures.set(integration, (this.#failures.get(integration) ?? 0) + LISTS - 1);
    this.#doubtUntil.set(integration, until);
    this.#excuse(integration, until + this.#promptly);
  }

  paused(integration: string, isPaused: boolean): void {
    this.#suspend(integration, isPaused);
  }

  managed(integration: string, isManaged: boolean): void {
    this.#suspend(integration, !isManaged);
  }

  #suspend(integration: string, isOver: boolean): void {
    const life = this.#stage.chronicle.life(integration);
    const stands = life.pausedSince !== undefined || !life.managed;
    if (stands) this.#suspendedSince.set(integration, this.#suspendedSince.get(integration) ?? this.#stage.truth);
    else {
      // What was searched for is searched for from here on.
      this.#excusedLater(integration, this.#stage.truth - (this.#suspendedSince.get(integration) ?? this.#stage.truth));
      this.#suspendedSince.delete(integration);
    }
    const wound = this.#wounds.get(integration);
    if (!wound) return;
    const promptly = this.#stage.truth + this.#promptly;
    const due = Math.max(promptly, wound.brakedUntil, this.#excusedUntil.get(integration) ?? 0);
    wound.due = isOver || stands ? Number.POSITIVE_INFINITY : due;
  }

  /** Nothing ran for so long, or what waits for an instant of our own clock waits that much longer. */
  stoodStill(ms: number, but?: string): void {
    for (const wound of this.#wounds.values()) if (wound.integration !== but) wound.due += ms;
    for (const name of this.#excusedUntil.keys()) if (name !== but) this.#excusedLater(name, ms);
  }

  #excusedLater(integration: string, ms: number): void {
    for (const instants of [this.#excusedUntil, this.#doubtUntil]) {
      const until = instants.get(integration);
      if (until !== undefined) instants.set(integration, until + ms);
    }
  }

  ended(run: Run, result: Result | 'died'): void {
    const { integration } = run;
    // Here one waits for the other; in truth they run side by side.
    this.stoodStill(this.#stage.truth - run.startedAt, integration);
    if (result === 'died') {
      // It may have been about to mint: then its successor searches first.
      const until = this.#stage.truth + LEASE + TICK + LISTS * (LIST_PAUSE + TICK);
      this.#doubtUntil.set(integration, until);
      this.#excuse(integration, until + this.#promptly);
    }
    const isGood = result !== 'died' && result.outcome === 'settled' && !run.failed && run.answers;
    if (isGood && !this.#wounds.has(integration)) this.#failures.delete(integration);
  }

  #isHealed(integration: string): boolean {
    const { chronicle } = this.#stage;
    return this.#stage.config(integration).targets.every((target) => {
      const token = chronicle.tokenWith(chronicle.textAt(target));
      return token === undefined || token.revoked === undefined;
    });
  }

  check(): void {
    const { truth, surroundings } = this.#stage;
    for (const wound of this.#wounds.values()) {
      const { integration, due, since } = wound;
      const isLeft = wound.isByHand && this.#stage.config(integration).drift === 'report';
      if (isLeft || this.#isHealed(integration)) this.#wounds.delete(integration);
      else if (surroundings.factor > 1) this.#excuse(integration, truth + this.#promptly);
      else if (truth > due) {
        const at = (instant: number) => new Date(instant).toISOString();
        this.#fault(`${integration} is not healed, told at ${at(since)}, due at ${at(due)}`);
        this.#wounds.delete(integration);
      }
    }
  }
}
