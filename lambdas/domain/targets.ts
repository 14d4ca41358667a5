import type { Target } from './model.ts';

/** `ssm:/paddle/pricing-page/client-token`, for records and messages. */
export const targetName = (target: Target): string => `${target.kind}:${target.name}`;
