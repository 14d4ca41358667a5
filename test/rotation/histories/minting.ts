/** 4, 5, 6, 9: a token is minted for a cause, once; after doubt only when lists have shown for a while that there is none. */

import { nextSlot } from '../../../lambdas/domain/schedule.ts';
import { HOUR, instant, MINUTE } from '../../../lambdas/domain/time.ts';
import type { Answer } from '../../fakes/fake-paddle.ts';
import type { Run } from './chronicle.ts';
import type { Stage } from './stage.ts';

interface Attempt {
  readonly run: Run;
  readonly at: number;
  answer: Answer;
  /** Lists of ours since, that were answered. */
  lists: number;
}

const LISTS_NEEDED = 3;
/** From the POST to the third list, at least: lists lag. */
const LISTS_TAKE = MINUTE;

export class Minting {
  readonly #stage: Stage;
  readonly #fault: (text: string) => void;
  readonly #attempts = new Map<string, Attempt>();
  readonly #doubts = new Map<string, number>();

  constructor(stage: Stage, fault: (text: string) => void) {
    this.#stage = stage;
    this.#fault = fault;
  }

  called(run: Run, method: string, subject: string | undefined, answer: Attempt['answer']): void {
    if (method === 'list' && answer === 'answered')
      for (const attempt of this.#attempts.values())
        if (attempt.run.integration === run.integration) attempt.lists += 1;
    if (method === 'create' && subject) this.#create(run, subject, answer);
  }

  #create(run: Run, name: string, answer: Attempt['answer']): void {
    const { truth } = this.#stage;
    const before = this.#attempts.get(name);
    if (!before) this.#mustHaveCause(run, name);
    if (before?.answer === 'answered') this.#fault(`"${name}" was minted twice`);
    if (before?.answer === 'unknown' && before.lists < LISTS_NEEDED)
      this.#fault(`"${name}" was posted again after ${before.lists} lists, although it may have been minted`);
    if (before?.answer === 'unknown' && truth - before.at < LISTS_TAKE)
      this.#fault(`"${name}" was posted again after ${truth - before.at} ms, although it may have been minted`);
    this.#attempts.set(name, { run, at: truth, answer, lists: 0 });
    if (answer === 'unknown') this.#doubt(run);
  }

  #doubt({ integration }: Run): void {
    const rounds = (this.#doubts.get(integration) ?? 0) + 1;
    this.#doubts.set(integration, rounds);
    this.#stage.oracle.healing.doubted(integration, rounds);
  }

  published(integration: string): void {
    this.#doubts.delete(integration);
  }

  /** The answer never reached a process that died. */
  ended(run: Run, died: boolean): void {
    for (const attempt of this.#attempts.values())
      if (died && attempt.run === run && attempt.answer === 'answered') {
        attempt.answer = 'unknown';
        this.#doubt(run);
      }
  }

  #mustHaveCause({ integration }: Run, name: string): void {
    const { chronicle, clock } = this.#stage;
    const life = chronicle.life(integration);
    const now = clock.now();
    const last = life.lastBegun;
    const idleMs = life.idleMsBefore;
    Object.assign(life, { lastBegun: now, idleMsBefore: life.idleMs, idleMs: 0 });
    if (last === undefined || !life.published) return;
    const published = chronicle.tokens.get(life.published.tokenId);
    if (life.asked > 0 || published?.revoked) return;
    const lastRevoked = [...chronicle.tokens.values()].some(
      ({ owner, revoked }) => owner === integration && revoked?.by === 'others' && revoked.at >= last - HOUR,
    );
    if (lastRevoked) return;
    // A rotation may have been intended long before it could post for the first time.
    const anchor = Math.max(life.scheduleSince, last - 6 * HOUR - idleMs);
    if (Date.parse(nextSlot(this.#stage.config(integration).schedule, instant(anchor))) <= now) return;
    this.#fault(`"${name}" was minted without any cause`);
  }
}
