import type { Check } from './check.ts';

/** The current token is active at Paddle. */
export const checkCurrent: Check = async ({ current }, { paddle }) => {
  const answer = await paddle.get(current.id);
  if (answer?.status === 'active') {
    const message = answer.readAt
      ? `${current.id} was active at Paddle at ${answer.readAt}, in a list of all.`
      : `${current.id} is active at Paddle.`;
    return { kind: 'current', satisfied: true, reason: 'current_active', message };
  }
  return answer
    ? {
        kind: 'current',
        satisfied: false,
        reason: 'current_revoked',
        message: `${current.id}, the current token, is revoked at Paddle.`,
      }
    : {
        kind: 'current',
        satisfied: false,
        reason: 'current_unknown',
        message: `Paddle does not know ${current.id}, the current token.`,
      };
};
