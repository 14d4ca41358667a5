/** The state of an integration, and its parts, on the tenth day after `START`. */
import type {
  IntegrationConfig,
  IntegrationState,
  Retry,
  Rotation,
  Target,
  Token,
} from '../../lambdas/domain/model.ts';
import { targetName } from '../../lambdas/domain/targets.ts';
import { DAY, later } from '../../lambdas/domain/time.ts';
import type { Context } from '../../lambdas/rotation/change.ts';
import type { TargetReading } from '../../lambdas/rotation/outcome.ts';
import { freshState } from '../../lambdas/rotation/snapshot.ts';
import { anIntegration, START } from './integration.ts';

export const NOW = later(START, 10 * DAY);

/** The current one. */
export const aToken = (changes: Partial<Token> = {}): Token => ({
  id: 'ctkn_current',
  value: 'test_current',
  name: 'pricing-page · one',
  origin: 'minted',
  rotationId: 'one',
  status: 'current',
  createdAt: START,
  publishedAt: START,
  ...changes,
});

/** One whose grace has just ended. */
export const superseded = (changes: Partial<Token> = {}): Token =>
  aToken({
    id: 'ctkn_old',
    value: 'test_old',
    status: 'superseded',
    supersededAt: START,
    revokeAfter: NOW,
    ...changes,
  });

export const aRotation = (changes: Partial<Rotation> = {}): Rotation => ({
  rotationId: 'two',
  trigger: 'schedule',
  source: { kind: 'mint' },
  tokenName: 'pricing-page · two',
  intendedAt: NOW,
  emergency: false,
  phase: 'intended',
  clearedBy: 'me',
  mayHavePosted: true,
  emptyLists: 0,
  doubted: false,
  ...changes,
});

export const aRetry = (nextAttemptAt: string, changes: Partial<Retry> = {}): Retry => ({
  step: 'mint',
  code: 'down',
  message: 'down',
  since: START,
  attempts: 1,
  nextAttemptAt,
  ...changes,
});

export const aState = (changes: Partial<IntegrationState> = {}): IntegrationState => ({
  ...freshState('pricing-page'),
  scheduleAnchor: START,
  targetsCheckedAt: NOW,
  tokens: [aToken()],
  ...changes,
});

export function aContext(config: Partial<IntegrationConfig> = {}, changes: Partial<Context> = {}): Context {
  let ids = 0;
  const nextId = () => {
    ids += 1;
    return `id-${ids}`;
  };
  return { now: NOW, runId: 'me', config: anIntegration(config), nextId, ...changes };
}

/** What the targets of `anIntegration` answered, one after the other. */
export const readings = (...texts: readonly string[]): readonly TargetReading[] =>
  texts.map((text, index) => ({ target: targetName(anIntegration().targets[index] as Target), text }));
