import { ALARMS, METRICS } from '../contract.ts';
import { AlertError } from '../domain/errors.ts';
import type { Account } from '../domain/model.ts';
import type { Log, Metrics } from '../domain/ports.ts';
import type { Paddle } from './client-tokens.ts';

/**
 * The same client, raising an alarm at every answer that only a person can change: a key that is dead, missing or of
 * another environment. What is done about it (back off, retry within the hour) is the reconciler's.
 */
export function watchCredentials(
  paddle: Paddle,
  { name: account, owner }: Pick<Account, 'name' | 'owner'>,
  { log, metrics }: { log: Log; metrics: Metrics },
): Paddle {
  const onAlert = ({ message, code }: AlertError) => {
    // Of a thousand sellers, one key or another is always dead: it is listed (`status --failing`), and calls nobody.
    if (owner === 'api') return log.warn(message, { account, code });
    metrics.count(METRICS.apiKeyProblem);
    log.warn(message, { alarm: ALARMS.apiKeyProblem, account, code });
  };
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
    active: watched((after) => paddle.active(after)),
    get: watched((tokenId) => paddle.get(tokenId)),
    revoke: watched((tokenId) => paddle.revoke(tokenId)),
  };
}
