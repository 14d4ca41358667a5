import {
  attribute,
  type Facts,
  integrationInName,
  type OwnerState,
  type TokenEvent,
} from '../../lambdas/observe/attribute.ts';

const ROTATION = '01JKB92MPL7V4RFG8X3Q5WZ7BN';
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
const facts = (state: Partial<OwnerState>, records: Facts['records'] = []): Facts => ({
  integration: 'pricing-page',
  state: { tokens: [], ...state },
  records,
});
const own = (type: string) => ({ type, rotationId: ROTATION, trigger: 'emergency', requestedBy: 'ada' });

describe('a created token is ours', () => {
  test.each<[when: string, known: Facts, by: object]>([
    [
      'when the rotation under way gave it its name',
      facts({ rotation }),
      { rotationId: ROTATION, trigger: 'manual', requestedBy: rotation.requestedBy },
    ],
    ['when we hold it', facts({ tokens: [token()] }), { rotationId: ROTATION }],
    [
      'when we hold its twin, a second mint of one rotation',
      facts({ tokens: [token({ id: 'ctkn_2' })] }),
      { rotationId: ROTATION },
    ],
    [
      'when the state has forgotten it, but the trail has not',
      facts({}, [own('token.minted')]),
      { trigger: 'emergency', requestedBy: 'ada' },
    ],
    ['when we have found it to be an orphan', facts({}, [own('token.orphaned')]), { rotationId: ROTATION }],
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
    ['when only its name speaks of us', facts({}), 'not-minted-by-us'],
    [
      'when another rotation is under way',
      facts({ rotation: { ...rotation, tokenName: 'pricing-page · other' } }),
      'not-minted-by-us',
    ],
    ['when we adopted it', facts({ tokens: [token({ origin: 'adopted', name: 'Pricing' })] }), 'not-minted-by-us'],
    ['when we have found it to be foreign', facts({}, [own('token.foreign')]), 'not-minted-by-us'],
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
    ['when the state has forgotten it, and the trail says so', facts({}, [own('token.minted'), own('token.revoking')])],
    ['when the trail has its end', facts({}, [own('token.revoking'), own('token.revoked')])],
  ])('was revoked by us %s', (_, known) => {
    expect(attribute(event, known)).toMatchObject({
      actor: 'paddlewheel',
      reason: 'revoked-by-us',
      rotationId: ROTATION,
      touchesHeldToken: false,
    });
  });

  test('bears who asked for it, when the trail knows', () => {
    const known = facts({ tokens: [token({ status: 'revoking' })] }, [own('token.revoking')]);
    expect(attribute(event, known)).toMatchObject({ trigger: 'emergency', requestedBy: 'ada' });
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
    ['when the trail says that we spared it', facts({}, [own('token.revoking'), own('token.spared')])],
    ['when the trail says that it was lost', facts({}, [own('token.revoking'), own('token.lost')])],
    ['when the trail does not speak of it', facts({}, [own('token.published')])],
  ])('was revoked by somebody else, without an alarm, %s', (_, known) => {
    expect(attribute(event, known)).toMatchObject({ actor: 'external', touchesHeldToken: false });
  });

  test('was not revoked by us only because we once began to: the state decides', () => {
    const known = facts({ tokens: [token({ status: 'superseded' })] }, [own('token.revoking')]);
    expect(attribute(event, known)).toMatchObject({ actor: 'external', touchesHeldToken: true });
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
  [NAME, 'pricing-page'],
  [`a · b · ${ROTATION}`, 'a · b'],
  ['Pricing page', undefined],
  ['pricing-page ·', undefined],
  [` · ${ROTATION}`, undefined],
  [undefined, undefined],
])('the name %p speaks of the integration %p', (name, integration) => {
  expect(integrationInName(name)).toBe(integration);
});
