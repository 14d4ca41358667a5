/** What the audit trail is told of each transition: exactly one record per change, by whom, why, and about what. Pure. */
import type { IntegrationState, PaddleToken } from '../../lambdas/domain/model.ts';
import { HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import type { Context } from '../../lambdas/rotation/change.ts';
import type { Decision, DecisionKind } from '../../lambdas/rotation/decision.ts';
import type { Outcome } from '../../lambdas/rotation/outcome.ts';
import { apply } from '../../lambdas/rotation/transitions.ts';
import { START } from '../builders/integration.ts';
import { aContext, aRetry, aRotation, aState, aToken, NOW, superseded } from '../builders/state.ts';

const by = { trigger: 'manual', requestedBy: 'ana', reason: 'audit' } as const;
const rotation = aRotation(by);
const asked = { rotationId: 'two', ...by };
const minting = aRotation({ ...by, phase: 'minted', tokenId: 'ctkn_new' });
const fresh = aToken({
  id: 'ctkn_new',
  value: 'test_new',
  name: 'pricing-page · two',
  rotationId: 'two',
  status: 'minted',
});
const adopting = aRotation({ ...by, trigger: 'adopt', source: { kind: 'adopt', tokenId: 'ctkn_new' } });

const answered = (id: string, changes: Partial<PaddleToken> = {}): PaddleToken => ({
  ...{ id, token: `test_${id}`, name: 'pricing-page · two', status: 'active', createdAt: START, requestId: 'req' },
  ...changes,
});
const gone = (id: string) => answered(id, { status: 'revoked', revokedAt: NOW });
const token = (answer?: PaddleToken): Outcome => ({ kind: 'token', token: answer });
const failed: Outcome = { kind: 'failed', failure: { class: 'transient', code: 'down', message: 'down' } };
const published: Outcome = { kind: 'published', targets: ['ssm:a', 'secret:b'] };
const done: Outcome = { kind: 'done' };
const evidence = (satisfied: boolean, more: object = {}) => ({
  kind: 'evidence' as const,
  evidence: { satisfied, gatheredAt: NOW, items: [{ kind: 'usage' as const, satisfied, reason: 'y', message: 'y' }] },
  ...more,
});

interface Told {
  readonly type: string;
  readonly [field: string]: unknown;
}

function told(
  decision: { kind: DecisionKind; tokenId?: string; [more: string]: unknown },
  outcome: Outcome,
  state: Partial<IntegrationState> = {},
  context: Context = aContext(),
) {
  const change = apply(aState(state), { reason: 'x', message: 'x', ...decision } as Decision, outcome, context);
  const records = (change?.records ?? []).map(({ message, ...record }) => {
    expect(message).toMatch(/\w/);
    return JSON.parse(JSON.stringify(record)) as Told;
  });
  return { state: change?.state ?? aState(state), records, claims: change?.claims ?? [] };
}

const delayed = (step: string, at: string, more: object = {}) => ({
  ...{ type: 'rotation.delayed', ...asked, reason: 'down', details: { step, code: 'down', nextAttemptAt: at } },
  ...more,
});
const revoking = superseded({ status: 'revoking', revokingSince: later(NOW, -MINUTE), revokingFrom: 'superseded' });
const emergency = { reason: 'leaked', requestedBy: 'ben' };

describe('a rotation', () => {
  test.each<[string, Parameters<typeof told>, Told[]]>([
    [
      'that begins',
      [{ kind: 'intend', trigger: 'heal', source: { kind: 'mint' }, why: 'lost' }, done],
      [
        {
          ...{ type: 'rotation.intended', rotationId: 'id-1', trigger: 'heal', reason: 'lost' },
          details: { source: { kind: 'mint' }, emergency: false, tokenName: 'pricing-page · id-1' },
        },
      ],
    ],
    ['that cannot begin', [{ kind: 'report-crowded' }, done], [{ type: 'integration.crowded', reason: 'crowded' }]],
    ['whose right to post is taken', [{ kind: 'clear' }, done, { rotation }], []],
    [
      'that minted',
      [{ kind: 'mint' }, token(answered('ctkn_new')), { rotation }],
      [{ type: 'token.minted', tokenId: 'ctkn_new', details: { requestId: 'req' }, ...asked }],
    ],
    [
      'that minted after it had waited',
      [{ kind: 'mint' }, token(answered('ctkn_new')), { rotation, retry: aRetry(NOW, { attempts: 3 }) }],
      [
        { type: 'token.minted', tokenId: 'ctkn_new', details: { requestId: 'req' }, ...asked },
        {
          type: 'rotation.recovered',
          ...asked,
          tokenId: 'ctkn_new',
          details: { step: 'mint', since: START, attempts: 3 },
        },
      ],
    ],
    ['that failed to mint', [{ kind: 'mint' }, failed, { rotation }], [delayed('mint', later(NOW, MINUTE))]],
    [
      'that failed to publish',
      [{ kind: 'publish', tokenId: 'ctkn_new' }, failed, { rotation: minting, tokens: [aToken(), fresh] }],
      [delayed('publish', later(NOW, MINUTE), { tokenId: 'ctkn_new' })],
    ],
    [
      'that took over a token',
      [{ kind: 'verify', tokenId: 'ctkn_new' }, token(answered('ctkn_new')), { rotation: adopting }],
      [{ type: 'token.adopted', tokenId: 'ctkn_new', ...asked, trigger: 'adopt' }],
    ],
    [
      'that published',
      [{ kind: 'publish', tokenId: 'ctkn_new' }, published, { rotation: minting, tokens: [aToken(), fresh] }],
      [
        { type: 'token.published', tokenId: 'ctkn_new', details: { targets: ['ssm:a', 'secret:b'] }, ...asked },
        {
          ...{ type: 'token.superseded', tokenId: 'ctkn_current', ...asked },
          details: { by: 'ctkn_new', revokeAfter: later(NOW, 48 * HOUR) },
        },
      ],
    ],
    ['that is abandoned', [{ kind: 'abandon' }, done, { rotation }], [{ type: 'rotation.abandoned', ...asked }]],
    [
      'that is abandoned with a token taken over',
      [
        { kind: 'abandon' },
        done,
        { rotation: { ...adopting, phase: 'minted', tokenId: 'ctkn_new' }, tokens: [aToken(), fresh] },
      ],
      [
        { type: 'rotation.abandoned', ...asked, trigger: 'adopt' },
        { type: 'token.adoption-abandoned', tokenId: 'ctkn_new', ...asked, trigger: 'adopt' },
        { type: 'token.reappeared', tokenId: 'ctkn_new', rotationId: 'two', details: { status: 'orphan' } },
      ],
    ],
    [
      'whose token was lost before it was published',
      [
        { kind: 'verify', tokenId: 'ctkn_new' },
        token(gone('ctkn_new')),
        { rotation: minting, tokens: [aToken(), fresh] },
      ],
      [
        { type: 'token.lost', tokenId: 'ctkn_new', rotationId: 'two', details: { was: 'minted' } },
        { type: 'rotation.abandoned', ...asked },
        {
          ...{ type: 'rotation.intended', ...asked, rotationId: 'id-2' },
          details: { source: { kind: 'mint' }, emergency: false, tokenName: 'pricing-page · id-2' },
        },
      ],
    ],
  ])('%s', (_, given, records) => {
    expect(told(...given).records).toEqual(records);
  });

  test('that published the first token, or the current one again, supersedes nothing', () => {
    const first = told({ kind: 'publish', tokenId: 'ctkn_new' }, published, { rotation: minting, tokens: [fresh] });
    expect(first.records.map(({ type }) => type)).toEqual(['token.published']);
    const again = { rotation: { ...minting, tokenId: 'ctkn_current' } };
    const same = told({ kind: 'publish', tokenId: 'ctkn_current' }, published, again);
    expect(same.records.map(({ type }) => type)).toEqual(['token.published']);
    expect(same.state.tokens).toEqual([expect.objectContaining({ id: 'ctkn_current', status: 'current' })]);
  });

  test('says nothing of a hold that it does not touch, and an emergency without a reason is one all the same', () => {
    const manualHold = { reason: 'app in the store', since: START };
    const calm = { rotation: minting, tokens: [aToken({ manualHold }), fresh] };
    const { records } = told({ kind: 'publish', tokenId: 'ctkn_new' }, published, calm);
    expect(records.map(({ type }) => type)).toEqual(['token.published', 'token.superseded']);
    const urgent = (reason?: string) =>
      told({ kind: 'publish', tokenId: 'ctkn_new' }, published, {
        ...{ rotation: { ...minting, emergency: true, reason }, tokens: [aToken(), fresh] },
      }).state.tokens[0]?.emergency?.reason;
    expect([urgent('leaked'), urgent()]).toEqual(['leaked', 'emergency']);
  });

  test('of an emergency says that a held token is not revoked', () => {
    const manualHold = { reason: 'app in the store', requestedBy: 'eve', since: START };
    const urgent = { ...minting, emergency: true };
    const { records } = told({ kind: 'publish', tokenId: 'ctkn_new' }, published, {
      rotation: urgent,
      tokens: [aToken({ manualHold }), fresh],
    });
    expect(records.map(({ type, reason }) => [type, reason])).toEqual([
      ['token.published', 'audit'],
      ['token.superseded', 'audit'],
      ['token.held', 'manual_hold'],
    ]);
  });
});

describe('a token on its way out', () => {
  const { items, ...gathered } = evidence(true).evidence;
  const about = { tokenId: 'ctkn_old', rotationId: 'one' };
  const tokens = [superseded(), aToken()];
  const condemned = superseded({ ...revoking, emergency });

  test.each<[string, Parameters<typeof told>, Told[]]>([
    [
      'that is not seen deployed',
      [
        { kind: 'check-deployed', tokenId: 'ctkn_old' },
        { kind: 'deployment', usage: [] },
        { tokens },
        aContext({ graceFrom: 'deployed' }),
      ],
      [{ type: 'token.held', ...about, reason: 'awaiting_deployment', details: { nextCheckAt: later(NOW, HOUR) } }],
    ],
    [
      'that need not be seen deployed any more',
      [{ kind: 'check-deployed', tokenId: 'ctkn_old' }, { kind: 'deployment', usage: [] }, { tokens }],
      [{ type: 'token.superseded', ...about, details: { revokeAfter: later(NOW, 48 * HOUR) } }],
    ],
    [
      'whose successor is',
      [{ kind: 'check-deployed', tokenId: 'ctkn_old' }, { kind: 'deployment', usage: [], deployedAt: NOW }, { tokens }],
      [{ type: 'token.deployed', tokenId: 'ctkn_current', details: { revokeAfter: later(NOW, 48 * HOUR) } }],
    ],
    [
      'that is proved',
      [{ kind: 'prove', tokenId: 'ctkn_old' }, evidence(true), { tokens: [superseded({ emergency }), aToken()] }],
      [
        {
          ...{ type: 'token.revoking', ...about, reason: 'leaked', requestedBy: 'ben' },
          details: { evidence: { ...gathered, items }, revokeAfter: NOW },
        },
      ],
    ],
    [
      'that is not proved',
      [{ kind: 'prove', tokenId: 'ctkn_old' }, evidence(false), { tokens }],
      [
        {
          ...{ type: 'token.held', ...about, reason: 'y' },
          details: { nextCheckAt: later(NOW, 5 * MINUTE), evidence: evidence(false).evidence },
        },
      ],
    ],
    [
      'that is not proved, because the current one is lost',
      [{ kind: 'prove', tokenId: 'ctkn_old' }, evidence(false, { currentLost: true }), { tokens }],
      [
        expect.objectContaining({ type: 'token.held' }),
        { type: 'token.lost', tokenId: 'ctkn_current', rotationId: 'one', details: { was: 'current' } },
      ],
    ],
    [
      'about which a question failed',
      [{ kind: 'prove', tokenId: 'ctkn_old' }, failed, { tokens }],
      [{ type: 'token.held', ...about, reason: 'down', details: { nextCheckAt: later(NOW, MINUTE) } }],
    ],
    [
      'that is revoked',
      [{ kind: 'revoke', tokenId: 'ctkn_old' }, token(gone('ctkn_old')), { tokens: [condemned, aToken()] }],
      [
        {
          ...{ type: 'token.revoked', ...about, reason: 'leaked', requestedBy: 'ben' },
          details: { revokedAt: NOW, requestId: 'req' },
        },
      ],
    ],
    [
      'whose revocation had no effect',
      [{ kind: 'confirm', tokenId: 'ctkn_old' }, token(answered('ctkn_old')), { tokens: [revoking, aToken()] }],
      [{ type: 'token.revocation-interrupted', ...about, details: { failures: 1 } }],
    ],
    [
      'whose revocation had no effect for the fifth time',
      [
        { kind: 'confirm', tokenId: 'ctkn_old' },
        token(answered('ctkn_old')),
        { tokens: [{ ...revoking, failures: 4 }, aToken()] },
      ],
      [
        { type: 'token.revocation-interrupted', ...about, details: { failures: 5 } },
        { type: 'token.stuck', ...about, reason: 'interrupted' },
      ],
    ],
    [
      'whose revocation failed for the fifth time',
      [{ kind: 'revoke', tokenId: 'ctkn_old' }, failed, { tokens: [{ ...revoking, failures: 4 }, aToken()] }],
      [{ type: 'token.stuck', ...about, reason: 'down' }],
    ],
    [
      'that somebody else revoked',
      [{ kind: 'inspect', tokenId: 'ctkn_old' }, token(gone('ctkn_old')), { tokens }],
      [{ type: 'token.lost', ...about, details: { was: 'superseded' } }],
    ],
  ])('%s', (_, given, records) => {
    expect(told(...given).records).toEqual(records);
  });

  test('is told of once per reason', () => {
    const held = (reason: string) => {
      const hold = { reason, message: 'x', since: START, attempts: 3, nextCheckAt: NOW };
      return { tokens: [superseded({ hold }), aToken()] };
    };
    expect(told({ kind: 'prove', tokenId: 'ctkn_old' }, evidence(false), held('y')).records).toEqual([]);
    expect(told({ kind: 'prove', tokenId: 'ctkn_old' }, failed, held('down')).records).toEqual([]);
    const other = told({ kind: 'prove', tokenId: 'ctkn_old' }, failed, held('z'));
    expect(other.records.map(({ type }) => type)).toEqual(['token.held']);
    expect(other.state.tokens[0]?.hold).toMatchObject({ reason: 'down', since: START, attempts: 4 });
  });
});

describe('targets', () => {
  const repair = { id: 'r', reason: 'x', since: START, attempts: 0, nextAttemptAt: NOW };
  const restore = { kind: 'restore', tokenId: 'ctkn_current' } as const;
  const restored = {
    type: 'token.restored',
    tokenId: 'ctkn_current',
    reason: 'x',
    details: { targets: ['ssm:a', 'secret:b'] },
  };

  test.each<[string, Parameters<typeof told>, Told[]]>([
    ['that are restored', [restore, published, { repair }], [restored]],
    ['of which some are filled', [restore, published, { repair: { ...repair, only: ['ssm:a'] } }], [restored]],
    [
      'that cannot be restored',
      [restore, failed, { repair }],
      [
        {
          ...{ type: 'rotation.delayed', reason: 'down' },
          details: { step: 'restore', code: 'down', nextAttemptAt: later(NOW, MINUTE) },
        },
      ],
    ],
    ['that still cannot be restored', [restore, failed, { repair: { ...repair, attempts: 1 } }], []],
    [
      'that differ',
      [
        { kind: 'check-targets', tokenId: 'ctkn_current' },
        { kind: 'targets', differing: ['ssm:a'] },
      ],
      [{ type: 'token.drifted', tokenId: 'ctkn_current', details: { targets: ['ssm:a'], drift: 'restore' } }],
    ],
  ])('%s', (_, given, records) => {
    expect(told(...given).records).toEqual(records);
  });

  test('a repair of all settles what had drifted; one of some leaves it', () => {
    const drift = { targets: ['ssm:a'], since: START };
    const long = { targetsCheckedAt: START, drift };
    const all = told(restore, published, { ...long, repair }).state;
    expect(all).toMatchObject({ repair: undefined, drift: undefined, targetsCheckedAt: NOW });
    const some = told(restore, published, { ...long, repair: { ...repair, only: ['ssm:a'] } }).state;
    expect(some).toMatchObject({ repair: undefined, drift, targetsCheckedAt: START });
  });
});
