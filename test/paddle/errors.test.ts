import { ThrottledError } from '../../lambdas/domain/errors.ts';
import {
  errorOfAnswer,
  errorOfTransport,
  errorOfUnreadable,
  PaddleAnswerError,
  readAnswer,
} from '../../lambdas/paddle/errors.ts';
import { retryAt } from '../../lambdas/paddle/throttle.ts';
import { TransportError } from '../../lambdas/paddle/transport.ts';
import { NOW } from './setup.ts';

const envelope = (code: string) => JSON.stringify({ error: { type: 'request_error', code, detail: 'because' } });
const attempted = (method: 'GET' | 'POST' | 'PATCH') => ({
  method,
  intent: 'do a thing',
  permission: 'client_token.write',
});
const answer = (status: number, body: string, headers: Record<string, string> = {}) =>
  readAnswer({ status, body, headers });

/** What a read may do next, and what a write may. */
type Row = [status: number, body: string, read: string, write: string];
const HTML = '<html>nginx</html>';
const MAPPING: Record<string, Row> = {
  'validation is refused': [400, envelope('invalid_field'), 'RefusedError invalid_field', 'RefusedError invalid_field'],
  'an unknown refusal of Paddle is a refusal': [
    422,
    envelope('new_code'),
    'RefusedError new_code',
    'RefusedError new_code',
  ],
  'a 400 that Paddle did not write proves nothing': [400, HTML, 'TransientError http_400', 'AmbiguousError http_400'],
  'a missing permission is refused': [403, envelope('forbidden'), 'RefusedError forbidden', 'RefusedError forbidden'],
  'a dead key is an alert': [403, envelope('invalid_token'), 'AlertError invalid_token', 'AlertError invalid_token'],
  'a missing key is an alert': [
    403,
    envelope('authentication_missing'),
    'AlertError authentication_missing',
    'AlertError authentication_missing',
  ],
  'a malformed key is an alert': [
    403,
    envelope('authentication_malformed'),
    'AlertError authentication_malformed',
    'AlertError authentication_malformed',
  ],
  'a client-side token as key is an alert': [
    403,
    envelope('invalid_client_token'),
    'AlertError invalid_client_token',
    'AlertError invalid_client_token',
  ],
  '401 of an OAuth token is an alert': [
    401,
    envelope('invalid_access_token'),
    'AlertError invalid_access_token',
    'AlertError invalid_access_token',
  ],
  'a firewall page says nothing of the key': [403, HTML, 'TransientError http_403', 'AmbiguousError http_403'],
  'not found is refused': [404, envelope('not_found'), 'RefusedError not_found', 'RefusedError not_found'],
  'not found by a proxy proves nothing': [404, HTML, 'TransientError http_404', 'AmbiguousError http_404'],
  'a time-out of a proxy': [408, '', 'TransientError http_408', 'AmbiguousError http_408'],
  'a conflict is undecided': [409, envelope('conflict'), 'TransientError conflict', 'AmbiguousError conflict'],
  'a concurrent change is undecided': [
    409,
    envelope('concurrent_modification'),
    'TransientError concurrent_modification',
    'AmbiguousError concurrent_modification',
  ],
  'too many requests': [
    429,
    envelope('too_many_requests'),
    'ThrottledError too_many_requests',
    'ThrottledError too_many_requests',
  ],
  'too many requests, in HTML': [429, HTML, 'ThrottledError too_many_requests', 'ThrottledError too_many_requests'],
  'Paddle fails': [500, envelope('internal_error'), 'TransientError internal_error', 'AmbiguousError internal_error'],
  'a gateway fails': [502, HTML, 'TransientError http_502', 'AmbiguousError http_502'],
  'Paddle is away': [503, '', 'TransientError http_503', 'AmbiguousError http_503'],
  'Paddle has switched the endpoint off': [
    540,
    envelope('temporarily_unavailable'),
    'TransientError temporarily_unavailable',
    'AmbiguousError temporarily_unavailable',
  ],
  'a redirection is not followed': [307, '', 'RefusedError redirect_refused', 'AmbiguousError redirect_refused'],
  'an error code that is none': [400, envelope('DROP TABLE'), 'TransientError http_400', 'AmbiguousError http_400'],
};

describe('what an answer means', () => {
  test.each(Object.entries(MAPPING))('%s', (_, [status, body, read, write]) => {
    const named = (method: 'GET' | 'POST' | 'PATCH') => {
      const error = errorOfAnswer(attempted(method), answer(status, body), NOW);
      return `${error.name} ${error.code}`;
    };
    expect({ GET: named('GET'), POST: named('POST'), PATCH: named('PATCH') }).toEqual({
      GET: read,
      POST: write,
      PATCH: write,
    });
  });

  test('a missing permission is named, in the singular', () => {
    const error = errorOfAnswer(attempted('POST'), answer(403, envelope('forbidden')), NOW);
    expect(error.message).toContain('give it the permission client_token.write');
  });

  test('status and request id survive, from the body or from the header', () => {
    const inBody = errorOfAnswer(attempted('GET'), answer(500, '{"meta":{"request_id":"abc-1"}}'), NOW);
    expect(inBody.cause).toMatchObject({ status: 500, requestId: 'abc-1' });
    const inHeader = errorOfAnswer(attempted('GET'), answer(502, HTML, { 'request-id': 'edge-7' }), NOW);
    expect(inHeader.cause).toBeInstanceOf(PaddleAnswerError);
    expect(inHeader.message).toContain('502 without an error code (request edge-7)');
  });

  test('every faulty field is named', () => {
    const body = JSON.stringify({
      error: { code: 'invalid_field', detail: 'Invalid.', errors: [{ field: 'name', message: 'too long' }] },
    });
    expect(errorOfAnswer(attempted('POST'), answer(400, body), NOW).message).toContain('Invalid.; name: too long');
  });

  test('an envelope with nulls and strangers in it is still an envelope', () => {
    const body = '{"error":{"code":"invalid_field","detail":null,"errors":null,"new":1},"meta":null}';
    expect(errorOfAnswer(attempted('POST'), answer(400, body), NOW).code).toBe('invalid_field');
  });

  test('a 2xx that cannot be read leaves a write open', () => {
    const named = (method: 'GET' | 'POST') => errorOfUnreadable(attempted(method), answer(201, HTML), 'data.id').name;
    expect([named('GET'), named('POST')]).toEqual(['TransientError', 'AmbiguousError']);
  });

  test('what was never sent did not happen', () => {
    const refusedPort = new TransportError('ECONNREFUSED', false);
    const lost = new TransportError('ECONNRESET', true);
    expect(errorOfTransport(attempted('POST'), refusedPort).name).toBe('TransientError');
    expect(errorOfTransport(attempted('POST'), lost).name).toBe('AmbiguousError');
    expect(errorOfTransport(attempted('GET'), lost).name).toBe('TransientError');
  });
});

describe('Retry-After', () => {
  const CASES: Record<string, [header: string | undefined, seconds: number]> = {
    seconds: ['30', 30],
    'fractions of a second': ['1.5', 1.5],
    'an HTTP date': ['Sun, 22 Nov 2026 06:00:45 GMT', 45],
    'absent: the documented minute': [undefined, 60],
    'empty: not now': ['', 60],
    'nonsense: not now': ['soon', 60],
    'negative: not now': ['-5', 60],
    'zero: a second all the same': ['0', 1],
    'a date in the past: a second': ['Sun, 22 Nov 2026 05:00:00 GMT', 1],
    'a day: a quarter of an hour': ['86400', 900],
    'beyond all numbers: a quarter of an hour': ['9'.repeat(400), 900],
    'a date next year: a quarter of an hour': ['Mon, 22 Nov 2027 06:00:00 GMT', 900],
  };
  test.each(Object.entries(CASES))('%s', (_, [header, seconds]) => {
    expect((retryAt(header, NOW) - NOW) / 1000).toBe(seconds);
  });

  test('is in the error as an instant', () => {
    const error = errorOfAnswer(attempted('POST'), answer(429, '', { 'retry-after': '7' }), NOW);
    expect(error).toBeInstanceOf(ThrottledError);
    expect((error as ThrottledError).retryAt).toBe(NOW + 7_000);
  });
});

describe('what Paddle says is repeated without credentials', () => {
  const CASES: Record<string, string> = {
    'an API key': 'key pdl_sdbx_apikey_01kaaaaaaaaaaaaaaaaaaaaaaa_xyz is dead',
    'a legacy API key': `key ${'a1b2c'.repeat(10)} is dead`,
    'a webhook secret': 'secret pdl_ntfset_01kaaaaaaaaaaaaaaaaaaaaaaa_xyz+/= is dead',
    'a token': 'token live_7d279f61a3499fed520f7cd8c08 is dead',
  };
  test.each(Object.entries(CASES))('%s', (_, text) => {
    const body = JSON.stringify({ error: { code: 'bad_request', detail: text } });
    const { message } = errorOfAnswer(attempted('POST'), answer(400, body), NOW);
    expect(message).toContain(' is dead');
    expect(message).toContain('…');
    expect(message).not.toContain(text.split(' ')[1]);
  });

  test('and in no more than a line', () => {
    const body = JSON.stringify({ error: { code: 'bad_request', detail: 'no\nno '.repeat(1000) } });
    const { message } = errorOfAnswer(attempted('POST'), answer(400, body), NOW);
    expect(message.length).toBeLessThan(450);
    expect(message).not.toContain('\n');
  });
});
