import type { Paddle } from '../rotation/ports.ts';
import { AlertError } from '../shared/errors.ts';

/**
 * The same client, telling `onAlert` of every answer that only a person can change: a key that is dead, missing or of
 * another environment. What is done about it (back off, look again within the hour) is the reconciler's.
 */
export function watchCredentials(paddle: Paddle, onAlert: (error: AlertError) => void): Paddle {
  const watched =
    <A extends unknown[], R>(ask: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await ask(...args);
      } catch (error) {
        if (error instanceof AlertError) onAlert(error);
        throw error;
      }
    };
  return {
    create: watched((request) => paddle.create(request)),
    list: watched((since) => paddle.list(since)),
    get: watched((tokenId) => paddle.get(tokenId)),
    revoke: watched((tokenId) => paddle.revoke(tokenId)),
  };
}
