import type { Target } from './model.ts';

/**
 * `ssm:/paddle/pricing-page/client-token`, `secret:prod/web/config#PADDLE_CLIENT_TOKEN`, for records and messages. Names of
 * secrets and parameters hold no `#`, so no two targets have the same.
 */
export const targetName = (target: Target): string =>
  `${target.kind}:${target.name}${jsonKeyOf(target) === undefined ? '' : `#${jsonKeyOf(target)}`}`;

/** The key of a JSON secret that holds the token; absent: the token is all there is. */
export const jsonKeyOf = (target: Target): string | undefined =>
  target.kind === 'secret' ? target.jsonKey : undefined;

export const sameTarget = (a: Target, b: Target): boolean => targetName(a) === targetName(b);

/** Those of `some` that are not among `others`. */
export const withoutTargets = (some: readonly Target[], others: readonly Target[]): readonly Target[] =>
  some.filter((target) => !others.some((other) => sameTarget(target, other)));
