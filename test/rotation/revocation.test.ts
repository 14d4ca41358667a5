/** What Paddle's answer about a revocation means. Pure. */
import type { PaddleToken, Token } from '../../lambdas/domain/model.ts';
import { HOUR, later, MINUTE, SECOND } from '../../lambdas/domain/time.ts';
import type { Decision } from '../../lambdas/rotation/decision.ts';
import { apply } from '../../lambdas/rotation/transitions.ts';
import { aContext, aState, aToken, NOW, superseded } from '../builders/state.ts';

const begun = later(NOW, -10 * MINUTE);
const revoking = (changes: Partial<Token> = {}) =>
  superseded({ status: 'revoking', revokingSince: begun, revokingFrom: 'superseded', ...changes });

function told(kind: 'confirm' | 'revoke' | 'inspect', token: Token, answer: PaddleToken | undefined) {
  const decision = { kind, tokenId: token.id, reason: 'x', message: 'x' } as Decision;
  const change = apply(aState({ tokens: [token, aToken()] }), decision, { kind: 'token', token: answer }, aContext());
  const after = change?.state.tokens.find(({ id }) => id === token.id);
  return { after, records: change?.records.map(({ type }) => type) ?? [] };
}
const at = (revokedAt: string | undefined): PaddleToken => ({
  ...{ id: 'ctkn_old', token: 'test_old', name: 'pricing-page · one', createdAt: begun },
  ...{ status: revokedAt ? 'revoked' : 'active', revokedAt },
});

describe('a revocation that was interrupted', () => {
  test('stays one when Paddle does not know the token, and somebody is told: the key may be another account’s', () => {
    const { after, records } = told('confirm', revoking(), undefined);
    expect(after).toMatchObject({ status: 'revoking', hold: { reason: 'token_unknown' }, failures: 1 });
    expect(records).toEqual(['token.held']);
  });

  test('goes back to where it began when the token is active', () => {
    expect(told('confirm', revoking(), at(undefined)).after?.status).toBe('superseded');
    expect(told('confirm', revoking({ revokingFrom: 'orphan' }), at(undefined)).after?.status).toBe('orphan');
  });
});

describe('whose revocation was it?', () => {
  test.each(['confirm', 'revoke', 'inspect'] as const)('ours, once it is begun (%s)', (kind) => {
    for (const revokedAt of [later(begun, SECOND), begun, later(begun, -30 * SECOND), later(begun, -MINUTE)]) {
      const { after, records } = told(kind, revoking(), at(revokedAt));
      expect(after).toMatchObject({ status: 'revoked', revokedBy: 'paddlewheel', revokedAt });
      expect(records).toEqual(['token.revoked']);
    }
  });

  test.each(['confirm', 'revoke', 'inspect'] as const)(
    'somebody else’s, when it is older than clocks differ (%s)',
    (kind) => {
      const { after, records } = told(kind, revoking(), at(later(begun, -61 * SECOND)));
      expect(after).toMatchObject({ status: 'revoked', revokedBy: 'external' });
      expect(records).toEqual(['token.lost']);
    },
  );

  test.each([
    ['within an hour of a PATCH that seemed to have no effect', 59 * MINUTE, 'paddlewheel'],
    ['at its end', HOUR, 'paddlewheel'],
    ['long after one', HOUR + SECOND, 'external'],
    ['a little before one, by a clock that is behind', -30 * SECOND, 'paddlewheel'],
    ['before one', -2 * MINUTE, 'external'],
  ])('%s', (_, after, by) => {
    const token = superseded({ revocationTriedAt: begun });
    expect(told('inspect', token, at(later(begun, after))).after).toMatchObject({ status: 'revoked', revokedBy: by });
  });

  test('somebody else’s, when we never tried', () => {
    expect(told('inspect', superseded(), at(NOW)).after).toMatchObject({ revokedBy: 'external' });
  });
});
