import {
  attribute,
  type Facts,
  type OwnerState,
  parseOurName,
  type TokenEvent,
} from '../../lambdas/observe/attribute.ts';

const ROTATION = '01JKB92MP7V4RFG8X3Q5WZ7BNA';
const NAME = `pricing-page · ${ROTATION}`;
type HeldToken = OwnerState['tokens'][number];

const created: TokenEvent = {
  id: 'evt_1',
  type: 'client_token.created',
  tokenId: 'ctkn_1',
  name: NAME,
  status: 'active',
};
const revoked: TokenEvent = { ...created, type: 'client_token.revoked', status: 'revoked' };
const updatedToRevoked: TokenEvent = { ...revoked, type: 'client_token.updated' };
const renamed: TokenEvent = { ...created, type: 'client_token.updated', name: 'Other' };

const token = (change: Partial<HeldToken> = {}): HeldToken => ({
  id: 'ctkn_1',
  name: NAME,
  origin: 'minted',
  rotationId: ROTATION,
  status: 'current',
  ...change,
});
const rotation = {
  rotationId: ROTATION,
  tokenName: NAME,
  trigger: 'manual' as const,
  requestedBy: 'arn:aws:iam::1:user/ada',
};
const facts = (state: Partial<OwnerState>, owned = true): Facts => ({
  integration: 'pricing-page',
  owned,
  state: { tokens: [], ...state },
});
const unowned = (state: Partial<OwnerState>) => facts(state, false);

describe('a created token is ours', () => {
  test.each<[when: string, known: Facts, by: object]>([
    [
      'when the rotation under way gave it its name',
      unowned({ rotation }),
      { rotationId: ROTATION, trigger: 'manual', requestedBy: rotation.requestedBy },
    ],
    ['when we hold it', facts({ tokens: [token()] }), { rotationId: ROTATION }],
    [
      'when we hold its twin, a second mint of one rotation',
      unowned({ tokens: [token({ id: 'ctkn_2' })] }),
      { rotationId: ROTATION },
    ],
    [
      'when it comes late from a mint in doubt',
      unowned({ sweeps: [{ tokenName: NAME, rotationId: ROTATION }] }),
      { rotationId: ROTATION },
    ],
    [
      'when it comes late from a mint in doubt, and a person has taken it over before',
      facts({ tokens: [token({ origin: 'adopted' })], sweeps: [{ tokenName: NAME, rotationId: ROTATION }] }),
      { rotationId: ROTATION },
    ],
    [
      'when it is the twin of one that we hold, and a person has taken it over before',
      facts({ tokens: [token({ origin: 'adopted', rotationId: 'another' }), token({ id: 'ctkn_2' })] }),
      { rotationId: ROTATION },
    ],
    ['when the state has forgotten it, and the ledger says whose it was', facts({}), { rotationId: ROTATION }],
  ])('%s', (_, known, by) => {
    expect(attribute(created, known)).toMatchObject({
      actor: 'paddlewheel',
      reason: 'minted-by-us',
      integration: 'pricing-page',
      ...by,
    });
  });
});

describe('a created token is not ours, and no alarm', () => {
  test.each<[when: string, known: Facts | undefined, reason: string]>([
    ['when it leads to no integration', undefined, 'no-integration'],
    ['when only its name speaks of us', unowned({}), 'not-minted-by-us'],
    [
      'when another rotation is under way',
      unowned({ rotation: { ...rotation, tokenName: 'pricing-page · other' } }),
      'not-minted-by-us',
    ],
    ['when we adopted it', facts({ tokens: [token({ origin: 'adopted' })] }), 'not-minted-by-us'],
    [
      'when we adopted it, and its name is not one of ours',
      facts({ tokens: [token({ origin: 'adopted', name: 'Pricing' })] }),
      'not-minted-by-us',
    ],
  ])('%s', (_, known, reason) => {
    expect(attribute(created, known)).toMatchObject({ actor: 'external', reason, touchesHeldToken: false });
  });
});

describe.each([
  ['revoked', revoked],
  ['updated to revoked', updatedToRevoked],
])('a token that was %s', (_, event) => {
  test.each<[when: string, known: Facts]>([
    ['when we are revoking it', facts({ tokens: [token({ status: 'revoking' })] })],
    ['when we have revoked it', facts({ tokens: [token({ status: 'revoked', revokedBy: 'paddlewheel' })] })],
  ])('was revoked by us %s', (_, known) => {
    expect(attribute(event, known)).toMatchObject({
      actor: 'paddlewheel',
      reason: 'revoked-by-us',
      rotationId: ROTATION,
      touchesHeldToken: false,
    });
  });

  test('in an emergency bears who asked for it', () => {
    const emergency = { reason: 'leaked', requestedBy: 'ada' };
    const known = facts({ tokens: [token({ status: 'revoking', emergency })] });
    expect(attribute(event, known)).toMatchObject({ actor: 'paddlewheel', trigger: 'emergency', requestedBy: 'ada' });
  });

  // The PATCH seemed to have had no effect, so the state holds the token as superseded again.
  test.each<[after: string, at: string, actor: string]>([
    ['a moment after a PATCH of ours whose answer was lost', '2026-03-01T12:00:20.000Z', 'paddlewheel'],
    ['just before it, by a clock that is a little behind', '2026-03-01T11:59:15.000Z', 'paddlewheel'],
    ['most of an hour after it', '2026-03-01T12:59:00.000Z', 'paddlewheel'],
    ['long after it', '2026-03-01T13:01:00.000Z', 'external'],
    ['before it', '2026-03-01T11:58:00.000Z', 'external'],
  ])('%s is put down to whom it belongs, and the ledger learns of it', (_, at, actor) => {
    const tried = token({ status: 'superseded', revocationTriedAt: '2026-03-01T12:00:00.000Z' });
    expect(attribute({ ...event, at }, facts({ tokens: [tried] }))).toMatchObject({ actor, touchesHeldToken: true });
  });

  test.each<[status: HeldToken['status'], alarming: boolean]>([
    ['minted', true],
    ['current', true],
    ['superseded', true],
    ['orphan', false],
  ])('was revoked by somebody else while we held it as %s', (status, touchesHeldToken) => {
    expect(attribute(event, facts({ tokens: [token({ status })] }))).toMatchObject({
      actor: 'external',
      reason: 'not-revoked-by-us',
      integration: 'pricing-page',
      touchesHeldToken,
    });
  });

  test.each<[when: string, known: Facts]>([
    [
      'when we already know that somebody else did it',
      facts({ tokens: [token({ status: 'revoked', revokedBy: 'external' })] }),
    ],
    ['when only its name speaks of us', unowned({})],
    ['when only its twin is ours', unowned({ tokens: [token({ id: 'ctkn_2', status: 'revoking' })] })],
  ])('was revoked by somebody else, without an alarm, %s', (_, known) => {
    expect(attribute(event, known)).toMatchObject({ actor: 'external', touchesHeldToken: false });
  });

  test('is nobody’s doing for certain once the state has forgotten it', () => {
    expect(attribute(event, facts({}))).toMatchObject({
      actor: 'unknown',
      reason: 'forgotten',
      touchesHeldToken: false,
    });
  });
});

test('a token that was renamed was not renamed by us: we never do', () => {
  expect(attribute(renamed, facts({ tokens: [token()] }))).toMatchObject({
    actor: 'external',
    reason: 'never-changed-by-us',
    touchesHeldToken: true,
  });
});

test.each([
  [NAME, { integration: 'pricing-page', rotationId: ROTATION }],
  [`a · b · ${ROTATION}`, { integration: 'a · b', rotationId: ROTATION }],
  ['Pricing page', undefined],
  ['pricing-page ·', undefined],
  [` · ${ROTATION}`, undefined],
  [undefined, undefined],
])('the name %p speaks of %p', (name, spoken) => {
  expect(parseOurName(name)).toEqual(spoken);
});
