import { correlate, createLogger } from '../../lambdas/runtime/log.ts';
import { capturedOutput } from './captured-output.ts';

const TOKEN = 'live_7d279f61a3499fed520f7cd8c08';
const API_KEY = 'pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO';
const SECRET = 'pdl_ntfset_01gkdqvsmqz3v5dnj4hxqmyc8g_a+b/c9d8e7f6';

/** Everything that any of the secrets would show of itself. */
const leaks = [TOKEN, API_KEY, SECRET].map((secret) => secret.slice(0, -4));

describe('the logger', () => {
  test.each<[where: string, log: (logger: ReturnType<typeof createLogger>, secret: string) => void]>([
    ['the message', (logger, secret) => logger.info(`got ${secret} here`)],
    ['a field', (logger, secret) => logger.info('got it', { value: secret })],
    ['a nested field', (logger, secret) => logger.warn('got it', { a: [{ b: { value: `x ${secret}` } }] })],
    ["a field's name", (logger, secret) => logger.error('got it', { a: { [secret]: 1 } })],
    ['an error and its cause', (logger, secret) => logger.error('no', new Error(secret, { cause: new Error(secret) }))],
    ['a field that is an error', (logger, secret) => logger.error('no', { error: new TypeError(`bad ${secret}`) })],
    [
      'a correlation key',
      (logger, secret) => {
        correlate(logger, { integration: secret });
        logger.info('got it');
      },
    ],
  ])('never writes a token, an API key or a webhook secret that stands in %s', async (_, log) => {
    for (const secret of [TOKEN, API_KEY, SECRET]) {
      const lines = await capturedOutput(() => log(createLogger('paddlewheel-test'), secret));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain('…');
      for (const leak of leaks) expect(lines[0]).not.toContain(leak);
    }
  });

  test('writes JSON with the service and the keys that bind a line to its rotation', async () => {
    const logger = createLogger('paddlewheel-test');
    correlate(logger, { integration: 'pricing-page', rotationId: undefined });
    const [line = ''] = await capturedOutput(() => logger.info('Reconciled', { tokenId: 'ctkn_1' }));
    const written = JSON.parse(line);
    expect(written).toMatchObject({
      service: 'paddlewheel-test',
      message: 'Reconciled',
      integration: 'pricing-page',
      tokenId: 'ctkn_1',
    });
    expect(written).not.toHaveProperty('rotationId');
  });
});
