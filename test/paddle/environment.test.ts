import { AlertError } from '../../lambdas/domain/errors.ts';
import { checkApiKey, checkedBase } from '../../lambdas/paddle/environment.ts';

type Environment = 'sandbox' | 'live';

function faultOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof AlertError) return error.code;
    throw error;
  }
}

describe('the API address', () => {
  const CASES: Record<string, [Environment, string, string | undefined]> = {
    'the official sandbox': ['sandbox', 'https://sandbox-api.paddle.com', undefined],
    'the official live host': ['live', 'https://api.paddle.com', undefined],
    'live for a sandbox account': ['sandbox', 'https://api.paddle.com', 'api_url_environment_mismatch'],
    'sandbox for a live account': ['live', 'https://sandbox-api.paddle.com', 'api_url_environment_mismatch'],
    'the right host in clear': ['sandbox', 'http://sandbox-api.paddle.com', 'api_url_environment_mismatch'],
    'the right host at another port': ['live', 'https://api.paddle.com:8443', 'api_url_environment_mismatch'],
    'the wrong host in capitals': ['sandbox', 'https://API.paddle.com', 'api_url_environment_mismatch'],
    'a stand-in on this machine': ['live', 'http://127.0.0.1:4010', undefined],
    'a stand-in on this machine, IPv6': ['live', 'http://[::1]:4010', undefined],
    'a sandbox stand-in in the network': ['sandbox', 'http://paddle:4010', undefined],
    'a live stand-in in the network, in clear': ['live', 'http://paddle:4010', 'api_url_insecure'],
    'a live stand-in that only looks local': ['live', 'http://127.0.0.1.evil.example', 'api_url_insecure'],
    nothing: ['sandbox', '', 'api_url_invalid'],
    'another protocol': ['sandbox', 'ftp://sandbox-api.paddle.com', 'api_url_invalid'],
  };
  test.each(Object.entries(CASES))('%s', (_, [environment, url, fault]) => {
    expect(faultOf(() => checkedBase(url, environment))).toBe(fault);
  });
});

describe('the API key', () => {
  const MISMATCH = 'api_key_environment_mismatch';
  const CASES: Record<string, [Environment, string, string | undefined]> = {
    'sandbox for sandbox': ['sandbox', 'pdl_sdbx_apikey_x', undefined],
    'the other sandbox prefix': ['sandbox', 'pdl_test_apikey_x', undefined],
    'live for live': ['live', 'pdl_live_apikey_x', undefined],
    'live for sandbox': ['sandbox', 'pdl_live_apikey_x', MISMATCH],
    'sandbox for live': ['live', 'pdl_sdbx_apikey_x', MISMATCH],
    'a legacy key, which shows no environment': ['live', 'a'.repeat(50), undefined],
    'a webhook secret by mistake': ['live', 'pdl_ntfset_x', MISMATCH],
    'a client-side token by mistake': ['live', 'live_7d279f61a3499fed520f7cd8c08', MISMATCH],
  };
  test.each(Object.entries(CASES))('%s', (_, [environment, key, fault]) => {
    expect(faultOf(() => checkApiKey(key, environment))).toBe(fault);
  });

  test('is not in the alert', () => {
    expect(() => checkApiKey('pdl_live_apikey_secret', 'sandbox')).toThrow(/pdl_sdbx_ or pdl_test_/);
    expect(() => checkApiKey('pdl_live_apikey_secret', 'sandbox')).not.toThrow(/secret/);
  });
});
