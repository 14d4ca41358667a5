/** What went wrong at AWS, as one of the decisions that a caller can take. */
import { AmbiguousError, type EffectError, RefusedError, TransientError } from '../../domain/errors.ts';

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $retryable?: { readonly throttling?: boolean };
  /** Node's own, for a connection that failed. */
  readonly code?: string;
}

const THROTTLING = /Throttl|TooManyRequests|RequestLimitExceeded|TooManyUpdates/;
const NETWORK =
  /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ERR_SOCKET_.*|ERR_TLS_.*|ERR_SSL_.*)$/;
const TIMEOUT = new Set(['TimeoutError', 'RequestTimeout', 'RequestTimeoutException', 'AbortError']);

/** Exceptions that only a person can end, by name and message, and what that person does. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /AccessDenied|NotAuthorized|Forbidden/,
    'allow the function to use it: check its role, the resource policy and the KMS key',
  ],
  [
    /UnrecognizedClient|InvalidClientTokenId|ExpiredToken|InvalidSignature|CredentialsProvider/,
    'check the credentials that the function runs with',
  ],
  [
    /ParameterMaxVersionLimitExceeded/,
    'it has 100 versions, and the oldest cannot be dropped because it has a label: move or remove that label (aws ssm unlabel-parameter-version)',
  ],
  [
    /InvalidRequestException.*deletion/i,
    'it is scheduled for deletion: restore it (aws secretsmanager restore-secret), or publish elsewhere',
  ],
  [
    /InvalidRequestException/,
    'if it is scheduled for deletion, restore it; if another service owns it, publish elsewhere',
  ],
  [
    /HierarchyTypeMismatch|ParameterPattern|AllowedPattern/,
    'loosen or replace the parameter, or publish under another name',
  ],
  [/LimitExceeded/, 'the account is at a quota: raise it, or remove what is no longer needed'],
  [/Kms|KMS|Decryption|Encryption|InvalidKeyId/, 'enable its KMS key, and allow the function to use the key'],
  [/Validation|InvalidParameter|Unsupported/, 'check its name and kind in the configuration'],
];
const OTHER_REMEDY = 'see the name of the exception in the AWS documentation';

/**
 * Maps what an AWS call threw. `write`: the call changes something; when it cannot be known whether it did, the answer
 * is an AmbiguousError. Writing to a target is idempotent, so the caller may read back or simply write again.
 * Whatever is not AWS's or the network's fault is a defect and is thrown as it is.
 *
 * @param subject what the call was about, for a person: `secret paddle/pricing-page/client-token`
 */
export function toEffectError(thrown: unknown, call: { write: boolean; subject: string }): EffectError {
  const error = thrown as SdkError;
  const verb = call.write ? 'write' : 'read';
  const options = { cause: thrown };
  const status = error?.$metadata?.httpStatusCode;
  // An attempt before the last one may have had its effect, and only its answer was lost.
  const once = (error?.$metadata?.attempts ?? 1) <= 1;

  if (isThrottled(error)) {
    const text = `AWS is throttling: could not ${verb} ${call.subject}`;
    return call.write && !once
      ? new AmbiguousError(error.name, text, options)
      : new TransientError(error.name, text, options);
  }
  if (isUnanswered(error) || (status !== undefined && status >= 500)) {
    const code = error.code ?? error.name;
    if (!call.write) return new TransientError(code, `could not read ${call.subject}: ${code}`, options);
    return new AmbiguousError(code, `unclear whether ${call.subject} was written: ${code}`, options);
  }
  if ((status !== undefined && status >= 400) || error?.name === 'CredentialsProviderError') {
    const remedy = REMEDIES.find(([known]) => known.test(`${error.name}: ${error.message}`))?.[1] ?? OTHER_REMEDY;
    return new RefusedError(error.name, `AWS refused to ${verb} ${call.subject} (${error.name}): ${remedy}`, options);
  }
  throw thrown;
}

const isThrottled = (error: SdkError | undefined): boolean =>
  error?.$metadata?.httpStatusCode === 429 ||
  error?.$retryable?.throttling === true ||
  THROTTLING.test(error?.name ?? '');

/**
 * No answer came, or none that could be read. The SDK's retry counts the attempts on whatever is thrown below it, so an
 * error with a count and without a status is of that kind even under a name that we do not know.
 */
function isUnanswered(error: SdkError | undefined): boolean {
  if (error?.name === 'CredentialsProviderError') return false;
  if (TIMEOUT.has(error?.name ?? '') || NETWORK.test(error?.code ?? '')) return true;
  return error?.$metadata?.attempts !== undefined && error.$metadata.httpStatusCode === undefined;
}
