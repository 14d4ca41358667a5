import { TransientError } from '../../lambdas/domain/errors.ts';
import { apiKeyId, createApiKeySource, parseApiKey, withKeyId } from '../../lambdas/paddle/api-key.ts';
import { ending, FakeClock, KEY, NEW_KEY, wholeText } from './setup.ts';

const SOURCE = { secret: 'paddlewheel/sandbox/api-key' };

function openSource() {
  const clock = new FakeClock();
  const stored = { text: KEY, reads: 0, failure: undefined as Error | undefined };
  const store = {
    async read() {
      stored.reads += 1;
      await Promise.resolve();
      if (stored.failure) throw stored.failure;
      return stored.text;
    },
  };
  return { clock, stored, keys: createApiKeySource({ store, source: SOURCE, clock }) };
}

describe('the API key', () => {
  test('is read once a minute, however often it is needed', async () => {
    const { clock, stored, keys } = openSource();
    await Promise.all([keys.get(), keys.get()]);
    clock.time += 59_999;
    expect(await keys.get()).toBe(KEY);
    expect(stored.reads).toBe(1);
    stored.text = NEW_KEY;
    clock.time += 1;
    expect(await keys.get()).toBe(NEW_KEY);
  });

  test('is read past the cache when asked for fresh, which renews the cache', async () => {
    const { stored, keys } = openSource();
    await keys.get();
    stored.text = NEW_KEY;
    expect(await keys.get()).toBe(KEY);
    expect(await keys.get({ fresh: true })).toBe(NEW_KEY);
    expect(await keys.get()).toBe(NEW_KEY);
    expect(stored.reads).toBe(2);
  });

  test('that could not be read is asked for again', async () => {
    const { stored, keys } = openSource();
    stored.failure = new TransientError('Throttling', 'later');
    expect(await ending(keys.get())).toBe('TransientError Throttling');
    stored.failure = undefined;
    expect(await keys.get()).toBe(KEY);
  });

  test('that is empty stays refused on the second, warm call', async () => {
    const { stored, keys } = openSource();
    stored.text = '';
    expect(await ending(keys.get())).toBe('AlertError api_key_empty');
    expect(await ending(keys.get())).toBe('AlertError api_key_empty');
  });
});

describe('what is stored', () => {
  const GOOD: Record<string, string> = {
    'the bare key': KEY,
    'with the line end of an editor': `${KEY}\n`,
    "the JSON of AWS's managed secret": `{"api_key":"${KEY}"}`,
    'JSON with other things in it': ` {"api_key": "${KEY} ", "note": 1}\n`,
  };
  test.each(Object.entries(GOOD))('may be %s', (_, text) => {
    expect(parseApiKey(text, SOURCE)).toBe(KEY);
  });

  const BAD: Record<string, [string, string]> = {
    nothing: ['', 'api_key_empty'],
    blanks: [' \n', 'api_key_empty'],
    'JSON with an empty key': ['{"api_key":""}', 'api_key_empty'],
    'JSON without a key': [`{"apiKey":"${KEY}"}`, 'api_key_empty'],
    'JSON with a number': ['{"api_key":5}', 'api_key_empty'],
    'broken JSON': [`{"api_key":"${KEY}"`, 'api_key_malformed'],
    'two lines': [`${KEY}\n${KEY}`, 'api_key_malformed'],
    'a header injected': [`${KEY}\r\nx: y`, 'api_key_malformed'],
    'a text too long': ['k'.repeat(513), 'api_key_malformed'],
  };
  test.each(Object.entries(BAD))('must not be %s', (_, [text, code]) => {
    let error: unknown;
    try {
      parseApiKey(text, SOURCE);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ name: 'AlertError', code });
    expect(wholeText(error)).toContain('paddlewheel/sandbox/api-key');
    expect(wholeText(error)).not.toContain(KEY.slice(9));
  });
});

describe('the id of an API key', () => {
  const id = `apikey_${'01jkdpbhaz'.padEnd(26, 'x')}`;
  const keyed = (secret: string) => `pdl_live_${id}_${secret}_AbC`;

  test.each<[string, string, string | undefined]>([
    ['is its middle part', keyed('S'.repeat(22)), id],
    ['is not in a legacy key', 'k'.repeat(50), undefined],
    ['is not in a webhook secret', `pdl_ntfset_${'a'.repeat(26)}_S`, undefined],
  ])('%s', (_, key, expected) => {
    expect(apiKeyId(key)).toBe(expected);
  });

  test('is told once per key, and the key handed out as it is', async () => {
    const { clock, stored, keys } = openSource();
    const told: string[] = [];
    const watched = withKeyId(keys, (keyId) => void told.push(keyId));
    stored.text = keyed('S'.repeat(22));
    expect(await watched.get()).toBe(stored.text);
    await watched.get();
    // Rotated by AWS: the secret part is new, the id stays.
    clock.time += 60_000;
    stored.text = keyed('T'.repeat(22));
    expect(await watched.get()).toBe(stored.text);
    expect(told).toEqual([id]);
  });
});
