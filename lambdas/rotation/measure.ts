import { METRICS } from '../contract.ts';
import type { Meter } from '../shared/metrics.ts';
import type { Result } from './reconcile.ts';

const BY_RECORD: Partial<Record<string, (typeof METRICS)[keyof typeof METRICS]>> = {
  'token.published': METRICS.tokenPublished,
  'token.revoked': METRICS.tokenRevoked,
  'token.lost': METRICS.outOfBandChange,
  'token.stuck': METRICS.revocationStuck,
};

/** What one look says in numbers. Trouble and holds count at every look that ends in them, so that they stay visible. */
export function measure(result: Result, meter: Meter): void {
  for (const record of result.records) {
    const metric = BY_RECORD[record.type];
    if (metric) meter.count(metric);
  }
  if (result.outcome !== 'settled') return;
  const { state, now } = result.snapshot;
  if (state.trouble || state.repair) meter.count(METRICS.rotationTrouble);
  const due = state.tokens.filter((token) => token.hold && (token.revokeAfter ?? now) <= now);
  for (const token of due) if (token.status !== 'revoked') meter.count(METRICS.revocationHeld);
}
