export type ProblemCode =
  | 'refused-url'
  | 'refused-address'
  | 'dns'
  | 'network'
  | 'redirect'
  | 'timeout'
  | 'too-large'
  | 'too-many'
  | 'status'
  | 'not-a-script'
  | 'unreadable';

/** A resource that could not be read, and why. To the scan it is a finding ("proves nothing"), never silence. */
export class FetchProblem extends Error {
  override readonly name = 'FetchProblem';
  readonly code: ProblemCode;
  constructor(code: ProblemCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Whatever a socket, a parser of HTTP or a decompressor threw, as a problem. */
export function asProblem(error: unknown): FetchProblem {
  if (error instanceof FetchProblem) return error;
  const { name, code, message, cause } = error as Error & { code?: string };
  if (cause instanceof FetchProblem) return cause;
  if (name === 'TimeoutError' || name === 'AbortError') return new FetchProblem('timeout', 'the deadline passed');
  return new FetchProblem('network', code ?? message ?? 'the connection failed', { cause: error });
}
