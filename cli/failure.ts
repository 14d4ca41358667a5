/** `--json` when it goes wrong: standard output gets JSON then, too, for programs that read nothing else. */
import { type CliIo, EXIT } from './io.ts';

/** What was thrown, or nothing: then what was said of it on standard error. */
export interface Failure {
  readonly message?: string;
  readonly remedy?: string;
}

export interface Failures {
  readonly io: CliIo;
  /** @param thrown absent: the command has ended with this code by itself, and may have printed its own answer */
  end(code: number, thrown?: Failure): void;
}

const MOST_SAID = 4_000;

/** @param args what stands behind `--` is somebody else's */
export function withFailures(given: CliIo, args: readonly string[]): Failures {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (!own.includes('--json')) return { io: given, end: () => {} };
  let said = '';
  let hasAnswered = false;
  const io: CliIo = {
    ...given,
    out(...all) {
      hasAnswered = true;
      given.out(...all);
    },
    err(...all) {
      said = (said + all[0]).slice(0, MOST_SAID);
      given.err(...all);
    },
  };
  return {
    io,
    end(code, thrown) {
      if (code === EXIT.done || (hasAnswered && !thrown)) return;
      const outcome = code === EXIT.usage ? 'misused' : 'failed';
      const { message = said.trim(), remedy } = thrown ?? {};
      // One line: behind those of `--follow` it is one more.
      given.out(`${JSON.stringify({ outcome, message, remedy })}\n`);
    },
  };
}
