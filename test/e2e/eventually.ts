/** Waits for an event of which nobody tells: what went into a queue, a stream, a webhook. */
import { setTimeout as sleep } from 'node:timers/promises';

/** What comes soon is seen soon; what takes its time is not asked for again and again, since a question is work, too. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 750;
const PATIENCE_MS = 120_000;

interface Wait {
  /** When it is given up: far longer than it ever takes, since the machine may be busy with other things. */
  readonly withinMs?: number;
  /** For the message: what is the case instead of what was waited for. */
  readonly state?: () => string | Promise<string>;
}

/**
 * Asks again and again until there is an answer.
 * @throws Error saying what did not come, how the last question failed, and what the state was
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  wait: Wait = {},
): Promise<T> {
  const { withinMs = PATIENCE_MS, state = () => '' } = wait;
  const end = Date.now() + withinMs;
  let failure: unknown;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > end) {
      const because = failure === undefined ? '' : `; the last question failed: ${String(failure)}`;
      throw new Error(`${what} did not come within ${withinMs / 1000} s${because}\n${await state()}`, {
        cause: failure,
      });
    }
    await sleep(pause);
  }
}
