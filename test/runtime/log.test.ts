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

  test.each([
    ['an escape', '\u001b[31mred'],
    ['a control sequence of eight bits', '\u009b2J'],
    ['a turned direction', 'abc\u202edef'],
    ['a bell', 'a\u0007'],
  ])(
    'writes %s as what it is, wherever it stands: whoever reads logs in a terminal is not steered',
    async (_, text) => {
      const control = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
      const log = (logger: ReturnType<typeof createLogger>) =>
        logger.info(`name ${text}`, { name: text, [text]: 1, error: new Error(text, { cause: new Error(text) }) });
      const [line = ''] = await capturedOutput(() => log(createLogger('paddlewheel-test')));
      // Of the line and of what a reader of JSON makes of it; a stack has lines.
      expect(line).not.toMatch(control);
      const values = (value: unknown): string[] =>
        typeof value === 'object' && value !== null
          ? Object.entries(value).flatMap(([key, inner]) => [key, ...values(inner)])
          : [String(value)];
      for (const value of values(JSON.parse(line))) expect(value.replace(/\n/g, '')).not.toMatch(control);
    },
  );

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
