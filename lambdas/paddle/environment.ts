/**
 * Sandbox and live never mix. A live key sent to the sandbox is refused by Paddle, but a sandbox token published to a
 * live page is a dead checkout, so every credential is compared with the account's environment on its way in and out.
 */
import { API_KEY_PREFIXES, type Environment, HOSTS, TOKEN_PREFIX } from '../contract.ts';
import { AlertError } from '../domain/errors.ts';
import { type ClientToken, TOKEN_ID } from './types.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The base of all calls, checked against the environment.
 * @throws AlertError when a key would go to the other environment's host, or in clear over a network
 */
export function checkedBase(apiUrl: string, environment: Environment): URL {
  const base = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  if (base === undefined || !['https:', 'http:'].includes(base.protocol)) {
    throw new AlertError(
      'api_url_invalid',
      `The account's API address is no http(s) address: use ${HOSTS[environment]}`,
    );
  }
  for (const [other, url] of Object.entries(HOSTS)) {
    if (base.hostname !== new URL(url).hostname) continue;
    if (other !== environment || base.origin !== url) {
      const text = `The account is ${environment} but its API address is ${base.origin}: use ${HOSTS[environment]}`;
      throw new AlertError('api_url_environment_mismatch', text);
    }
  }
  if (environment === 'live' && base.protocol === 'http:' && !LOOPBACK.test(base.hostname)) {
    throw new AlertError('api_url_insecure', `A live API key is not sent in clear to ${base.origin}: use https`);
  }
  return base;
}

/**
 * Legacy keys (before May 2025) have no prefix, so only a key that shows another environment, or shows that it is
 * another kind of credential, is refused here; for the rest Paddle decides.
 * @throws AlertError
 */
export function checkApiKey(apiKey: string, environment: Environment): void {
  const allowed = API_KEY_PREFIXES[environment];
  const labelled = /^(pdl_|live_|test_)/.test(apiKey);
  if (!labelled || allowed.some((prefix) => apiKey.startsWith(prefix))) return;
  const wanted = allowed.join(' or ');
  const text = `The credential stored as this ${environment} account's API key does not begin with ${wanted}: store an API key of the ${environment} environment`;
  throw new AlertError('api_key_environment_mismatch', text);
}

/** One odd token in a list says nothing about the account; one of the other environment does. */
export function isMalformed(token: ClientToken, environment: Environment): boolean {
  try {
    checkToken(token, environment);
    return false;
  } catch (error) {
    const isOfAnother = Object.values(TOKEN_PREFIX).some((prefix) => token.token.startsWith(prefix));
    return error instanceof AlertError && !(error.code === 'token_environment_mismatch' && isOfAnother);
  }
}

/**
 * @throws AlertError when Paddle answered a token that cannot be this account's
 */
export function checkToken(token: ClientToken, environment: Environment): void {
  if (!TOKEN_ID.test(token.id)) {
    const text =
      'Paddle answered a client-side token whose id has not the form ctkn_…: check the API address of the account';
    throw new AlertError('token_id_malformed', text);
  }
  if (!token.token.startsWith(TOKEN_PREFIX[environment])) {
    const text = `Paddle answered ${token.id}, whose value does not begin with ${TOKEN_PREFIX[environment]}, for a ${environment} account: check the API address and the API key of the account; this token is not published`;
    throw new AlertError('token_environment_mismatch', text);
  }
  // It goes into pages and shells as it is.
  if (!/^[A-Za-z0-9_-]{10,200}$/.test(token.token)) {
    throw new AlertError(
      'token_malformed',
      `Paddle answered ${token.id} with a value that is no token; it is not published`,
    );
  }
}
