import { FetchProblem } from './problem.ts';

export interface Deadline {
  readonly signal: AbortSignal;
  /** Nothing is waited for any more. */
  clear(): void;
}

/**
 * Ends a request that takes longer than `ms`, our own work not counted: while a script is parsed nothing is read from
 * any socket, and a site must not be called slow because the scan was.
 * @param ownWorkMs how long this scan has parsed so far; only ever grows
 */
export function createDeadline(ms: number, ownWorkMs: () => number): Deadline {
  const controller = new AbortController();
  let counted = ownWorkMs();
  let timer: NodeJS.Timeout;
  const arm = (wait: number) => {
    timer = setTimeout(() => {
      const owed = ownWorkMs() - counted;
      counted += owed;
      if (owed > 0) arm(owed);
      else controller.abort(new FetchProblem('timeout', `no complete answer within ${ms} ms`));
    }, wait);
  };
  arm(ms);
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}
