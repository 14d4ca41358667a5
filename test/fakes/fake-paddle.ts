import { AmbiguousError, RefusedError, TransientError } from '../../lambdas/domain/errors.ts';
import type { PaddleToken } from '../../lambdas/domain/model.ts';
import type { Clock } from '../../lambdas/domain/ports.ts';
import type { Paddle } from '../../lambdas/paddle/client-tokens.ts';
import { type Effects, performed } from './effects.ts';

type Method = 'create' | 'list' | 'active' | 'get' | 'revoke';
/**
 * `before`: it did not happen. `after`: it happened and the answer was lost. `late`: the same, but it happens only `lateMs` later.
 * `unknown`: of a `get`, Paddle answers that it does not know the token.
 */
type Failure = { when: 'before' | 'after' | 'late' | 'unknown'; error: Error; lateMs: number };
/** The token is replaced, never changed. */
type Stored = { readonly existsAt: number; readonly token: PaddleToken };

/** `unknown`: it may have happened and the answer was lost. `not known`: Paddle says that it has no such token. */
export type Answer = 'answered' | 'failed' | 'unknown' | 'not known';

/** One account's client-side tokens. Knobs: `listLagMs`, `failNext`. */
export class FakePaddle implements Paddle {
  /** A token is in lists only so long after its creation; `get` and `revoke` know it at once. */
  listLagMs = 0;
  readonly calls: { method: Method; subject?: string }[] = [];
  /** While this is set, no call of this kind, or none at all, is answered. */
  down: Method | 'all' | undefined;
  /** Told at Paddle's own edge: of every token made or revoked, by whomever, when it happens. */
  onChange: ((kind: 'created' | 'revoked', token: PaddleToken) => void) | undefined;
  /** Told of every call. */
  onCall: ((method: Method, subject: string | undefined, answer: Answer) => void) | undefined;
  readonly #stored: Stored[] = [];
  readonly #failures: Record<Method, Failure[]> = { create: [], list: [], active: [], get: [], revoke: [] };
  readonly #clock: Clock;
  readonly #prefix: 'test_' | 'live_';
  readonly #effects: Effects | undefined;

  constructor(clock: Clock, options: { prefix?: 'test_' | 'live_'; effects?: Effects } = {}) {
    this.#clock = clock;
    this.#prefix = options.prefix ?? 'test_';
    this.#effects = options.effects;
  }

  /** The same tokens, of a world that goes on by itself from here. */
  copy(clock: Clock, effects?: Effects): FakePaddle {
    const copy = new FakePaddle(clock, { prefix: this.#prefix, effects });
    copy.listLagMs = this.listLagMs;
    copy.calls.push(...this.calls);
    copy.#stored.push(...this.#stored);
    for (const [method, failures] of Object.entries(this.#failures)) copy.#failures[method as Method].push(...failures);
    return copy;
  }

  /** Everything that this Paddle knows, as text: two with the same answer alike from now on. */
  known(): string {
    return JSON.stringify([this.listLagMs, this.#stored, this.#failures]);
  }

  /** The next call of `method` fails; calls queue up. Without `error`: Transient for `before`, Ambiguous otherwise. */
  failNext(method: Method, when: Failure['when'], options: { error?: Error; lateMs?: number } = {}): void {
    const error =
      options.error ??
      (when === 'before'
        ? new TransientError('unavailable', 'nothing happened')
        : new AmbiguousError('timeout', 'lost'));
    this.#failures[method].push({ when, error, lateMs: options.lateMs ?? 60_000 });
  }

  /** What is there at Paddle now, without lag, newest first. */
  get tokens(): readonly PaddleToken[] {
    const now = this.#clock.now();
    return this.#stored
      .filter(({ existsAt }) => existsAt <= now)
      .map(({ token }) => token)
      .reverse();
  }

  /** Somebody else (the dashboard) makes a token. */
  make(name: string, existsAt = this.#clock.now()): PaddleToken {
    const number = String(this.#stored.length + 1);
    const token: PaddleToken = Object.freeze({
      id: `ctkn_01fake${number.padStart(20, '0')}`,
      token: `${this.#prefix}${number.padStart(27, '0')}`,
      name,
      status: 'active' as const,
      createdAt: new Date(existsAt).toISOString(),
    });
    this.#stored.push({ existsAt, token });
    this.onChange?.('created', token);
    return token;
  }

  /** Somebody else revokes a token. */
  revokeOutside(tokenId: string): void {
    this.#revoke(tokenId);
  }

  async create({ name }: { name: string }) {
    return this.#call('create', name, (delay) => this.make(name, this.#clock.now() + delay));
  }

  async list(since?: string) {
    const now = this.#clock.now();
    return this.#call('list', since, () =>
      this.tokens
        .filter(({ createdAt }) => Date.parse(createdAt) + this.listLagMs <= now)
        .filter(({ createdAt }) => since === undefined || createdAt >= since),
    );
  }

  async active(after?: string) {
    const now = this.#clock.now();
    return this.#call('active', after, () => {
      const listed = this.tokens.filter(({ createdAt }) => Date.parse(createdAt) + this.listLagMs <= now);
      const active = listed.filter(({ status }) => status === 'active');
      const page = after === undefined ? active : active.toReversed().filter(({ id }) => id > after);
      return page.slice(0, 200);
    });
  }

  async get(tokenId: string) {
    if (this.#failures.get[0]?.when !== 'unknown' || this.down)
      return this.#call('get', tokenId, () => this.#stored[this.#at(tokenId)]?.token);
    return performed(this.#effects, 'paddle.get', () => {
      this.#failures.get.shift();
      this.calls.push({ method: 'get', subject: tokenId });
      this.onCall?.('get', tokenId, 'not known');
      return undefined;
    });
  }

  async revoke(tokenId: string) {
    return this.#call('revoke', tokenId, () => this.#revoke(tokenId));
  }

  async #call<T>(method: Method, subject: string | undefined, act: (delayMs: number) => T): Promise<T> {
    return performed(this.#effects, `paddle.${method}`, () => {
      this.calls.push({ method, subject });
      const failure = this.#failures[method].shift();
      if (this.down === 'all' || this.down === method || failure?.when === 'before') {
        this.onCall?.(method, subject, 'failed');
        throw failure?.when === 'before' ? failure.error : new TransientError('unavailable', 'Paddle is down');
      }
      const result = act(failure?.when === 'late' ? failure.lateMs : 0);
      this.onCall?.(method, subject, failure ? 'unknown' : 'answered');
      if (failure) throw failure.error;
      return result;
    });
  }

  #revoke(tokenId: string): PaddleToken {
    const at = this.#at(tokenId);
    const found = this.#stored[at];
    if (!found) throw new RefusedError('not_found', `Paddle does not know ${tokenId}`);
    const { existsAt, token } = found;
    if (token.status !== 'active') return token;
    const revokedAt = new Date(this.#clock.now()).toISOString();
    const gone: PaddleToken = Object.freeze({ ...token, status: 'revoked' as const, revokedAt });
    this.#stored[at] = { existsAt, token: gone };
    this.onChange?.('revoked', gone);
    return gone;
  }

  #at(tokenId: string): number {
    const now = this.#clock.now();
    return this.#stored.findIndex(({ existsAt, token }) => token.id === tokenId && existsAt <= now);
  }
}
