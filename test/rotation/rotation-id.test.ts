/** Which rotation an answer names: the one that the request brought about or joined, never that of some token it met. */
import type { AuditRecord } from '../../lambdas/domain/model.ts';
import { rotationIdOf } from '../../lambdas/rotation/answer.ts';
import type { Snapshot } from '../../lambdas/rotation/snapshot.ts';

const about = { account: 'live', integration: 'pricing-page', at: '2026-11-22T03:00:00.000Z', message: '' };
let ids = 0;
const ofToken = (type: AuditRecord['type']): AuditRecord => ({
  ...{ ...about, id: `act_${++ids}`, type, tokenId: 'ctkn_old', rotationId: 'old' },
});
const ofRotation = (type: AuditRecord['type']): AuditRecord => ({
  ...{ ...about, id: `act_${++ids}`, type, rotationId: 'new', trigger: 'manual' },
});
const snapshot = (rotationId?: string) => ({ state: rotationId ? { rotation: { rotationId } } : {} }) as Snapshot;

const OF_TOKENS = [
  ...(['token.reappeared', 'token.lost', 'token.held', 'token.released', 'token.condemned', 'token.orphaned'] as const),
  ...(['token.revoking', 'token.revoked', 'token.stuck', 'token.forced', 'token.revocation-interrupted'] as const),
];

test.each(OF_TOKENS)('%s says whose the token was, and no more', (type) => {
  expect(rotationIdOf([ofToken(type)], snapshot())).toBeUndefined();
  expect(rotationIdOf([ofToken(type)], snapshot('new'))).toBe('new');
  expect(rotationIdOf([ofToken(type), ofRotation('rotation.intended')], snapshot())).toBe('new');
  expect(rotationIdOf([ofToken(type), ofRotation('token.published')], snapshot('next'))).toBe('new');
});

test('without a record, it is the rotation under way', () => {
  expect(rotationIdOf([], snapshot('new'))).toBe('new');
  expect(rotationIdOf([], snapshot())).toBeUndefined();
});
