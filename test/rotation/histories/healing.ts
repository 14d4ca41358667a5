/** 12: a revoked current token is replaced at every target within 15 s of the report, and what excuses more is counted here. */
import { HOUR, MINUTE, SECOND } from '../../../lambdas/domain/time.ts';
import type { Result } from '../../../lambdas/rotation/result.ts';
import { isTokenText, type Run, type TokenLife } from './chronicle.ts';
import type { Stage } from './stage.ts';

const WITHIN = 15 * SECOND;
/** A run that died is found again after its lease and a moment. */
const AFTER_A_CRASH = 3 * MINUTE;
const BRAKE = 16 * MINUTE;
/** What was in doubt before, or has failed often, keeps its distance. */
const DISTANCE = HOUR + 10 * MINUTE;

interface Wound {
  readonly integration: string;
  readonly since: number;
  due: number;
  failures: number;
}

export class Healing {
  readonly #stage: Stage;
  readonly #fault: (text: string) => void;
  readonly #wounds = new Map<string, Wound>();
  readonly #losses = new Map<string, number[]>();
  /** Until when an earlier doubt or crash explains a delay. */
  readonly #excusedUntil = new Map<string, number>();

  constructor(stage: Stage, fault: (text: string) => void) {
    this.#stage = stage;
    this.#fault = fault;
  }

  lost(token: TokenLife): void {
    const { chronicle, clock } = this.#stage;
    if (!token.owner || chronicle.holding(token.value).length === 0) return;
    this.#losses.set(token.owner, [...(this.#losses.get(token.owner) ?? []), clock.now()]);
  }

  /** Somebody told us about a token that a target holds. */
  told(integration: string, value: string): void {
    const { chronicle, clock } = this.#stage;
    if (!chronicle.life(integration).published || this.#isHealed(integration) || this.#wounds.has(integration)) return;
    if (chronicle.holding(value).length === 0) return;
    const isPublished = chronicle.tokenWith(value)?.id === chronicle.life(integration).published?.tokenId;
    // What a person wrote there is left, as configured.
    if (!isPublished && this.#stage.config(integration).drift === 'report') return;
    const now = clock.now();
    const wound = { integration, since: now, due: now + WITHIN, failures: 0 };
    this.#wounds.set(integration, wound);
    this.#excuse(wound, this.#excusedUntil.get(integration) ?? 0);
    const recent = (this.#losses.get(integration) ?? []).filter((at) => at > now - HOUR);
    if (recent.length >= 3) this.#excuse(wound, now + BRAKE);
    const life = chronicle.life(integration);
    if (life.pausedSince !== undefined || !life.managed) wound.due = Number.POSITIVE_INFINITY;
  }

  #excuse(wound: Wound | undefined, until: number): void {
    if (wound) wound.due = Math.max(wound.due, until);
  }

  failed(integration: string): void {
    const now = this.#stage.clock.now();
    this.#excusedUntil.set(integration, now + DISTANCE);
    const wound = this.#wounds.get(integration);
    if (!wound) return;
    wound.failures += 1;
    this.#excuse(wound, now + DISTANCE);
  }

  paused(integration: string, isPaused: boolean): void {
    this.#suspend(integration, isPaused, this.#stage.clock.now() + WITHIN);
  }

  /** A deploy itself asks for nothing: the next heartbeat does. */
  managed(integration: string, isManaged: boolean): void {
    this.#suspend(integration, !isManaged, this.#stage.clock.now() + DISTANCE);
  }

  #suspend(integration: string, isOver: boolean, due: number): void {
    const wound = this.#wounds.get(integration);
    if (!wound) return;
    const life = this.#stage.chronicle.life(integration);
    const stands = life.pausedSince !== undefined || !life.managed;
    wound.due = isOver || stands ? Number.POSITIVE_INFINITY : Math.max(due, this.#excusedUntil.get(integration) ?? 0);
  }

  /** Nothing ran for so long, or clocks were set: whatever waits, waits that much longer. */
  stoodStill(ms: number): void {
    for (const wound of this.#wounds.values()) wound.due += 2 * Math.abs(ms);
    for (const [name, until] of this.#excusedUntil) this.#excusedUntil.set(name, until + 2 * Math.abs(ms));
  }

  slow(): void {
    const now = this.#stage.clock.now();
    for (const name of this.#stage.names) {
      this.#excusedUntil.set(name, now + DISTANCE);
      this.#excuse(this.#wounds.get(name), now + DISTANCE);
    }
  }

  ended(run: Run, result: Result | 'died'): void {
    if (result !== 'died') return;
    const until = this.#stage.clock.now() + AFTER_A_CRASH;
    this.#excusedUntil.set(run.integration, Math.max(until, this.#excusedUntil.get(run.integration) ?? 0));
    this.#excuse(this.#wounds.get(run.integration), until);
  }

  #isHealed(integration: string): boolean {
    const { chronicle } = this.#stage;
    return this.#stage.config(integration).targets.every((target) => {
      const token = chronicle.tokenWith(chronicle.textAt(target));
      return token === undefined || token.revoked === undefined;
    });
  }

  check(): void {
    const { chronicle, clock, surroundings, paddle } = this.#stage;
    if (surroundings.factor > 1 || paddle.down || paddle.listLagMs > 0) this.slow();
    for (const wound of this.#wounds.values()) {
      const { integration, due, since } = wound;
      if (this.#isHealed(integration)) this.#wounds.delete(integration);
      else if (this.#isRefused(integration)) this.#excuse(wound, clock.now() + DISTANCE);
      else if (clock.now() > due) {
        this.#fault(
          `${integration} is not healed, told at ${new Date(since).toISOString()}, due at ${new Date(due).toISOString()}`,
        );
        this.#wounds.delete(integration);
      }
    }
    void chronicle;
  }

  /** Something that is no token stands at a target: it is left, and publishing waits for a person. */
  #isRefused(integration: string): boolean {
    const { chronicle } = this.#stage;
    const texts = this.#stage.config(integration).targets.map((target) => chronicle.textAt(target));
    return texts.some((text) => text !== undefined && !isTokenText(text));
  }
}
