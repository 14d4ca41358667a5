/** Mints in doubt: what is searched for, what is taken for ours, and how much of it at once. Pure. */
import type { IntegrationState, PaddleToken, Sweep, UnclaimedToken } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE, SECOND } from '../../lambdas/domain/time.ts';
import type { Decision, DecisionKind } from '../../lambdas/rotation/decision.ts';
import type { Failure, Outcome } from '../../lambdas/rotation/outcome.ts';
import { apply, withoutClaims } from '../../lambdas/rotation/transitions.ts';
import { START } from '../builders/integration.ts';
import { aContext, aRetry, aRotation, aState, aToken, NOW, superseded } from '../builders/state.ts';

const OURS = '01JKB92MP7V4RFG8X3Q5WZ7BNA';
const NAME = `pricing-page · ${OURS}`;
const answered = (id: string, changes: Partial<PaddleToken> = {}): PaddleToken => ({
  ...{ id, token: `test_${id}`, name: NAME, status: 'active', createdAt: START },
  ...changes,
});
const many = (count: number) => Array.from({ length: count }, (_, n) => answered(`ctkn_${String(n).padStart(3, '0')}`));
const rotation = aRotation({ rotationId: OURS, tokenName: NAME, intendedAt: START });
const sweep = (changes: Partial<Sweep> = {}): Sweep => ({ at: NOW, tokenName: NAME, rotationId: OURS, ...changes });
const orphan = (id: string) => superseded({ id, status: 'orphan' });

function outcome(kind: DecisionKind, of: Outcome, state: Partial<IntegrationState>, tokenId = 'ctkn_x') {
  const change = apply(aState(state), { kind, tokenId, reason: 'x', message: 'x' } as Decision, of, aContext());
  const after = change?.state ?? aState(state);
  const orphans = after.tokens.filter(({ status }) => status === 'orphan').map(({ id }) => id);
  return { change, state: after, orphans, claimed: change?.claims.map(({ tokenId }) => tokenId) ?? [] };
}
const tokens = (...found: PaddleToken[]): Outcome => ({ kind: 'tokens', tokens: found });
const failed = (changes: Partial<Failure> = {}): Outcome => ({
  kind: 'failed',
  failure: { class: 'transient', code: 'down', message: 'down', ...changes },
});

describe('a mint that failed', () => {
  const posted = { rotation };

  test.each<[string, DecisionKind, Partial<Failure>, object, string]>([
    [
      'has posted nothing, when Paddle refused',
      'mint',
      {},
      { mayHavePosted: false, doubted: false },
      later(NOW, MINUTE),
    ],
    [
      'is in doubt without an answer',
      'mint',
      { class: 'ambiguous' },
      { mayHavePosted: true, doubted: true },
      later(NOW, 15 * SECOND),
    ],
    [
      'is in doubt still, when the search fails',
      'find',
      { class: 'ambiguous' },
      { mayHavePosted: true, doubted: false },
      later(NOW, MINUTE),
    ],
    ['waits as long as Paddle says', 'mint', { retryAt: Date.parse(NOW) + HOUR }, {}, later(NOW, HOUR)],
    ['waits a little, when that is over', 'mint', { retryAt: Date.parse(NOW) }, {}, later(NOW, MINUTE)],
  ])('%s', (_, kind, failure, expected, at) => {
    const { state } = outcome(kind, failed(failure), posted);
    expect(state.rotation).toMatchObject({ ...expected, clearedBy: undefined });
    expect(state.retry).toMatchObject({ step: kind, attempts: 1, since: NOW, nextAttemptAt: at });
  });

  test('waits twice as long each time, up to an hour, for as long as it is the same step that fails', () => {
    const again = (step: string, attempts: number, kind: DecisionKind = 'mint') =>
      outcome(kind, failed(), { rotation, retry: aRetry(NOW, { step, attempts }) }).state.retry;
    expect(again('mint', 1)).toMatchObject({ attempts: 2, since: START, nextAttemptAt: later(NOW, 2 * MINUTE) });
    expect(again('mint', 9)).toMatchObject({ attempts: 10, nextAttemptAt: later(NOW, HOUR) });
    expect(again('find', 9)).toMatchObject({ attempts: 1, nextAttemptAt: later(NOW, MINUTE) });
    expect(again('verify', 1, 'publish')).toMatchObject({ attempts: 2, nextAttemptAt: later(NOW, 2 * MINUTE) });
  });

  test('is told of once per cause, of twenty causes at most', () => {
    const told = (causes: string[]) => outcome('mint', failed(), { rotation, retry: aRetry(NOW, { told: causes }) });
    const causes = (count: number) => Array.from({ length: count }, (_, n) => `mint ${n}`);
    expect(told([]).change?.records).toHaveLength(1);
    expect(outcome('mint', failed(), { rotation }).state.retry?.told).toEqual(['mint down']);
    expect(told(['mint down']).change?.records).toEqual([]);
    expect(told(['find down']).state.retry?.told).toEqual(['find down', 'mint down']);
    expect(told(causes(19)).change?.records).toHaveLength(1);
    expect(told(causes(20)).change?.records).toEqual([]);
    expect(told(causes(20)).state.retry?.told).toEqual([...causes(20).slice(1), 'mint down']);
    expect(told(['mint down']).state.retry?.told).toEqual(['mint down']);
  });
});

test('the right to post is taken as one that may have posted: whoever comes after must search', () => {
  const refused = { ...rotation, clearedBy: undefined, mayHavePosted: false };
  expect(outcome('clear', { kind: 'done' }, { rotation: refused }).state.rotation).toMatchObject({
    ...{ clearedBy: 'me', mayHavePosted: true },
  });
});

test('a token that was minted is ours, for the rotation that asked for it', () => {
  const { state } = outcome('mint', { kind: 'token', token: answered('ctkn_a') }, { rotation });
  expect(state.tokens.at(-1)).toMatchObject({ id: 'ctkn_a', origin: 'minted', status: 'minted', rotationId: OURS });
  expect(state.rotation).toMatchObject({ phase: 'minted', tokenId: 'ctkn_a', clearedBy: 'me' });
});

describe('the search for a mint', () => {
  const doubted = { ...rotation, doubted: true };

  test('that finds nothing is repeated; after the third time the right to post is taken, as one that may have posted', () => {
    const first = outcome('find', tokens(), { rotation }).state;
    expect(first.rotation).toMatchObject({ emptyLists: 1, doubted: true, clearedBy: undefined });
    expect(first.retry).toMatchObject({ step: 'find', code: 'mint_unknown', nextAttemptAt: later(NOW, 15 * SECOND) });
    const second = outcome('find', tokens(), { rotation: { ...doubted, emptyLists: 1 } }).state;
    expect(second.retry?.nextAttemptAt).toBe(later(NOW, 30 * SECOND));
    const third = outcome('find', tokens(), { rotation: { ...doubted, emptyLists: 2, clearedBy: undefined } }).state;
    expect(third.rotation).toMatchObject({ emptyLists: 0, rounds: 1, clearedBy: 'me', mayHavePosted: true });
    expect(third.retry).toBeUndefined();
    const next = outcome('find', tokens(), { rotation: { ...doubted, emptyLists: 2, rounds: 3 } }).state;
    expect(next.rotation?.rounds).toBe(4);
    const slower = outcome('find', tokens(), { rotation: { ...doubted, rounds: 1 } }).state;
    expect(slower.retry?.nextAttemptAt).toBe(later(NOW, MINUTE));
  });

  test('takes the oldest active one; the others are orphans, and late ones are searched for twice', () => {
    const found = [
      answered('ctkn_c'),
      answered('ctkn_a', { status: 'revoked' }),
      answered('ctkn_b'),
      answered('ctkn_d'),
    ];
    const { state, orphans, claimed } = outcome('find', tokens(...found), { rotation });
    expect(state.rotation).toMatchObject({ phase: 'minted', tokenId: 'ctkn_b' });
    expect(orphans).toEqual(['ctkn_c', 'ctkn_d']);
    expect(claimed).toEqual(['ctkn_b', 'ctkn_c', 'ctkn_d']);
    expect(state.sweeps).toEqual([10 * MINUTE, DAY].map((ms) => sweep({ at: later(NOW, ms), since: START })));
  });

  test.each([
    [41, 0],
    [40, 0],
    [39, 0],
  ])('takes forty at once, and looks for the rest at once (%i)', (count) => {
    const { orphans, claimed, state } = outcome('find', tokens(...many(count)), { rotation });
    expect(claimed).toHaveLength(Math.min(40, count));
    expect(orphans).toHaveLength(Math.min(39, count - 1));
    const rest = count > 40 ? [sweep({ since: START })] : [];
    expect(state.sweeps.slice(0, -2)).toEqual(rest);
  });

  test('that finds only revoked ones begins again under another name', () => {
    const { state } = outcome('find', tokens(answered('ctkn_a', { status: 'revoked' })), { rotation });
    expect(state.rotation).toMatchObject({ rotationId: 'id-1', phase: 'intended', doubted: false });
    expect(state.sweeps).toHaveLength(2);
  });

  test('a mint that was never in doubt has no twins', () => {
    const clean = outcome('mint', { kind: 'token', token: answered('ctkn_a') }, { rotation }).state;
    expect(clean.sweeps).toEqual([]);
    const dubious = outcome('mint', { kind: 'token', token: answered('ctkn_a') }, { rotation: doubted }).state;
    expect(dubious.sweeps).toHaveLength(2);
  });
});

describe('the search for late twins', () => {
  test('takes active ones of the name as orphans, with a quarantine; what is known, revoked or named otherwise is left', () => {
    const twins = [
      answered('ctkn_a'),
      answered('ctkn_b', { status: 'revoked' }),
      answered('ctkn_c', { name: 'x' }),
      answered('ctkn_old'),
    ];
    const state = { sweeps: [sweep()], tokens: [superseded(), aToken()] };
    const { change, orphans, claimed, state: after } = outcome('sweep', tokens(...twins), state);
    expect([orphans, claimed]).toEqual([['ctkn_a'], ['ctkn_a']]);
    expect(after.tokens.at(-1)).toMatchObject({ origin: 'minted', rotationId: OURS, revokeAfter: later(NOW, HOUR) });
    expect(after.tokens.at(-1)?.publishedAt).toBeUndefined();
    expect(change?.records).toEqual([
      expect.objectContaining({ type: 'token.orphaned', tokenId: 'ctkn_a', rotationId: OURS }),
    ]);
    expect(after.sweeps).toEqual([]);
  });

  test('that are not due stay, whatever was found', () => {
    const other = sweep({ at: later(NOW, SECOND), tokenName: 'pricing-page · other' });
    const { state, orphans } = outcome('sweep', tokens(answered('ctkn_a', { name: other.tokenName })), {
      sweeps: [sweep(), other],
    });
    expect(state.sweeps).toEqual([other]);
    expect(orphans).toEqual([]);
  });

  test('goes on at once when one write was too small', () => {
    const { state, orphans } = outcome('sweep', tokens(...many(41)), { sweeps: [sweep()] });
    expect(orphans).toHaveLength(40);
    expect(state.sweeps).toEqual([sweep()]);
    expect(outcome('sweep', tokens(...many(40)), { sweeps: [sweep()] }).state.sweeps).toEqual([]);
  });

  test('of a second name, for which this write has no room any more, goes on at once, too', () => {
    const other = sweep({ tokenName: 'pricing-page · other', rotationId: 'other' });
    const found = tokens(...many(40), answered('ctkn_x', { name: other.tokenName }));
    const { state, orphans } = outcome('sweep', found, { sweeps: [sweep(), other] });
    expect(orphans).toHaveLength(40);
    expect(state.sweeps).toEqual([other]);
  });

  test('waits when the state has no room for more than two hundred', () => {
    const full = Array.from({ length: 200 }, (_, n) => orphan(`ctkn_o${n}`));
    const none = outcome('sweep', tokens(answered('ctkn_a')), { sweeps: [sweep()], tokens: [...full, aToken()] });
    expect(none.claimed).toEqual([]);
    expect(none.state.sweeps).toEqual([sweep({ attempts: 1, at: later(NOW, 5 * MINUTE) })]);
    const one = outcome('sweep', tokens(...many(2)), { sweeps: [sweep()], tokens: [...full.slice(1), aToken()] });
    expect(one.claimed).toHaveLength(1);
    expect(one.state.sweeps).toEqual([sweep()]);
    const more = Array.from({ length: 210 }, (_, n) => orphan(`ctkn_o${n}`));
    expect(outcome('sweep', tokens(answered('ctkn_a')), { sweeps: [sweep()], tokens: more }).claimed).toEqual([]);
  });

  test('that failed is repeated ever more rarely', () => {
    const due = [sweep(), sweep({ attempts: 1 }), sweep({ attempts: 8 }), sweep({ at: later(NOW, SECOND) })];
    expect(outcome('sweep', failed(), { sweeps: due }).state.sweeps).toEqual([
      sweep({ attempts: 1, at: later(NOW, 5 * MINUTE) }),
      sweep({ attempts: 2, at: later(NOW, 10 * MINUTE) }),
      sweep({ attempts: 9, at: later(NOW, HOUR) }),
      sweep({ at: later(NOW, SECOND) }),
    ]);
  });
});

describe('a token that bears our name', () => {
  const entry: UnclaimedToken = {
    ...{ id: 'ctkn_x', value: 'test_ctkn_x', name: NAME, rotationId: OURS, createdAt: START },
    ...{ provenance: 'none', since: START, nextCheckAt: NOW },
  };
  const other = { ...entry, id: 'ctkn_y' };
  const listed = { unclaimed: [entry, other] };
  const said = (
    provenance: 'intended' | 'known' | 'none',
    token: PaddleToken | undefined = answered('ctkn_x'),
  ): Outcome => ({
    ...{ kind: 'unclaimed', provenance, token },
  });

  test('is a twin if our records speak of its rotation, and of no token', () => {
    const { orphans, state } = outcome('claim', said('intended'), {});
    expect(orphans).toEqual(['ctkn_x']);
    expect(state.tokens.at(-1)?.rotationId).toBe(OURS);
  });

  test.each(['known', 'none'] as const)('is listed and left alone otherwise (%s)', (provenance) => {
    const { state, change, orphans } = outcome('claim', said(provenance), { unclaimed: [other] });
    expect(orphans).toEqual([]);
    expect(state.unclaimed).toEqual([other, { ...entry, provenance, since: NOW, nextCheckAt: later(NOW, DAY) }]);
    expect(change?.records).toEqual([
      expect.objectContaining({
        type: 'token.unclaimed',
        reason: provenance,
        details: { tokenId: 'ctkn_x', name: NAME },
      }),
    ]);
    expect(change?.records[0]?.tokenId).toBeUndefined();
    expect(change?.records[0]?.message).toMatch(provenance === 'known' ? /was ours once/ : /no record of ours/);
  });

  test('is listed once, among twenty at most', () => {
    const again = outcome('claim', said('none'), listed);
    expect(again.state.unclaimed).toEqual([{ ...entry, nextCheckAt: later(NOW, DAY) }, other]);
    expect(again.change?.records).toEqual([]);
    const twenty = Array.from({ length: 20 }, (_, n) => ({ ...entry, id: `ctkn_${n}` }));
    expect(outcome('claim', said('none'), { unclaimed: twenty }).change).toBeUndefined();
    expect(outcome('claim', said('none'), { unclaimed: twenty.slice(1) }).state.unclaimed).toHaveLength(20);
  });

  test.each<[string, PaddleToken | undefined]>([
    ['gone', undefined],
    ['revoked', answered('ctkn_x', { status: 'revoked' })],
    ['renamed', answered('ctkn_x', { name: 'x' })],
    ['of another integration', answered('ctkn_x', { name: `other · ${OURS}` })],
  ])('leaves the list once it is %s', (_, token) => {
    const answer: Outcome = { kind: 'unclaimed', provenance: 'none', token };
    expect(outcome('claim', answer, listed).state.unclaimed).toEqual([other]);
    expect(outcome('claim', answer, { unclaimed: [other] }).change).toBeUndefined();
  });

  test('is left to the rotation under way that will find it, or adopts it', () => {
    const adopting = aRotation({ source: { kind: 'adopt', tokenId: 'ctkn_x' } });
    for (const under of [rotation, adopting]) {
      expect(outcome('claim', said('intended'), { rotation: under }).change).toBeUndefined();
      expect(outcome('claim', said('none'), { ...listed, rotation: under }).state.unclaimed?.[0]).toMatchObject({
        nextCheckAt: later(NOW, DAY),
      });
    }
    const another = aRotation({ source: { kind: 'adopt', tokenId: 'ctkn_z' } });
    expect(outcome('claim', said('intended'), { rotation: another }).orphans).toEqual(['ctkn_x']);
  });

  test('waits for room among the orphans', () => {
    const full = Array.from({ length: 200 }, (_, n) => orphan(`ctkn_o${n}`));
    expect(outcome('claim', said('intended'), { tokens: full }).change).toBeUndefined();
  });

  test('about which Paddle gives no answer is asked about an hour later, if that was due', () => {
    expect(outcome('claim', failed(), listed).state.unclaimed).toEqual([
      { ...entry, nextCheckAt: later(NOW, HOUR) },
      other,
    ]);
    const early = { unclaimed: [{ ...entry, nextCheckAt: later(NOW, SECOND) }, other] };
    expect(outcome('claim', failed(), early).change).toBeUndefined();
    expect(outcome('claim', failed(), {}).change).toBeUndefined();
  });
});

describe('a token that belongs to another integration', () => {
  const taken = [{ tokenId: 'ctkn_a', message: 'ctkn_a belongs to other' }];
  const without = (kind: DecisionKind, of: Outcome, state: Partial<IntegrationState>) =>
    withoutClaims(
      aState(state),
      { kind, tokenId: 'ctkn_a', reason: 'x', message: 'x' } as Decision,
      of,
      taken,
      aContext(),
    );
  const both = tokens(answered('ctkn_a'), answered('ctkn_b'));

  test('is no twin of ours; the others are', () => {
    expect(without('sweep', both, { sweeps: [sweep()] }).claims.map(({ tokenId }) => tokenId)).toEqual(['ctkn_b']);
    expect(without('find', both, { rotation }).state.rotation).toMatchObject({ phase: 'minted', tokenId: 'ctkn_b' });
  });

  test('minted leaves the mint in doubt, and is not minted again at once', () => {
    const { state } = without('mint', { kind: 'token', token: answered('ctkn_a') }, { rotation });
    expect(state.rotation).toMatchObject({ phase: 'intended', mayHavePosted: true, clearedBy: undefined });
    expect(state.retry).toMatchObject({ code: 'token_taken', step: 'mint' });
  });

  test.each<[string, Outcome]>([
    ['alone', tokens(answered('ctkn_a'))],
    ['beside a dead one', tokens(answered('ctkn_a'), answered('ctkn_b', { status: 'revoked' }))],
  ])(
    'found %s ends the doubt: the same wish under a fresh name, each time more slowly, and its twins are swept for',
    (_, of) => {
      const { state, records } = without('find', of, { rotation: { ...rotation, rounds: 2 } });
      const { tokenName, rotationId, trigger, source } = rotation;
      expect(state.rotation).toMatchObject({ phase: 'intended', trigger, source, rounds: 3 });
      expect(state.rotation?.rotationId).not.toBe(rotationId);
      expect(state.sweeps.map((each) => each.tokenName)).toEqual([tokenName, tokenName]);
      expect(records.map(({ type }) => type)).toEqual(['rotation.abandoned', 'rotation.intended']);
    },
  );

  test('ends an adoption, but for the first one, which a person must mend', () => {
    const adopting = aRotation({ trigger: 'adopt', source: { kind: 'adopt', tokenId: 'ctkn_a' } });
    const of: Outcome = { kind: 'token', token: answered('ctkn_a') };
    expect(without('verify', of, { rotation: adopting }).state.rotation).toBeUndefined();
    const first = without('verify', of, { rotation: { ...adopting, trigger: 'first' } }).state;
    expect(first.retry).toMatchObject({ code: 'adopt_impossible', step: 'verify' });
    expect(without('claim', of, {}).records).toEqual([]);
  });
});
