/**
 * Paddle's client-side tokens of one account, as the reconciler needs them: every method ends in a bounded time, in a
 * token that is certainly this account's, or in an `EffectError`. Facts of the API: https://developer.paddle.com/api-reference/client-tokens
 */

import type { output, ZodMiniType } from 'zod/mini';
import { AlertError, AmbiguousError, type EffectError, RefusedError, TransientError } from '../domain/errors.ts';
import type { PaddleToken } from '../domain/model.ts';
import { utcInstant } from '../domain/paddle-instant.ts';
import type { Paddle } from './client-tokens.ts';
import { propertiesOf } from './envelope.ts';
import { checkToken, isMalformed } from './environment.ts';
import { PaddleAnswerError } from './errors.ts';
import { type ListRequest, pages } from './pages.ts';
import { createRequester, type Requester, type RequesterOptions } from './request.ts';
import { type ClientToken, clientTokenSchema, entitySchema, TOKEN_ID } from './types.ts';

export interface PaddleClientOptions extends RequesterOptions {
  /** For one whole list (ms). Default 60 000. */
  readonly listDeadlineMs?: number;
  /** Default 500, that is 100,000 tokens. */
  readonly maxPages?: number;
}

/**
 * The longest that a method takes, by default: create and get 25 s, revoke 50 s (it may ask again), list 85 s; and a
 * reading of the key (7 s) more. A lease must outlast it.
 *
 * The port, and beneath it the same rules for other endpoints (notification settings, events, simulations).
 */
export interface PaddleClient extends Paddle, Requester {
  pages<S extends ZodMiniType>(list: ListRequest<S>): AsyncGenerator<readonly output<S>[]>;
}

const READ = 'client_token.read';
const WRITE = 'client_token.write';
/** Active ones only is Paddle's default, and would hide what we revoked. 200 is the largest page. */
const LIST_PATH = '/client-tokens?status=active,revoked&per_page=200&order_by=id[DESC]';
const ACTIVE_PATH = '/client-tokens?status=active&per_page=200';
/** Between Paddle's clock, which dates tokens, and ours, which dates intents. */
const SKEW_MS = 3_600_000;

/** Every name of ours has this; so has many another. */
const COULD_BE_OURS = / · /;

const entity = entitySchema(clientTokenSchema);

export function createPaddleClient(options: PaddleClientOptions): PaddleClient {
  const requester = createRequester(options);
  const tokens = new ClientTokens(options, requester);
  return {
    create: (request) => tokens.create(request),
    list: (since) => tokens.list(since),
    active: (after) => tokens.active(after),
    get: (tokenId) => tokens.get(tokenId),
    revoke: (tokenId) => tokens.revoke(tokenId),
    request: requester.request,
    pages: (request) => pages(requester, options.clock, request),
    close: requester.close,
  };
}

class ClientTokens implements Paddle {
  readonly #options: PaddleClientOptions;
  readonly #requester: Requester;

  constructor(options: PaddleClientOptions, requester: Requester) {
    this.#options = options;
    this.#requester = requester;
  }

  async create({ name, description }: { name: string; description?: string }): Promise<PaddleToken> {
    const body = description ? { name, description } : { name };
    const intent = 'create a client-side token';
    const { data, meta } = await this.#requester.request({
      method: 'POST',
      path: '/client-tokens',
      body,
      schema: entity,
      intent,
      permission: WRITE,
    });
    try {
      checkToken(data, this.#options.environment);
    } catch (error) {
      if (error instanceof AlertError) throw createdAllTheSame(error);
      throw error;
    }
    if (data.name !== name) throw misnamed(data.id);
    const token = known(data, meta);
    if (token !== undefined) return token;
    throw new AmbiguousError('unknown_token_status', `${unknownStatus(data)}; it was created just now`);
  }

  async list(since?: string): Promise<readonly PaddleToken[]> {
    const from = since === undefined ? Number.NaN : Date.parse(since);
    const isOld = (token: { created_at: string }) => Date.parse(token.created_at) < from - SKEW_MS;
    /** Left out, a token of ours would look as if it had never been minted, and would be minted again and again. */
    const isSurelyAnother = (token: { name?: unknown; created_at?: unknown }) =>
      isOld({ created_at: utcInstant(token.created_at) ?? '' }) ||
      (typeof token.name === 'string' && !COULD_BE_OURS.test(token.name));
    const tokens = new Map<string, PaddleToken>();
    const request = {
      path: LIST_PATH,
      entity: clientTokenSchema,
      intent: 'list client-side tokens',
      permission: READ,
      maxPages: this.#options.maxPages,
      deadlineMs: this.#options.listDeadlineMs,
      onUnreadable(item: unknown, faults: readonly string[]) {
        if (!isSurelyAnother(propertiesOf(item) ?? {})) throw unreadable(faults);
      },
    };
    for await (const page of pages(this.#requester, this.#options.clock, request)) {
      for (const answered of page) {
        if (isMalformed(answered, this.#options.environment) && isSurelyAnother(answered)) continue;
        checkToken(answered, this.#options.environment);
        const token = known(answered);
        if (token !== undefined) tokens.set(token.id, token);
        else if (!isSurelyAnother(answered)) throw new RefusedError('unknown_token_status', unknownStatus(answered));
      }
      if (page.length > 0 && page.every(isOld)) break;
    }
    return [...tokens.values()];
  }

  /** Left out is what cannot be read: whoever misses a token asks about it. */
  async active(after?: string): Promise<readonly PaddleToken[]> {
    const cursor = after === undefined ? '&order_by=id[DESC]' : `&order_by=id[ASC]&after=${after}`;
    const list = pages(this.#requester, this.#options.clock, {
      path: `${ACTIVE_PATH}${cursor}`,
      entity: clientTokenSchema,
      intent: 'list client-side tokens',
      permission: READ,
      onUnreadable: () => {},
    });
    for await (const page of list) {
      const whole = page.filter((token) => !isMalformed(token, this.#options.environment));
      return whole.flatMap((token) => known(token) ?? []).filter(({ status }) => status === 'active');
    }
    return [];
  }

  async get(tokenId: string): Promise<PaddleToken | undefined> {
    const answer = await this.#one('GET', tokenId, 'read a client-side token', READ).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (answer === undefined) return undefined;
    const { data, meta } = answer;
    const token = known(data, meta);
    if (token === undefined) throw new RefusedError('unknown_token_status', unknownStatus(data));
    return token;
  }

  async revoke(tokenId: string): Promise<PaddleToken> {
    let doubt: EffectError;
    try {
      const { data, meta } = await this.#one('PATCH', tokenId, 'revoke a client-side token', WRITE, {
        status: 'revoked',
      });
      const token = known(data, meta);
      if (token?.status === 'revoked') return token;
      doubt = new AmbiguousError('not_revoked', `Asked to revoke ${tokenId}, Paddle answered it without revoking it`);
    } catch (error) {
      if (!isDoubtful(error)) throw error;
      doubt = error;
    }
    return this.#settle(tokenId, doubt);
  }

  /**
   * What Paddle answers to a second revocation is not documented, and a lost answer may hide a revocation that was
   * done. So the token itself is asked, and believed only when it says `revoked`: `active` may be a stale read.
   */
  async #settle(tokenId: string, doubt: EffectError): Promise<PaddleToken> {
    let token: PaddleToken | undefined;
    try {
      token = await this.get(tokenId);
    } catch (failure) {
      const text = `${doubt.message}. Reading it back failed too`;
      throw new AmbiguousError(doubt.code, text, { cause: new AggregateError([doubt, failure], text) });
    }
    if (token?.status === 'revoked') return token;
    if (token === undefined && isNotFound(doubt)) throw doubt;
    const found = token === undefined ? 'Paddle does not know it' : 'it reads back active';
    throw new AmbiguousError(doubt.code, `${doubt.message}. Asked again, ${found}`, { cause: doubt });
  }

  async #one(method: 'GET' | 'PATCH', tokenId: string, intent: string, permission: string, body?: unknown) {
    if (!TOKEN_ID.test(tokenId))
      throw new RefusedError('token_id_malformed', 'The id of a client-side token is ctkn_…');
    const path = `/client-tokens/${tokenId}`;
    const answer = await this.#requester.request({ method, path, body, schema: entity, intent, permission });
    const { data } = answer;
    checkToken(data, this.#options.environment);
    if (data.id === tokenId) return answer;
    throw new AlertError(
      'token_id_mismatch',
      `Asked for ${tokenId}, Paddle answered ${data.id}: check the API address`,
    );
  }
}

/** The token in our words; `undefined` when its status is none that we know, so that nobody can take it for either. */
function known(data: ClientToken, meta?: { request_id?: string }): PaddleToken | undefined {
  const { id, token, name, status, created_at: createdAt, revoked_at: revokedAt } = data;
  if (status !== 'active' && status !== 'revoked') return undefined;
  const requestId = meta?.request_id;
  return { id, token, name, status, createdAt, ...(revokedAt && { revokedAt }), ...(requestId && { requestId }) };
}

const unreadable = (faults: readonly string[]) =>
  new TransientError(
    'unreadable_answer',
    `Asked to list client-side tokens, Paddle answered one that cannot be read (${faults.join(', ')})`,
  );

const unknownStatus = ({ id }: ClientToken) =>
  `Paddle answered ${id} with a status that this version does not know: update Paddlewheel`;

/** Paddle made a token, only not one that may be used: to the caller that is a mint in doubt, never one to repeat. */
const createdAllTheSame = (error: AlertError): AmbiguousError =>
  new AmbiguousError(error.code, `A token was created, but ${error.message}`, { cause: error });

function misnamed(tokenId: string): AmbiguousError {
  const text = `Paddle created ${tokenId} under another name than was asked for, so it could not be found again after a crash: revoke it in the dashboard if it is not wanted, and report this`;
  return new AmbiguousError('token_name_mismatch', text);
}

/** Paddle's own word, not a proxy's: only the envelope's code counts. */
const isNotFound = (error: unknown): boolean =>
  error instanceof RefusedError && error.code === 'not_found' && error.cause instanceof PaddleAnswerError;

/** Did the revocation perhaps happen, now or earlier? "Already revoked" may be any refusal but one of the permission. */
const isDoubtful = (error: unknown): error is AmbiguousError | RefusedError =>
  error instanceof AmbiguousError ||
  (error instanceof RefusedError && error.cause instanceof PaddleAnswerError && error.code !== 'forbidden');
