/** What must be answered in time, whatever becomes of the work. */

export type InTime<T> =
  | { readonly done: true; readonly value: T }
  /** The work goes on: whoever waits for `rest` is ended by the platform, with the process, and not thawed half-way later. */
  | { readonly done: false; readonly rest: Promise<unknown> };

/** The work's outcome, or, once `signal` is aborted, that there is none yet. @throws what the work throws before that */
export async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<InTime<T>> {
  let stop: () => void = () => {};
  const over = new Promise<InTime<T>>((resolve) => {
    stop = () => resolve({ done: false, rest: work.catch(() => {}) });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work.then((value): InTime<T> => ({ done: true, value })), over]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
