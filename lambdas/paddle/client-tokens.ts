import type { PaddleToken } from '../domain/model.ts';

/**
 * Paddle's client-side tokens of one account. Every method ends within a bounded time, in a value or an `EffectError`.
 * `create` is never repeated by the client itself.
 */
export interface Paddle {
  create(request: { name: string; description?: string }): Promise<PaddleToken>;
  /** Every token, active and revoked, newest first, back to those created at `since` (all, when absent). */
  list(since?: string): Promise<readonly PaddleToken[]>;
  /** One page, of at most 200: the active tokens that came after this one, the oldest first; without one, the newest of all. */
  active(after?: string): Promise<readonly PaddleToken[]>;
  /** `undefined`: Paddle does not know the id in this environment. */
  get(tokenId: string): Promise<PaddleToken | undefined>;
  /** Revokes, and resolves only when Paddle has said that the token is revoked ("already revoked" included). */
  revoke(tokenId: string): Promise<PaddleToken>;
}
