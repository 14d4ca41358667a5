/** What a decision cannot come to is a defect. Pure. */
import type { Decision, DecisionKind } from '../../lambdas/rotation/decision.ts';
import type { Outcome } from '../../lambdas/rotation/outcome.ts';
import { apply } from '../../lambdas/rotation/transitions.ts';
import { aContext, aRotation, aState, aToken, NOW, superseded } from '../builders/state.ts';

const state = aState({
  rotation: aRotation({ phase: 'minted', tokenId: 'ctkn_new' }),
  tokens: [superseded(), aToken()],
});
const failed: Outcome = { kind: 'failed', failure: { class: 'transient', code: 'down', message: 'down' } };

const applied = (kind: DecisionKind, outcome: Outcome) =>
  apply(state, { kind, tokenId: 'ctkn_old', reason: 'x', message: 'x' } as Decision, outcome, aContext());

describe('an outcome that a decision cannot have is a defect, and is not taken for anything', () => {
  const outcomes: Outcome[] = [
    { kind: 'done' },
    { kind: 'token' },
    { kind: 'tokens', tokens: [] },
    { kind: 'unclaimed', provenance: 'none' },
    { kind: 'published', targets: [] },
    { kind: 'targets', differing: [] },
    { kind: 'deployment', usage: [] },
    { kind: 'evidence', evidence: { satisfied: true, gatheredAt: NOW, items: [] } },
  ];
  const fitting: Partial<Record<DecisionKind, readonly Outcome['kind'][]>> = {
    ...{ mint: [], find: ['tokens'], verify: ['token'], publish: ['published'], restore: ['published', 'token'] },
    ...{ 'check-targets': ['targets'], 'check-deployed': ['deployment'], prove: ['evidence'], confirm: ['token'] },
    ...{ revoke: [], inspect: ['token'], claim: ['unclaimed'], sweep: ['tokens'], wait: [] },
  };
  const rows = Object.entries(fitting).flatMap(([kind, fits]) =>
    outcomes
      .filter((outcome) => !fits?.includes(outcome.kind))
      .map((outcome) => [kind, outcome.kind, outcome] as const),
  );

  test.each(rows)('%s: %s', (kind, _, outcome) => {
    expect(() => applied(kind as DecisionKind, outcome)).toThrow(/cannot have the outcome/);
  });

  test.each(['intend', 'resume', 'report-crowded', 'abandon', 'clear', 'retarget', 'wait'] as const)(
    '%s: a failure',
    (kind) => {
      expect(() => applied(kind, failed)).toThrow(/no effect that could fail/);
    },
  );
});
