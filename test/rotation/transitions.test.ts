/**
 * Transitions carry what they do not change. Every one is walked with tokens that have every optional field set; the
 * tables say which fields of which token may change, and no other does. Nothing but `release` touches a person's hold.
 */
import type { IntegrationState, Token } from '../../lambdas/domain/model.ts';
import { HOUR, later } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Decision, DecisionKind } from '../../lambdas/rotation/decision.ts';
import type { Failure } from '../../lambdas/rotation/outcome.ts';
import type { Command } from '../../lambdas/rotation/reconcile.ts';
import { apply, withoutClaims } from '../../lambdas/rotation/transitions.ts';
import { adopting, atPaddle, before, context, full, NOW, rows } from './transition-rows.ts';

/** Every field of the value that differs; a token that was not there before is all new. */
function differences(a: object | undefined, b: object | undefined): string[] {
  if (!a || !b) return a === b ? [] : ['*'];
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<never>;
  return [...fields].filter((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]));
}

function expectChanges(
  was: IntegrationState,
  is: IntegrationState,
  tokens: Record<string, readonly string[]>,
  state: readonly string[],
): void {
  const all = new Set([...was.tokens, ...is.tokens].map(({ id }) => id));
  for (const id of all) {
    const [old, fresh] = [was, is].map((one) => one.tokens.find((known) => known.id === id));
    const allowed = tokens[id] ?? [];
    const extra = differences(old, fresh).filter((field) => !allowed.includes(field));
    expect({ id, extra }).toEqual({ id, extra: [] });
  }
  const allowed = ['tokens', 'unclaimed', ...state];
  const touched = differences(was, is).filter((field) => !allowed.includes(field));
  // What is taken up is not listed any more; nothing else may touch the list.
  if (!state.includes('unclaimed')) expect(is.unclaimed).toEqual(was.unclaimed);
  expect(touched).toEqual([]);
}

describe('a transition changes what it is about and carries the rest', () => {
  test.each(rows)('%s', (_, decision, outcome, tokens, state, given = {}) => {
    const was = { ...before, ...given };
    const whole = { reason: 'x', message: 'x', ...decision } as Decision;
    const is = apply(was, whole, outcome, context)?.state ?? was;
    expectChanges(was, is, tokens, state);
  });

  test('every kind of decision is in the table', () => {
    const kinds: Record<Exclude<DecisionKind, 'wait'>, true> = {
      ...{ inspect: true, claim: true, intend: true, 'report-crowded': true, abandon: true, clear: true, mint: true },
      ...{ find: true, verify: true, publish: true, restore: true, 'check-targets': true, 'check-deployed': true },
      ...{ prove: true, confirm: true, revoke: true, sweep: true, resume: true, retarget: true, watch: true },
    };
    expect(new Set(rows.map(([, { kind }]) => kind))).toEqual(new Set(Object.keys(kinds)));
  });

  test.each(['mint', 'find', 'verify', 'sweep', 'claim'] as const)('%s of a token that is taken', (kind) => {
    const decision = { kind, tokenId: 'minted', reason: 'x', message: 'x' } as Decision;
    const failure: Failure = { class: 'ambiguous', code: 'x', message: 'x' };
    const taken = [{ tokenId: 'late', message: 'late belongs to other' }];
    const was = { ...before, rotation: { ...adopting, trigger: 'first' } } as IntegrationState;
    const is = withoutClaims(was, decision, { kind: 'failed', failure }, taken, context).state;
    // Giving up a rotation leaves its token to a person.
    expectChanges(was, is, kind === 'find' ? { minted: ['status'] } : {}, [
      ...(['rotation', 'retry', 'sweeps'] as const),
      ...(kind === 'find' ? (['repair', 'scheduleAnchor', 'crowdedSince'] as const) : []),
    ]);
  });
});

const asker = { reason: 'x', requestedBy: 'ben', requestId: 'new' };
const INTENDED = ['rotation', 'retry', 'requests', 'crowdedSince', 'scheduleAnchor'] as const;
const idle = { rotation: undefined, retry: undefined, pause: undefined };
const calm = (status: Token['status']): Required<Token> =>
  ({ ...full(status, status), emergency: undefined, revokingFrom: undefined }) as unknown as Required<Token>;
const unheld = before.tokens.map((one) => ({ ...one, manualHold: undefined }));

describe('a command changes what it is about and carries the rest', () => {
  test.each<
    [
      string,
      Command,
      Record<string, readonly string[]>,
      readonly (keyof IntegrationState)[],
      Partial<IntegrationState>?,
    ]
  >([
    ['rotate', commands.rotate(asker), {}, INTENDED, idle],
    ['rotate, joining', commands.rotate(asker), {}, ['retry', 'requests'], { pause: undefined }],
    ['emergency', commands.emergency(asker), {}, [...INTENDED, 'lastEmergency'], idle],
    ['emergency, escalating', commands.emergency(asker), {}, ['rotation', 'retry', 'requests', 'lastEmergency']],
    [
      'emergency, overtaking an adoption',
      commands.emergency(asker),
      { minted: ['status'] },
      [...INTENDED, 'repair', 'lastEmergency'],
      { rotation: adopting },
    ],
    [
      'emergency, naming a token',
      commands.emergency({ ...asker, tokenId: 'superseded' }),
      { superseded: ['emergency', 'revokeAfter', 'hold'] },
      [...INTENDED, 'lastEmergency'],
      { ...idle, tokens: [full('current', 'current'), calm('superseded')] },
    ],
    [
      'rollback',
      commands.rollback('superseded', asker),
      {},
      INTENDED,
      { ...idle, tokens: [full('current', 'current'), calm('superseded')] },
    ],
    ['adopt', commands.adopt({ tokenId: 'made', answer: atPaddle('made') }, asker), {}, INTENDED, idle],
    ['pause', commands.pause(asker), {}, ['pause'], { pause: undefined }],
    ['resume', commands.resume(asker), {}, ['pause']],
    ['hold', commands.hold('current', asker), { current: ['manualHold'] }, [], { tokens: unheld }],
    ['release', commands.release('superseded', asker), { superseded: ['manualHold', 'hold'] }, []],
    [
      'revoke',
      commands.forceRevoke('superseded', asker),
      { superseded: ['emergency', 'revokeAfter', 'hold', 'failures', 'stuckSince'] },
      [],
      { tokens: unheld },
    ],
    ['revoke what was forgotten', commands.forceRevoke('unclaimed', asker), { unclaimed: ['*'] }, ['unclaimed']],
  ])('%s', (_, command, tokens, state, given = {}) => {
    const was = { ...before, ...given };
    const { change, rejected } = command(was, { ...context, now: later(NOW, HOUR) });
    expect(rejected).toBeUndefined();
    expect(change).toBeDefined();
    expectChanges(was, change?.state ?? was, tokens, state);
  });
});
