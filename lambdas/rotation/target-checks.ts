/** When the targets of an integration are read again. Pure. */
import { stableHash } from '../domain/hash.ts';
import type { Instant } from '../domain/model.ts';
import { DAY, HOUR, later } from '../domain/time.ts';

const SPREAD_MS = 6 * HOUR;

/**
 * Once a day, and a little more often: what was published in one hour, after a deploy or at the first of a month, would otherwise be
 * read in one hour for ever. SSM answers 40 reads a second to the whole account, pages and builds included.
 */
export const checkEvery = (integration: string): number => DAY - (stableHash(integration) % SPREAD_MS);

/** What to write down as the last check, so that the next one comes after so long. */
export const lastCheckFor = (integration: string, now: Instant, wait: number): Instant =>
  later(now, wait - checkEvery(integration));
