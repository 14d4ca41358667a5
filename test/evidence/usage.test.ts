import type { Usage } from '../../lambdas/domain/model.ts';
import { DAY, later } from '../../lambdas/domain/time.ts';
import { checkUsage } from '../../lambdas/evidence/usage.ts';
import { anAccount, anIntegration, START } from '../builders/integration.ts';

const token = (id: string, status: 'current' | 'superseded') => ({
  id,
  value: `test_${id}`,
  name: id,
  origin: 'minted' as const,
  rotationId: 'r',
  status,
  createdAt: START,
});
const now = later(START, 60 * DAY);
const read = (consumer: string, tokenId: string, daysAgo: number): Usage => ({
  consumer,
  tokenId,
  phase: 'build',
  at: later(now, -daysAgo * DAY),
});

async function evidence(usage: readonly Usage[], consumers: readonly string[] = []) {
  const [current, old] = [token('new', 'current'), token('old', 'superseded')];
  const state = { integration: 'pricing-page', version: 1, tokens: [old, current], sweeps: [], requests: [] };
  const subject = { now, account: anAccount(), config: anIntegration({ consumers }), state, token: old, current };
  const sources = { ledger: { usage: async () => usage } } as unknown as Parameters<typeof checkUsage>[1];
  return checkUsage(subject, sources);
}

describe('a reader that CloudTrail saw', () => {
  test('with the current token proves nothing: as if nobody had been seen', async () => {
    expect(await evidence([read('cloudtrail:shop', 'new', 1)])).toBeUndefined();
  });
  test('with the old token stands against revoking it', async () => {
    expect(await evidence([read('cloudtrail:shop', 'old', 1)])).toMatchObject({
      satisfied: false,
      reason: 'usage_outdated',
    });
  });
  test('with the old token no longer counts once the look-back has ended', async () => {
    expect(await evidence([read('cloudtrail:shop', 'old', 31)])).toBeUndefined();
  });
  test('does not stand in for a configured consumer that is silent', async () => {
    expect(await evidence([read('cloudtrail:shop', 'new', 1)], ['shop'])).toMatchObject({
      satisfied: false,
      reason: 'usage_silent',
    });
  });
  test('with the old token outweighs a configured consumer that is up to date', async () => {
    const reports = [read('shop', 'new', 1), read('cloudtrail:other', 'old', 2)];
    expect(await evidence(reports, ['shop'])).toMatchObject({ satisfied: false, reason: 'usage_outdated' });
    expect(await evidence(reports.slice(0, 1), ['shop'])).toMatchObject({ satisfied: true });
  });
});
