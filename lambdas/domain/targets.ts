import type { FormerTarget, Instant, IntegrationConfig, IntegrationState, Target, Token } from './model.ts';
import { HOUR, later } from './time.ts';

/**
 * `ssm:/paddle/pricing-page/client-token`, `secret:prod/web/config#PADDLE_CLIENT_TOKEN`, for records and messages. Names of
 * secrets and parameters hold no `#`, so no two targets have the same.
 */
export const targetName = (target: Target): string =>
  `${target.kind}:${target.name}${jsonKeyOf(target) === undefined ? '' : `#${jsonKeyOf(target)}`}`;

/** The key of a JSON secret that holds the token; absent: the token is all there is. */
export const jsonKeyOf = (target: Target): string | undefined =>
  target.kind === 'secret' ? target.jsonKey : undefined;

export const sameTarget = (a: Target, b: Target): boolean =>
  a.kind === b.kind && a.name === b.name && jsonKeyOf(a) === jsonKeyOf(b);

/** Two keys of one secret do not meet; a key and the whole secret do. */
export function collide(a: Target, b: Target): boolean {
  if (a.kind !== b.kind || a.name !== b.name) return false;
  const [one, two] = [jsonKeyOf(a), jsonKeyOf(b)];
  return one === undefined || two === undefined || one === two;
}

/** Those of `some` that are not among `others`. */
export const withoutTargets = (some: readonly Target[], others: readonly Target[]): readonly Target[] =>
  some.filter((target) => !others.some((other) => sameTarget(target, other)));

/** Paddle's clock and ours may differ. */
const CLOCK_MARGIN = HOUR;

/** A target never held a token that was made after it had left. */
const mayHold = ({ since }: FormerTarget, { status, createdAt }: Token): boolean =>
  status !== 'revoked' && createdAt <= later(since, CLOCK_MARGIN);

/** Could the target still hold a token that is alive? */
const mayHoldOne = ({ tokens }: IntegrationState, former: FormerTarget): boolean =>
  tokens.some((token) => mayHold(former, token));

/** Does the token perhaps still stand at a target that is no longer written? Only who reads it there knows. */
export const mayStandAtFormer = ({ formerTargets = [] }: IntegrationState, token: Token): boolean =>
  formerTargets.some((former) => mayHold(former, token));

/** All that is no longer written and may still hold a token of this integration. */
export function formerTargetsOf(
  config: Pick<IntegrationConfig, 'targets' | 'formerTargets'>,
  state: IntegrationState,
): readonly Target[] {
  const remembered = (state.formerTargets ?? []).filter((former) => mayHoldOne(state, former));
  const all = [
    ...(config.formerTargets ?? []),
    ...(state.publishedTo ?? []),
    ...remembered.map(({ target }) => target),
  ];
  return withoutTargets(all, config.targets).filter(
    (target, index, former) => former.findIndex((other) => sameTarget(target, other)) === index,
  );
}

/** The state is one item of bounded size; so many targets do not come and go while a token lives. */
const MOST_FORMER = 100;

/** What the state remembers once the configured targets are the ones that are written. */
export function targetsWritten(
  config: Pick<IntegrationConfig, 'targets'>,
  state: IntegrationState,
  now: Instant,
): Pick<IntegrationState, 'publishedTo' | 'formerTargets'> {
  const left = withoutTargets(state.publishedTo ?? [], config.targets).map((target) => ({ target, since: now }));
  const before = (state.formerTargets ?? []).filter(
    (former) => mayHoldOne(state, former) && !left.some(({ target }) => sameTarget(target, former.target)),
  );
  const formerTargets = [...before, ...left].filter(
    ({ target }) => withoutTargets([target], config.targets).length > 0,
  );
  return {
    publishedTo: config.targets,
    formerTargets: formerTargets.length > 0 ? formerTargets.slice(-MOST_FORMER) : undefined,
  };
}
