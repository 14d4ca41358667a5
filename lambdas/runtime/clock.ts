/** The only place that asks what time it is, and that makes ids. The handlers hand both on; everything else gets them as arguments. */
import { monotonicFactory } from 'ulid';
import type { Clock, Ids } from '../domain/ports.ts';

export const systemClock: Clock = { now: () => Date.now() };

/** ULIDs that keep their order even within one millisecond. */
export function createIds(): Ids {
  const next = monotonicFactory();
  return { next: () => next() };
}
