/** What keeps a token: missing evidence, scans that are not over, and failures. Pure. */
import type { EvidenceItem, Hold, IntegrationState, Token } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import type { DecisionKind } from '../../lambdas/rotation/decision.ts';
import type { Failure, Outcome } from '../../lambdas/rotation/outcome.ts';
import { anIntegration, START } from '../builders/integration.ts';
import { answered, evidence, failed, gone, hold, item, of, outcome } from '../builders/outcomes.ts';
import { aRetry, aRotation, aToken, NOW, readings, superseded } from '../builders/state.ts';

test('evidence that comes before the deadline revokes nothing; the deadline stands', () => {
  const early = superseded({ revokeAfter: later(NOW, DAY), hold: hold({ reason: 'former_target_holds' }) });
  const { old, types } = outcome('prove', evidence([item('a', true)]), { tokens: [early, aToken()] });
  expect(old).toMatchObject({ status: 'superseded', revokeAfter: later(NOW, DAY), hold: undefined });
  expect(types).toEqual([]);
});

test('a sighting at a former target is ended by the evidence, and not by the check of those that are configured', () => {
  const sighted = superseded({ servedAt: START, hold: hold({ reason: 'former_target_holds' }) });
  const state = { tokens: [sighted, aToken()] };
  const right = { kind: 'targets', differing: [], read: readings('test_current') } as Outcome;
  expect(outcome('check-targets', right, state).old?.servedUntil).toBeUndefined();
  expect(outcome('prove', evidence([item('a', true)]), state).old).toMatchObject({
    status: 'superseded',
    servedUntil: NOW,
  });
});

test('is seen gone by evidence that misses something else, too: its grace begins then, and not when all is there', () => {
  const targets = { ...item('targets_current', true), kind: 'targets' } as const;
  const seen = (token: Partial<Token>, more: object, ...items: EvidenceItem[]) =>
    outcome('prove', evidence(items, more), { tokens: [superseded(token), aToken()] });
  const full = { ...item('cap_reached'), kind: 'cap' } as const;
  expect(seen({ servedAt: START }, {}, targets, full).old).toMatchObject({
    servedUntil: NOW,
    hold: { reason: 'served_again' },
  });
  expect(seen({ servedAt: START }, {}, { ...targets, satisfied: false }, full).old?.servedUntil).toBeUndefined();
  expect(seen({}, {}, targets, full).old).toMatchObject({ hold: { reason: 'cap_reached' } });
  const lost = seen({ servedAt: START }, { currentLost: true }, item('current_revoked'), targets);
  expect([lost.old?.servedUntil, lost.types]).toEqual([NOW, ['token.lost']]);
});

describe('missing evidence', () => {
  test('holds for the first thing that is missing; scans that are not over are named only when nothing else is', () => {
    const reason = (...items: EvidenceItem[]) => outcome('prove', evidence(items)).old?.hold?.reason;
    expect(reason(item('a', true), item('b'), item('c'))).toBe('b');
    expect(reason(item('scans_in_progress'), item('b'))).toBe('b');
    expect(reason(item('scan_unfinished'), item('b'))).toBe('b');
    expect(reason(item('a', true), item('scans_in_progress'))).toBe('scans_in_progress');
    expect(
      outcome('prove', { ...evidence([]), evidence: { satisfied: false, gatheredAt: NOW, items: [] } } as Outcome).old
        ?.hold,
    ).toMatchObject({
      reason: 'no_evidence',
    });
  });

  test('is looked for again after 5, 10, 20 minutes, an hour at most', () => {
    const next = (attempts?: number) => {
      const old = superseded({ hold: attempts === undefined ? undefined : hold({ attempts }) });
      return outcome('prove', evidence([item('a')]), { tokens: [old, aToken()] }).old?.hold;
    };
    expect(next()).toMatchObject({ attempts: 1, since: NOW, nextCheckAt: later(NOW, 5 * MINUTE) });
    expect(next(1)).toMatchObject({ attempts: 2, since: START, nextCheckAt: later(NOW, 10 * MINUTE) });
    expect(next(9)).toMatchObject({ attempts: 10, nextCheckAt: later(NOW, HOUR) });
  });

  test('that ends at a known instant is looked for then; not within a second, and not after more than an hour', () => {
    const wait = (ms: number) => {
      const silence = { ...item('seen_recently'), details: { until: later(NOW, ms) } };
      return outcome('prove', evidence([silence])).old?.hold?.nextCheckAt;
    };
    expect(wait(10 * MINUTE)).toBe(later(NOW, 10 * MINUTE));
    expect(wait(-MINUTE)).toBe(later(NOW, 1000));
    expect(wait(2 * HOUR)).toBe(later(NOW, HOUR));
  });

  test('waits for the next scan as long as scans are spread, and for one that goes on a minute', () => {
    const wait = (reason: string, scans = { count: 3, overMs: 30 * MINUTE }, before?: Hold) =>
      outcome('prove', evidence([item(reason)]), { tokens: [superseded({ hold: before }), aToken()] }, { scans }).old
        ?.hold;
    expect(wait('scans_in_progress')?.nextCheckAt).toBe(later(NOW, 15 * MINUTE));
    expect(wait('scans_in_progress', { count: 1, overMs: 30 * MINUTE })?.nextCheckAt).toBe(later(NOW, 30 * MINUTE));
    expect(wait('scans_in_progress', { count: 3, overMs: 0 })?.nextCheckAt).toBe(later(NOW, MINUTE));
    expect(wait('scan_unfinished')).toMatchObject({ reason: 'scans_in_progress', nextCheckAt: later(NOW, MINUTE) });
    // What was told before is still the last word.
    expect(wait('scan_unfinished', undefined, hold({ reason: 'y' }))).toMatchObject({ reason: 'y' });
  });

  test('counts clean scans, the first and the latest of them, and a finding starts the count anew', () => {
    const scans = { count: 3, overMs: 30 * MINUTE };
    const at = (minutes: number) => later(NOW, minutes * MINUTE - HOUR);
    const counted = (cleanScan: boolean | undefined, before?: string[]) =>
      outcome(
        'prove',
        evidence([item('a')], { cleanScan }),
        { tokens: [superseded({ cleanScans: before }), aToken()] },
        { scans },
      ).old?.cleanScans;
    expect(counted(true)).toEqual([NOW]);
    expect(counted(true, [at(1)])).toEqual([at(1), NOW]);
    expect(counted(true, [1, 2, 3, 4].map(at))).toEqual([at(1), at(3), at(4), NOW]);
    expect(counted(true, [at(1), at(2), later(NOW, -7 * HOUR)])).toEqual([NOW]);
    expect(counted(false, [at(1)])).toEqual([]);
    expect(counted(undefined, [at(1)])).toEqual([at(1)]);
    expect(counted(undefined)).toEqual([]);
  });

  test('has the targets read at once when one of them differs', () => {
    expect(outcome('prove', evidence([item('target_differs')])).state.targetsCheckedAt).toBe(later(NOW, -DAY));
    expect(outcome('prove', evidence([item('a')])).state.targetsCheckedAt).toBe(NOW);
  });

  test('of the current token, which is lost, heals instead', () => {
    const { current, types } = outcome('prove', evidence([item('current_revoked')], { currentLost: true }));
    expect(current).toMatchObject({ status: 'revoked', revokedBy: 'external' });
    expect(types).toEqual(['token.held', 'token.lost']);
    const alone = { tokens: [superseded()] };
    expect(outcome('prove', evidence([item('no_current')], { currentLost: true }), alone).types).toEqual([
      'token.held',
    ]);
  });

  test('is complete: the decision to revoke says whose it is and where it began', () => {
    const proved = (status: Token['status']) =>
      outcome('prove', evidence([item('a', true)]), { tokens: [superseded({ status, hold: hold() }), aToken()] }).old;
    expect(proved('superseded')).toMatchObject({
      ...{ status: 'revoking', revokingBy: 'me', revokingSince: NOW, revokingFrom: 'superseded', hold: undefined },
    });
    expect(proved('orphan')?.revokingFrom).toBe('orphan');
  });
});

describe('a grace that starts at the deployment', () => {
  const deployed = (deployedAt: string | undefined, changes: Partial<Token> = {}, more = {}) =>
    outcome(
      'check-deployed',
      { kind: 'deployment', usage: [], deployedAt, ...more },
      {
        tokens: [superseded({ revokeAfter: undefined, hold: hold(), ...changes }), aToken()],
      },
      { graceFrom: 'deployed' },
    );
  const grace = anIntegration().graceMs;

  test('counts from it, or from when the token was last served, whatever is later', () => {
    const at = later(NOW, -HOUR);
    const seen = deployed(at);
    expect(seen.old).toMatchObject({ revokeAfter: later(at, grace), hold: undefined });
    expect(seen.current?.deployedAt).toBe(at);
    expect(deployed(at, { supersededAt: NOW }).old?.revokeAfter).toBe(later(NOW, grace));
    expect(deployed(at, { servedAt: NOW }).old?.revokeAfter).toBe(later(NOW, grace));
  });

  test('is asked for every hour, and every minute while a scan goes on', () => {
    const scanRound = { of: 'x', scanned: 6, since: NOW, at: NOW };
    expect(deployed(undefined).old?.hold).toMatchObject({
      reason: 'awaiting_deployment',
      nextCheckAt: later(NOW, HOUR),
    });
    expect(deployed(undefined, {}, { scanRound }).old).toMatchObject({
      scanRound,
      hold: { nextCheckAt: later(NOW, MINUTE) },
    });
  });
});

describe('a loss', () => {
  const lost = (status: Token['status'], state: Partial<IntegrationState> = {}, answer = gone('ctkn_old')) =>
    outcome('inspect', of(answer), { tokens: [superseded({ status })], targetsCheckedAt: START, ...state });

  test('is dated as Paddle says, or now', () => {
    expect(lost('superseded').old?.revokedAt).toBe(later(NOW, -MINUTE));
    expect(lost('superseded', {}, { ...gone('ctkn_old'), revokedAt: undefined }).old?.revokedAt).toBe(NOW);
    expect(lost('current').change?.records[0]?.message).toMatch(/the current token/);
    expect(lost('orphan').change?.records[0]?.message).toMatch(/an? orphan token/);
  });

  test.each([
    ['superseded', later(NOW, -DAY)],
    ['orphan', later(NOW, -DAY)],
    ['current', START],
    ['minted', START],
  ] as const)('of a token that is %s: are the targets to be read at once?', (status, checked) => {
    expect(lost(status).state.targetsCheckedAt).toBe(checked);
  });

  test('of the current token hurries what is under way, which begins to fail anew; of another one it does not', () => {
    const state = { rotation: aRotation(), retry: aRetry(later(NOW, HOUR), { attempts: 9 }) };
    expect(lost('current', state).state.retry).toMatchObject({ attempts: 0, nextAttemptAt: START });
    expect(lost('superseded', state).state.retry).toMatchObject({ attempts: 9, nextAttemptAt: later(NOW, HOUR) });
    expect(lost('current').state.retry).toBeUndefined();
    expect(lost('current', { retry: aRetry(later(NOW, HOUR)) }).state.retry?.nextAttemptAt).toBe(START);
  });

  test('is none while Paddle calls the token active, or does not know it', () => {
    expect(outcome('inspect', of(answered('ctkn_old'))).change).toBeUndefined();
    expect(outcome('inspect', of()).change).toBeUndefined();
  });
});

describe('a revocation that fails', () => {
  const revoking = (changes: Partial<Token> = {}) =>
    superseded({ status: 'revoking', revokingBy: 'me', revokingSince: START, revokingFrom: 'superseded', ...changes });
  const tried = (kind: DecisionKind, changes: Partial<Token> = {}, failure: Partial<Failure> = {}) =>
    outcome(kind, failed(failure), { tokens: [revoking(changes), aToken()] });

  test.each(['confirm', 'revoke'] as const)('is counted, and tried ever more rarely (%s)', (kind) => {
    expect(tried(kind).old).toMatchObject({
      failures: 1,
      revokingBy: undefined,
      hold: { attempts: 1, since: NOW, nextCheckAt: later(NOW, MINUTE) },
    });
    expect(tried(kind, { failures: 2, hold: hold() }).old).toMatchObject({
      ...{ failures: 3, hold: { attempts: 3, since: START, nextCheckAt: later(NOW, 4 * MINUTE) } },
    });
    expect(tried(kind, { failures: 20 }).old?.hold?.nextCheckAt).toBe(later(NOW, HOUR));
  });

  test.each(['prove', 'check-deployed'] as const)('a question that fails is no failure of it (%s)', (kind) => {
    const asked = (changes: Partial<Token>) => outcome(kind, failed(), { tokens: [superseded(changes), aToken()] }).old;
    expect(asked({})).toMatchObject({ failures: 0, hold: { nextCheckAt: later(NOW, MINUTE) } });
    expect(asked({ failures: 4, hold: hold() })).toMatchObject({
      failures: 4,
      hold: { nextCheckAt: later(NOW, 4 * MINUTE) },
    });
    expect(asked({ failures: 4 })?.stuckSince).toBeUndefined();
  });

  test('waits as long as Paddle says', () => {
    const at = (ms: number) => tried('revoke', {}, { retryAt: Date.parse(NOW) + ms }).old?.hold?.nextCheckAt;
    expect([at(HOUR), at(1), at(0), at(-HOUR)]).toEqual([
      later(NOW, HOUR),
      later(NOW, 1),
      later(NOW, MINUTE),
      later(NOW, MINUTE),
    ]);
  });

  test('is stuck the fifth time, once', () => {
    expect([tried('revoke', { failures: 3 }).types, tried('revoke', { failures: 4 }).types]).toEqual([
      ['token.held'],
      ['token.stuck'],
    ]);
    expect(tried('revoke', { failures: 4 }).old?.stuckSince).toBe(NOW);
    const stuck = tried('revoke', { failures: 9, stuckSince: START });
    expect([stuck.types, stuck.old?.stuckSince]).toEqual([['token.held'], START]);
  });

  const interrupted = (changes: Partial<Token> = {}) =>
    outcome('confirm', of(answered('ctkn_old')), { tokens: [revoking(changes), aToken()] });

  test('without a word is proved anew at once the first time, and at growing distances after it', () => {
    expect(interrupted().old).toMatchObject({
      ...{ status: 'superseded', failures: 1, hold: undefined, revocationTriedAt: START, revokingSince: undefined },
    });
    expect(interrupted({ failures: 1 }).old).toMatchObject({
      ...{ failures: 2, hold: { attempts: 2, since: NOW, nextCheckAt: later(NOW, MINUTE) } },
    });
    expect(interrupted({ failures: 2 }).old?.hold).toMatchObject({ attempts: 3, nextCheckAt: later(NOW, 2 * MINUTE) });
    expect(interrupted({ failures: 6, stuckSince: START }).old?.hold?.since).toBe(START);
    const said = interrupted({ failures: 2, hold: hold() }).old;
    expect([said?.failures, said?.hold]).toEqual([2, undefined]);
    expect(interrupted({ revokingSince: undefined, revocationTriedAt: NOW }).old?.revocationTriedAt).toBe(NOW);
  });

  test('without a word gets stuck the fifth time, too, once', () => {
    expect(interrupted({ failures: 3 }).old?.stuckSince).toBeUndefined();
    expect(interrupted({ failures: 4 }).types).toEqual(['token.revocation-interrupted', 'token.stuck']);
    expect(interrupted({ failures: 5, stuckSince: START }).types).toEqual(['token.revocation-interrupted']);
  });

  test('an unknown token is a failure with that name', () => {
    expect(outcome('confirm', of(), { tokens: [revoking(), aToken()] }).old?.hold).toMatchObject({
      reason: 'token_unknown',
    });
  });
});
