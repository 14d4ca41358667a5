import type { IntegrationConfig, IntegrationState } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { decide, policies } from '../../lambdas/rotation/decide.ts';
import { anIntegration, START } from '../builders/integration.ts';
import { aRetry, aRotation, aState, aToken, NOW, superseded } from '../builders/state.ts';

function decided(state: Partial<IntegrationState>, config: Partial<IntegrationConfig> = {}, recheck: string[] = []) {
  return decide({
    now: NOW,
    runId: 'me',
    config: anIntegration(config),
    state: aState(state),
    recheck,
  });
}
const due = { schedule: { every: DAY } };
const hold = { reason: 'x', message: 'x', since: START, attempts: 1 };

describe('the decision, by what is the case', () => {
  test.each<[string, Partial<IntegrationState>, Partial<IntegrationConfig>, string, string]>([
    ['nothing is due', {}, {}, 'wait', 'targets_check'],
    ['no token yet', { tokens: [] }, {}, 'intend', 'first'],
    ['no token yet, one to adopt', { tokens: [] }, { adopt: 'ctkn_a' }, 'intend', 'adopt'],
    ['the schedule is due', {}, due, 'intend', 'scheduled'],
    ['due but unmanaged', {}, { ...due, managed: false }, 'wait', 'unmanaged'],
    ['due but paused', { pause: { since: START } }, due, 'wait', 'paused'],
    ['intended by this run', { rotation: aRotation() }, {}, 'mint', 'mint'],
    ['intended by another run', { rotation: aRotation({ clearedBy: 'other' }) }, {}, 'find', 'mint_unknown'],
    [
      'intended, certainly not posted',
      { rotation: aRotation({ clearedBy: undefined, mayHavePosted: false }) },
      {},
      'clear',
      'mint_retry',
    ],
    ['in retry until later', { rotation: aRotation(), retry: aRetry(later(NOW, MINUTE)) }, {}, 'wait', 'down'],
    ['minted by this run', { rotation: aRotation({ phase: 'minted', tokenId: 'ctkn_n' }) }, {}, 'publish', 'publish'],
    [
      'minted by another run',
      { rotation: aRotation({ phase: 'minted', tokenId: 'ctkn_n', clearedBy: 'other' }) },
      {},
      'verify',
      'verify',
    ],
    ['adopting', { rotation: aRotation({ source: { kind: 'adopt', tokenId: 'ctkn_a' } }) }, {}, 'verify', 'verify'],
    [
      'a first adoption no longer wanted',
      { rotation: aRotation({ trigger: 'first', source: { kind: 'adopt', tokenId: 'ctkn_a' } }) },
      {},
      'abandon',
      'configuration_changed',
    ],
    ['a grace window is over', { tokens: [superseded(), aToken()] }, {}, 'prove', 'due'],
    ['a grace window runs', { tokens: [superseded({ revokeAfter: later(NOW, HOUR) }), aToken()] }, {}, 'wait', 'grace'],
    [
      'held until later',
      { tokens: [superseded({ hold: { ...hold, nextCheckAt: later(NOW, HOUR) } }), aToken()] },
      {},
      'wait',
      'x',
    ],
    [
      'held by a person',
      { tokens: [superseded({ manualHold: { reason: 'x', since: START } }), aToken()] },
      {},
      'wait',
      'targets_check',
    ],
    [
      'grace that waits for the deployment',
      { tokens: [superseded({ revokeAfter: undefined }), aToken()] },
      {},
      'check-deployed',
      'awaiting_deployment',
    ],
    [
      'revoking, decided by this run',
      { tokens: [superseded({ status: 'revoking', revokingBy: 'me', revokingSince: NOW }), aToken()] },
      {},
      'revoke',
      'proved',
    ],
    [
      'revoking, decided by another run',
      { tokens: [superseded({ status: 'revoking', revokingBy: 'other', revokingSince: NOW }), aToken()] },
      {},
      'confirm',
      'interrupted',
    ],
    [
      'superseded, but coming back',
      {
        tokens: [superseded(), aToken()],
        rotation: aRotation({ source: { kind: 'rollback', tokenId: 'ctkn_old' } }),
        retry: aRetry(later(NOW, MINUTE)),
      },
      {},
      'wait',
      'down',
    ],
    [
      'the current token was lost',
      { tokens: [aToken({ status: 'revoked', revokedBy: 'external', revokedAt: START })] },
      {},
      'intend',
      'current_lost',
    ],
    [
      'lost again and again',
      {
        tokens: [1, 2, 3].map((n) =>
          aToken({ id: `ctkn_${n}`, status: 'revoked', revokedBy: 'external', revokedAt: NOW }),
        ),
      },
      {},
      'wait',
      'revoked_again_and_again',
    ],
    [
      'a repair is due',
      { repair: { id: 'r', reason: 'x', since: NOW, attempts: 0, nextAttemptAt: NOW } },
      {},
      'restore',
      'targets_differ',
    ],
    [
      'the targets were last read a day ago',
      { targetsCheckedAt: later(NOW, -DAY) },
      {},
      'check-targets',
      'targets_check',
    ],
    ['a sweep is due', { sweeps: [{ at: NOW, tokenName: 'n', rotationId: 'one' }] }, {}, 'sweep', 'sweep'],
  ])('%s', (_, state, config, kind, reason) => {
    const decision = decided(state, config);
    expect([decision.kind, decision.reason]).toEqual([kind, reason]);
    expect(decision.message).toMatch(/\w/);
  });

  test('a report is asked about: of ours, unless it is known to be revoked; of the others, whether it is a twin', () => {
    expect(decided({}, {}, ['ctkn_current']).kind).toBe('inspect');
    expect(decided({}, {}, ['ctkn_foreign']).kind).toBe('claim');
    const gone = superseded({ id: 'ctkn_gone', status: 'revoked' });
    expect(decided({ tokens: [gone, aToken()] }, {}, ['ctkn_gone']).kind).toBe('wait');
  });

  test('a report is asked about while paused, but nothing is claimed, and nothing is asked once unmanaged', () => {
    const pause = { since: START };
    expect(decided({ pause }, {}, ['ctkn_current']).kind).toBe('inspect');
    expect(decided({ pause }, {}, ['ctkn_foreign']).reason).toBe('paused');
    expect(decided({}, { managed: false }, ['ctkn_current']).reason).toBe('unmanaged');
  });

  test('an emergency is carried through a pause, and nothing else is', () => {
    const pause = { since: START };
    expect(decided({ pause, rotation: aRotation({ emergency: true }) }).kind).toBe('mint');
    const urgent = superseded({ emergency: { reason: 'leaked' } });
    expect(decided({ pause, tokens: [urgent, aToken()] }, due).kind).toBe('prove');
    const calm = superseded({ id: 'ctkn_calm' });
    expect(decided({ pause, tokens: [calm, aToken()] }, due).reason).toBe('paused');
  });
});

test('what an emergency condemned is ended before the evidence for others is gathered, which may take a run for each', () => {
  const others = Array.from({ length: 5 }, (_, n) => superseded({ id: `ctkn_${n}` }));
  const condemned = superseded({ id: 'ctkn_leaked', emergency: { reason: 'leaked' } });
  expect(decided({ tokens: [...others, condemned, aToken()] })).toMatchObject({
    kind: 'prove',
    tokenId: 'ctkn_leaked',
  });
  const later = { ...condemned, hold: { ...hold, nextCheckAt: '2099-01-01T00:00:00.000Z' } };
  expect(decided({ tokens: [...others, later, aToken()] })).toMatchObject({ kind: 'prove', tokenId: 'ctkn_0' });
});

describe('the order of the policies', () => {
  test('is what the design says: the current token first, destruction late', () => {
    expect(policies.map(([name]) => name)).toEqual([
      'leave alone what is no longer managed',
      'end a pause whose time is over',
      'inspect what is said to have changed',
      'stand still while paused',
      'follow the configured targets',
      'restore the targets',
      'progress the rotation under way',
      'start a rotation that is due',
      'watch what is served',
      'watch the targets',
      'retire superseded tokens',
      'sweep for late twins',
      'claim late twins that somebody else has found',
      'ask again about tokens that only bear our name',
    ]);
  });

  test('with everything due at once, each policy comes before the next', () => {
    const everything: Partial<IntegrationState> = {
      tokens: [superseded(), aToken()],
      sweeps: [{ at: NOW, tokenName: 'n', rotationId: 'one' }],
      repair: { id: 'r', reason: 'x', since: NOW, attempts: 0, nextAttemptAt: NOW },
      rotation: aRotation(),
    };
    expect(decided(everything, due, ['ctkn_old']).kind).toBe('inspect');
    expect(decided({ ...everything, publishedTo: [] }, due).kind).toBe('retarget');
    expect(decided(everything, due).kind).toBe('restore');
    expect(decided({ ...everything, repair: undefined }, due).kind).toBe('mint');
    expect(decided({ ...everything, repair: undefined, rotation: undefined }, due).kind).toBe('intend');
    const watch = { tokens: [], nextAt: NOW };
    const calm = { ...everything, repair: undefined, rotation: undefined };
    expect(decided({ ...calm, watch }, due).kind).toBe('intend');
    expect(decided({ ...calm, watch }).kind).toBe('watch');
    expect(decided({ ...calm, watch, pause: { since: NOW } }).kind).toBe('watch');
    expect(decided(calm).kind).toBe('prove');
    expect(decided({ ...everything, repair: undefined, rotation: undefined, tokens: [aToken()] }).kind).toBe('sweep');
  });
});
