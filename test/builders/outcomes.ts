/** What comes of one decision, for tests of transitions. */
import type {
  EvidenceItem,
  Hold,
  IntegrationConfig,
  IntegrationState,
  PaddleToken,
} from '../../lambdas/domain/model.ts';
import { later, MINUTE } from '../../lambdas/domain/time.ts';
import type { Decision, DecisionKind } from '../../lambdas/rotation/decision.ts';
import type { Failure, Outcome } from '../../lambdas/rotation/outcome.ts';
import { apply } from '../../lambdas/rotation/transitions.ts';
import { START } from './integration.ts';
import { aContext, aState, aToken, NOW, superseded } from './state.ts';

/** Of a superseded token beside the current one, unless the state says otherwise. */
export function outcome(
  kind: DecisionKind,
  of: Outcome,
  state: Partial<IntegrationState> = {},
  config: Partial<IntegrationConfig> = {},
  tokenId = 'ctkn_old',
) {
  const was = aState({ tokens: [superseded(), aToken()], ...state });
  const change = apply(was, { kind, tokenId, reason: 'x', message: 'x' } as Decision, of, aContext(config));
  const after = change?.state ?? was;
  const find = (id: string) => after.tokens.find((token) => token.id === id);
  return {
    change,
    state: after,
    old: find('ctkn_old'),
    current: find('ctkn_current'),
    types: change?.records.map(({ type }) => type),
  };
}
export const item = (reason: string, satisfied = false): EvidenceItem => ({
  kind: 'sites',
  satisfied,
  reason,
  message: reason,
});
export const evidence = (items: EvidenceItem[], more: object = {}): Outcome => ({
  ...{ kind: 'evidence', evidence: { satisfied: items.every((one) => one.satisfied), gatheredAt: NOW, items } },
  ...more,
});
export const hold = (changes: Partial<Hold> = {}): Hold => ({
  ...{ reason: 'x', message: 'x', since: START, attempts: 2, nextCheckAt: NOW },
  ...changes,
});
export const answered = (id: string, changes: Partial<PaddleToken> = {}): PaddleToken => ({
  ...{ id, token: `test_${id}`, name: 'pricing-page · two', status: 'active', createdAt: START },
  ...changes,
});
export const gone = (id: string) => answered(id, { status: 'revoked', revokedAt: later(NOW, -MINUTE) });
export const of = (answer?: PaddleToken): Outcome => ({ kind: 'token', token: answer });
export const failed = (changes: Partial<Failure> = {}): Outcome => ({
  ...{ kind: 'failed', failure: { class: 'transient', code: 'down', message: 'down', ...changes } },
});
