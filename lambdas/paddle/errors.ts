/**
 * From what came back (or did not) to what the caller may do next.
 *
 * Two rules are behind every line. Only Paddle's own envelope, `{error: {code}}`, is a refusal: a page without it was
 * written by something in between, which says nothing about what happened behind it. And a write is "certainly not
 * done" only where Paddle said so, or where it was never sent; Paddle has no idempotency keys, so a wrong "not done"
 * mints a twin.
 */
import {
  AlertError,
  AmbiguousError,
  type EffectError,
  RefusedError,
  ThrottledError,
  TransientError,
} from '../domain/errors.ts';
import { redact } from '../domain/mask.ts';
import { retryAt } from './throttle.ts';
import type { HttpAnswer, TransportError } from './transport.ts';
import { type Refusal, refusalSchema } from './types.ts';

/** What was tried: for the mapping and for the sentence. */
export interface Attempted {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Completes "Paddle … to": `create a client-side token`. */
  readonly intent: string;
  /** Singular, as Paddle names it: `client_token.write`. */
  readonly permission: string;
}

/** What Paddle, or something in front of it, answered: the `cause` of every error that has an answer behind it. */
export class PaddleAnswerError extends Error {
  override readonly name = 'PaddleAnswerError';
  readonly status: number;
  /** Paddle's `error.code`; absent when it was not Paddle's envelope. */
  readonly code: string | undefined;
  /** Name it to Paddle's support. */
  readonly requestId: string | undefined;
  constructor(status: number, code: string | undefined, detail: string | undefined, requestId: string | undefined) {
    const request = requestId === undefined ? '' : ` (request ${requestId})`;
    super(`${status} ${code ?? 'without an error code'}${detail ? `: ${detail}` : ''}${request}`);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
}

/** These say that the request was turned away at the handler: nothing happened, and another key may be let in. */
const CREDENTIAL_CODES = new Set([
  'invalid_token',
  'authentication_missing',
  'authentication_malformed',
  'invalid_access_token',
  'invalid_client_token',
]);
/** How a key is missing: the store's word, ours, or Paddle's. */
const MISSING =
  /^(ResourceNotFoundException|ParameterNotFound|InvalidRequestException|DecryptionFailure|api_key_\w+|forbidden)$/;
export const isCredentialCode = (code: string): boolean => CREDENTIAL_CODES.has(code) || MISSING.test(code);

/** Refusals that pass by themselves, or that do not tell whether something happened. */
const UNSETTLED_STATUSES = new Set([408, 409, 425]);

/** An answer, read as far as it can be. */
export interface ReadAnswer {
  readonly status: number;
  readonly refusal: Refusal['error'] | undefined;
  readonly requestId: string | undefined;
  readonly retryAfter: string | undefined;
  /** The parsed JSON; `undefined` for HTML, nothing, or the half of something. */
  readonly json: unknown;
  /** Why only half of it arrived: `timeout`, `answer_too_large`, or the socket's error code. */
  readonly cutOff?: string;
}

export function readAnswer(answer: HttpAnswer): ReadAnswer {
  const json = answer.cutOff === undefined ? parseJson(answer.body) : undefined;
  const refusal = refusalSchema.safeParse(json);
  return {
    status: answer.status,
    refusal: refusal.success ? refusal.data.error : undefined,
    requestId: requestIdOf(json) ?? plainId(answer.headers['request-id']) ?? plainId(answer.headers['x-request-id']),
    retryAfter: answer.headers['retry-after'],
    json,
    cutOff: answer.cutOff,
  };
}

/** The parser's error is dropped on purpose: its message quotes the text, and with it perhaps a token. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function requestIdOf(json: unknown): string | undefined {
  const meta = (json as { meta?: { request_id?: unknown } | null } | null | undefined)?.meta;
  return plainId(meta?.request_id);
}

const plainId = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w-]{1,100}$/.test(value) ? value : undefined;

export const isCredentialRefusal = (answer: ReadAnswer): boolean =>
  (answer.status === 401 || answer.status === 403) &&
  answer.refusal !== undefined &&
  CREDENTIAL_CODES.has(answer.refusal.code);

/** Paddle does not take the key at all: another one may be stored by now. */
export const isCredentialAlert = (error: unknown): boolean =>
  error instanceof AlertError && CREDENTIAL_CODES.has(error.code);

/** Is a read worth repeating at once? Not 540: it means that Paddle has switched the endpoint off for the account. */
export const isPassing = (status: number): boolean => status >= 500 && status !== 540;

/**
 * The error of an answer that is not 2xx.
 * @param now epoch ms, to turn `Retry-After` into an instant
 */
export function errorOfAnswer(attempted: Attempted, answer: ReadAnswer, now: number): EffectError {
  const { status, refusal } = answer;
  const cause = answerError(answer);
  const code = refusal?.code ?? `http_${status}`;
  if (status === 429) {
    const at = retryAt(answer.retryAfter, now);
    const until = new Date(at).toISOString();
    return new ThrottledError(at, `Paddle asks for silence until ${until} instead of letting us ${attempted.intent}`, {
      cause,
    });
  }
  if (isCredentialRefusal(answer)) return credentialAlert(attempted, code, cause);
  if (refusal?.code === 'forbidden') {
    const text = `The API key may not ${attempted.intent}: give it the permission ${attempted.permission} in Paddle's dashboard`;
    return new RefusedError(code, `${text}. ${cause.message}`, { cause });
  }
  const settled = status >= 400 && status < 500 && !UNSETTLED_STATUSES.has(status) && refusal !== undefined;
  if (settled) return new RefusedError(code, `Paddle refused to ${attempted.intent}: ${cause.message}`, { cause });
  if (status >= 300 && status < 400) return redirected(attempted, cause);
  return undecided(attempted, code, `Asked to ${attempted.intent}, the answer was ${cause.message}`, cause);
}

/** Never followed: the key would go wherever the answer says. */
function redirected(attempted: Attempted, cause: PaddleAnswerError): EffectError {
  const message = `Asked to ${attempted.intent}, the answer was a redirection: check the API address of the account. ${cause.message}`;
  if (attempted.method === 'GET') return new RefusedError('redirect_refused', message, { cause });
  return undecided(attempted, 'redirect_refused', message, cause);
}

/** The error of a 2xx that cannot be read: the write behind it was very likely done. */
export function errorOfUnreadable(attempted: Attempted, answer: ReadAnswer, fields: string): EffectError {
  const cause = answerError(answer);
  const what = answer.json === undefined ? unread(answer) : `JSON without what we need (${fields})`;
  const message = `Asked to ${attempted.intent}, Paddle answered ${answer.status} with ${what}${suffix(answer)}`;
  return undecided(attempted, 'unreadable_answer', message, cause);
}

const unread = ({ cutOff }: ReadAnswer) =>
  cutOff === undefined ? 'no readable JSON' : `a body that broke off (${cutOff})`;

/** The error of a request that got no answer at all. */
export function errorOfTransport(attempted: Attempted, failure: TransportError): EffectError {
  const message = `Trying to ${attempted.intent}: ${failure.message}`;
  if (!failure.maybeSent) return new TransientError(failure.code, `${message}; nothing was sent`, { cause: failure });
  return undecided(attempted, failure.code, message, failure);
}

/** A read that failed changes nothing; a write that failed may have been done. */
function undecided(attempted: Attempted, code: string, message: string, cause: unknown): EffectError {
  if (attempted.method === 'GET') return new TransientError(code, message, { cause });
  return new AmbiguousError(code, `${message}; it may have happened all the same`, { cause });
}

function credentialAlert(attempted: Attempted, code: string, cause: PaddleAnswerError): AlertError {
  const why = "Paddle does not accept the account's API key";
  const remedy = 'store a valid key of this environment where the configuration says; Paddlewheel reads it again';
  return new AlertError(code, `${why}, so it will not ${attempted.intent}: ${remedy}. ${cause.message}`, { cause });
}

function answerError(answer: ReadAnswer): PaddleAnswerError {
  return new PaddleAnswerError(answer.status, answer.refusal?.code, detailOf(answer.refusal), answer.requestId);
}

const suffix = (answer: ReadAnswer) => (answer.requestId === undefined ? '' : ` (request ${answer.requestId})`);

const MAX_DETAIL = 300;

/** Paddle's explanation, with every faulty field, short enough for a log line and without any credential it quotes. */
function detailOf(refusal: Refusal['error'] | undefined): string | undefined {
  if (refusal === undefined) return undefined;
  const fields = (refusal.errors ?? []).map(({ field, message }) => `${field ?? '?'}: ${message ?? '?'}`);
  const text = masked([refusal.detail ?? '', ...fields].filter((part) => part !== '').join('; '));
  return text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}…` : text;
}

/** As everywhere, and besides what could be a legacy API key: 50 characters without a prefix. */
const masked = (text: string): string => redact(text.replace(/\s+/g, ' ')).replace(/[A-Za-z0-9]{40,}/g, '…');
