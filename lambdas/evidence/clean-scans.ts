/** The scans that found all pages clean, so far: which of them still count. Pure. */
import type { Instant, IntegrationConfig, Token } from '../domain/model.ts';
import { HOUR, later, MINUTE } from '../domain/time.ts';

/** While a token is due its pages are scanned once an hour at least. After a longer gap nobody knows what they served in it. */
const LONGEST_GAP_MS = 6 * HOUR;

export const scanPause = ({ scans }: Pick<IntegrationConfig, 'scans'>): number =>
  Math.max(MINUTE, Math.ceil(scans.overMs / Math.max(1, scans.count - 1)));

/** @param of the pages that are scanned now (`pagesOf`): with one that joined, the count begins anew */
export function cleanScansOf(
  token: Pick<Token, 'cleanScans' | 'cleanScansOf'>,
  of: string | undefined,
  now: Instant,
  config: Pick<IntegrationConfig, 'scans'>,
): readonly Instant[] {
  const { cleanScans = [] } = token;
  const last = cleanScans.at(-1);
  const isOver = last !== undefined && later(last, Math.max(LONGEST_GAP_MS, 2 * scanPause(config))) < now;
  return isOver || token.cleanScansOf !== of ? [] : cleanScans;
}
