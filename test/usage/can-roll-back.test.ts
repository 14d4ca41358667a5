import { asksToRollBack, canRollBack } from '../../lambdas/usage/can-roll-back.ts';
import { usage } from './fakes.ts';

const question = { action: 'can-roll-back', integration: 'pricing-page', consumer: 'site', build: '40' };

async function asked(
  status: 'minted' | 'current' | 'superseded' | 'revoked' | 'forgotten',
  payload: object = question,
) {
  const world = usage({ ctkn_a: 'current' });
  await world.report({ integration: 'pricing-page', consumer: 'site', build: '40', phase: 'build', tokenId: 'ctkn_a' });
  const before = world.records.reports.length;
  world.statuses = status === 'forgotten' ? { ctkn_b: 'current' } : { ctkn_a: status };
  const answer = await canRollBack(payload, world);
  expect(world.records.reports).toHaveLength(before);
  expect(world.queue.taken).toEqual([]);
  return answer;
}

test.each([
  ['current', 'allowed', /current token ctkn_a/],
  ['superseded', 'allowed', /superseded and still valid.*hold the token/],
  ['revoked', 'refused', /revoked for ever: its checkouts would fail/],
  ['minted', 'refused', /may stop working/],
  // The state forgets tokens that were revoked long ago.
  ['forgotten', 'refused', /revoked for ever/],
] as const)('a build whose token is %s is %s', async (status, outcome, message) => {
  expect(await asked(status)).toMatchObject({ outcome, tokenId: 'ctkn_a', message: expect.stringMatching(message) });
});

test('a build that nobody reported is refused: nobody knows its token', async () => {
  expect(await asked('current', { ...question, build: '39' })).toMatchObject({ outcome: 'refused' });
});

test.each([
  [{ ...question, integration: 'nobody' }, /no integration of this name/],
  [{ ...question, build: '' }, /build: /],
  [{ ...question, consumer: 7 }, /consumer: /],
  [{ ...question, phase: 'build' }, /not known/],
])('a wrong question is rejected, and is no permission', async (payload, message) => {
  expect(await asked('current', payload)).toMatchObject({
    outcome: 'rejected',
    message: expect.stringMatching(message),
  });
});

test('reports are not taken for questions', () => {
  expect(asksToRollBack(question)).toBe(true);
  expect([null, 'can-roll-back', { ...question, action: undefined }, { phase: 'build' }].map(asksToRollBack)).toEqual(
    Array(4).fill(false),
  );
});
