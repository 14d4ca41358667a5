/**
 * One call of Paddle's API under all the rules: the throttle is asked first, a deadline ends it, only reads are
 * repeated, a refused key is read anew once, and whatever goes wrong is an `EffectError`.
 */
import type { output, ZodMiniType } from 'zod/mini';
import type { Environment } from '../contract.ts';
import { RefusedError, ThrottledError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { ApiKeySource } from './api-key.ts';
import { checkApiKey, checkedBase } from './environment.ts';
import {
  type Attempted,
  errorOfAnswer,
  errorOfTransport,
  errorOfUnreadable,
  isCredentialRefusal,
  isPassing,
  type ReadAnswer,
  readAnswer,
} from './errors.ts';
import type { Throttle } from './throttle.ts';
import { createTransport, type Transport, TransportError } from './transport.ts';

export interface RequesterOptions {
  /** `https://sandbox-api.paddle.com`, `https://api.paddle.com`, or a stand-in; no trailing slash. */
  readonly apiUrl: string;
  readonly environment: Environment;
  readonly apiKey: ApiKeySource;
  readonly throttle: Throttle;
  readonly clock: Clock;
  /** For one exchange, body included (ms). Default 10 000. */
  readonly callTimeoutMs?: number;
  /** For one request with its repetitions (ms), after which nothing more is sent or waited for. Default 25 000. */
  readonly deadlineMs?: number;
  /** Default 4 MiB: a full page of 200 tokens is 0.1 MiB. */
  readonly maxAnswerBytes?: number;
  /** Rest until the call's turn has come, and between the attempts of a read (ms -> done). Default: real time. */
  readonly rest?: (ms: number) => Promise<void>;
  /** Default: HTTP over the network. */
  readonly transport?: Transport;
  /** [0, 1), for the jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

export interface PaddleRequest<S extends ZodMiniType> extends Attempted {
  /** Begins with `/`; or, for pagination, a whole URL at the configured origin. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the whole answer, `{ data, meta }`. */
  readonly schema: S;
}

export interface Requester {
  /**
   * @returns the parsed answer of a 2xx
   * @throws ThrottledError without a call while all are locked out or others go first, and on 429
   * @throws TransientError, AmbiguousError (writes only), RefusedError, AlertError as `errors.ts` says
   */
  request<S extends ZodMiniType>(request: PaddleRequest<S>): Promise<output<S>>;
  /** Ends idle connections. */
  close(): void;
}

const VERSION = '0.1.0';
const READ_ATTEMPTS = 3;
const FIRST_REST_MS = 250;
const REST_GROWTH = 3;

export function createRequester(options: RequesterOptions): Requester {
  const { apiKey, throttle, clock, environment } = options;
  const { callTimeoutMs = 10_000, deadlineMs = 25_000, maxAnswerBytes = 4 * 1024 * 1024 } = options;
  const { rest = sleep, random = Math.random } = options;
  const { transport = createTransport(clock) } = options;

  async function exchange(request: PaddleRequest<ZodMiniType>, key: string, deadline: number): Promise<ReadAnswer> {
    await waitForTurn(options, rest, deadline);
    checkApiKey(key, environment);
    const timeoutMs = Math.min(callTimeoutMs, deadline - clock.now());
    if (timeoutMs <= 0) throw new TransportError('timeout', false);
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const answer = await transport.send({
      method: request.method,
      url: target(request.path, options),
      headers: headers(key, body !== undefined),
      body,
      timeoutMs,
      maxBytes: maxAnswerBytes,
    });
    return readAnswer(answer);
  }

  /** A request refused for its key was not reconciled any further, so that even a POST may go again with another key. */
  async function authenticated(request: PaddleRequest<ZodMiniType>, deadline: number): Promise<ReadAnswer> {
    const key = await apiKey.get();
    const answer = await exchange(request, key, deadline);
    if (!isCredentialRefusal(answer)) return answer;
    const fresh = await apiKey.get({ fresh: true });
    return fresh === key ? answer : exchange(request, fresh, deadline);
  }

  async function once<S extends ZodMiniType>(request: PaddleRequest<S>, deadline: number): Promise<Outcome<S>> {
    let answer: ReadAnswer;
    try {
      answer = await authenticated(request, deadline);
    } catch (error) {
      if (error instanceof TransportError) return { error: errorOfTransport(request, error), passing: true };
      throw error;
    }
    if (answer.status >= 200 && answer.status < 300) return parsed(request, answer);
    const error = errorOfAnswer(request, answer, clock.now());
    if (error instanceof ThrottledError) await record(throttle, error);
    return { error, passing: isPassing(answer.status) };
  }

  async function request<S extends ZodMiniType>(request: PaddleRequest<S>): Promise<output<S>> {
    const attempts = request.method === 'GET' ? READ_ATTEMPTS : 1;
    const deadline = clock.now() + deadlineMs;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await once(request, deadline);
      if ('value' in outcome) return outcome.value;
      if (attempt >= attempts || !outcome.passing) throw outcome.error;
      const pause = FIRST_REST_MS * REST_GROWTH ** (attempt - 1) * (0.5 + random());
      if (clock.now() + pause >= deadline) throw outcome.error;
      await rest(pause);
    }
  }

  return { request, close: transport.close };
}

type Outcome<S extends ZodMiniType> =
  | { readonly value: output<S> }
  /** `passing`: a read may be repeated at once. */
  | { readonly error: Error; readonly passing: boolean };

function parsed<S extends ZodMiniType>(request: PaddleRequest<S>, answer: ReadAnswer): Outcome<S> {
  const result = request.schema.safeParse(answer.json);
  if (result.success) return { value: result.data };
  // Paths only: a validator's message may quote a value.
  const fields = result.error.issues.map((issue) => issue.path.join('.') || 'body');
  const named = [...new Set(fields)].slice(0, 5).join(', ');
  const passing = answer.json === undefined && answer.cutOff !== 'answer_too_large';
  return { error: errorOfUnreadable(request, answer, named), passing };
}

async function waitForTurn(
  { throttle, clock }: Pick<RequesterOptions, 'throttle' | 'clock'>,
  rest: (ms: number) => Promise<void>,
  deadline: number,
): Promise<void> {
  const now = clock.now();
  const turn = await throttle.turn(now);
  const at = 'at' in turn ? turn.at : turn.retryAt;
  if ('at' in turn && (at <= now || at < deadline)) {
    if (at > now) await rest(at - now);
    return;
  }
  const why =
    'why' in turn && turn.why === 'locked out'
      ? 'Paddle asked for silence until'
      : 'Other calls to Paddle go first; this one has its turn at';
  throw new ThrottledError(at, `${why} ${new Date(at).toISOString()}; nothing was sent`);
}

/** The 429 stands whether or not the other workers could be told; that they could not goes along with it. */
async function record(throttle: Throttle, error: ThrottledError): Promise<void> {
  try {
    await throttle.block(error.retryAt);
  } catch (failure) {
    const text = `${error.message}. The other workers could not be told`;
    throw new ThrottledError(error.retryAt, text, { cause: new AggregateError([error, failure], text) });
  }
}

function headers(key: string, hasBody: boolean): Record<string, string> {
  return {
    authorization: `Bearer ${key}`,
    'paddle-version': '1',
    'user-agent': `paddlewheel/${VERSION}`,
    accept: 'application/json',
    ...(hasBody ? { 'content-type': 'application/json' } : {}),
  };
}

/** The one place where a key gets its destination. */
function target(path: string, options: RequesterOptions): URL {
  const base = checkedBase(options.apiUrl, options.environment);
  const address = path.startsWith('/') ? options.apiUrl.replace(/\/+$/, '') + path : path;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.origin === base.origin) return url;
  const where = url === undefined ? 'something that is no address' : url.origin;
  const text = `Paddle's answer continues at ${where}, not at ${base.origin}: the API key is not sent there`;
  throw new RefusedError('foreign_pagination_host', text);
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
