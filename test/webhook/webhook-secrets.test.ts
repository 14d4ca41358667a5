import { SettingsError } from '../../lambdas/domain/errors.ts';
import { parseWebhookSecrets, parseWebhookSources } from '../../lambdas/webhook/webhook-secrets.ts';
import { ingestion, revoked, SECRET } from './fakes.ts';

const NEW_SECRET = 'pdl_ntfset_01h_second';
const SECONDS = 1_000;
const MINUTES = 60 * SECONDS;

describe('the text of a webhook secret', () => {
  test.each<[what: string, text: string, secrets: string[]]>([
    ['the secret itself', 'pdl_ntfset_a+b/c', ['pdl_ntfset_a+b/c']],
    ['the secret with a line end', ' pdl_ntfset_a\n', ['pdl_ntfset_a']],
    ['JSON with one', '{"endpoint_secret_key":"pdl_ntfset_a","id":"ntfset_1"}', ['pdl_ntfset_a']],
    [
      'JSON with two, both valid',
      '{"endpoint_secret_keys":["pdl_ntfset_a","pdl_ntfset_b"]}',
      ['pdl_ntfset_a', 'pdl_ntfset_b'],
    ],
    ['JSON with an empty one among them', '{"endpoint_secret_keys":["","pdl_ntfset_b"," "]}', ['pdl_ntfset_b']],
    ['JSON with one as Paddle answers it, blanks included', '{"endpoint_secret_keys":[" a "]}', [' a ']],
    ['more than are tried', '{"endpoint_secret_keys":["1","2","3","4","5"]}', ['1', '2', '3', '4']],
    ['nothing', '', []],
    ['blanks', ' \n', []],
    ['JSON with an empty one', '{"endpoint_secret_key":""}', []],
    ['JSON of something else', '{"api_key":"pdl_live_apikey_1"}', []],
    ['broken JSON', '{"endpoint_secret_key":', []],
    ['JSON with a number for one', '{"endpoint_secret_key":1}', []],
    ['JSON with a number among them', '{"endpoint_secret_keys":["pdl_ntfset_a",1]}', []],
    [
      'JSON with an odd list and one',
      '{"endpoint_secret_keys":"b","endpoint_secret_key":"pdl_ntfset_a"}',
      ['pdl_ntfset_a'],
    ],
  ])('may be %s', (_, text, secrets) => {
    expect(parseWebhookSecrets(text)).toEqual(secrets);
  });
});

describe('the setting that says where the secrets are', () => {
  test('takes a secret, a parameter, or the plain id of a secret', () => {
    const setting = '{"a":{"secret":"x/a"},"b":{"ssmParameter":"/x/b"},"c":"x/c"}';
    expect([...parseWebhookSources(setting)]).toEqual([
      ['a', { secret: 'x/a' }],
      ['b', { ssmParameter: '/x/b' }],
      ['c', { secret: 'x/c' }],
    ]);
  });

  test.each<[what: string, setting: string, fault: RegExp]>([
    ['no JSON', 'paddlewheel/sandbox', /is no JSON/],
    ['a list', '[]', /as a whole/],
    ['no account', '{}', /names no account/],
    ['an empty id', '{"a":""}', /WEBHOOK_SECRETS a is/],
    ['an empty source', '{"a":{"secret":" "}}', /WEBHOOK_SECRETS a/],
    ['two sources for one account', '{"a":{"secret":"x","ssmParameter":"y"}}', /WEBHOOK_SECRETS a/],
    ['a source of another kind', '{"a":{"url":"https://example.com"}}', /WEBHOOK_SECRETS a/],
    ['a source with something beside it', '{"a":{"secret":"x","jsonKey":"y"}}', /WEBHOOK_SECRETS a/],
    ['a list as a source', '{"a":["x"]}', /WEBHOOK_SECRETS a/],
    ['an account without a name', '{" ":"x"}', /WEBHOOK_SECRETS {3}is/],
    ['two faults', '{"a":"","b":7}', /WEBHOOK_SECRETS a is .*WEBHOOK_SECRETS b is/],
  ])('is refused when it is %s', (_, setting, fault) => {
    expect(() => parseWebhookSources(setting)).toThrow(SettingsError);
    expect(() => parseWebhookSources(setting)).toThrow(fault);
  });
});

describe('the secrets of an account', () => {
  test.each([' with blanks ', SECRET])('are tried to the letter, and as they were meant: %j', async (secret) => {
    const { send, reader } = ingestion();
    reader.text = JSON.stringify({ endpoint_secret_key: ` ${SECRET}\n` });
    expect(await send(revoked, { secret: SECRET })).toMatchObject({ statusCode: 200 });
    expect(await send(revoked, { secret: ` ${SECRET}\n` })).toMatchObject({ statusCode: 200 });
    reader.text = JSON.stringify({ endpoint_secret_keys: [secret] });
    const other = ingestion(reader.text);
    expect(await other.send(revoked, { secret })).toMatchObject({ statusCode: 200 });
  });

  test('are read once and remembered for five minutes', async () => {
    const { send, reader, clock } = ingestion();
    await send(revoked);
    clock.advance(5 * MINUTES - 1);
    await send(revoked);
    expect(reader.reads).toEqual([{ secret: 'paddlewheel/sandbox/webhook-secret' }]);
    clock.advance(1);
    await send(revoked);
    expect(reader.reads).toHaveLength(2);
  });

  test('may be two at once, and either is enough', async () => {
    const { send, reader } = ingestion(JSON.stringify({ endpoint_secret_keys: [SECRET, NEW_SECRET] }));
    expect(await send(revoked, { secret: SECRET })).toMatchObject({ statusCode: 200 });
    expect(await send(revoked, { secret: NEW_SECRET })).toMatchObject({ statusCode: 200 });
    expect(reader.reads).toHaveLength(1);
  });

  test('work at once after a rotation: a mismatch reads them again', async () => {
    const { send, reader, clock, metrics } = ingestion();
    await send(revoked);
    clock.advance(10 * SECONDS);
    reader.text = NEW_SECRET;
    expect(await send({ ...revoked, event_id: 'evt_2' }, { secret: NEW_SECRET })).toMatchObject({ statusCode: 200 });
    expect(reader.reads).toHaveLength(2);
    expect(metrics.counted).toEqual([]);
    expect(await send(revoked, { secret: SECRET })).toMatchObject({ statusCode: 401 });
  });

  test('work at once when there was none before', async () => {
    const { send, reader, clock } = ingestion('');
    expect(await send(revoked)).toMatchObject({ statusCode: 401 });
    clock.advance(10 * SECONDS);
    reader.text = SECRET;
    expect(await send(revoked)).toMatchObject({ statusCode: 200 });
  });

  test('are not read for a request that bears no signature', async () => {
    const { send, reader } = ingestion();
    expect(await send(revoked, { header: undefined })).toMatchObject({ statusCode: 401 });
    expect(reader.reads).toEqual([]);
  });

  test('are not read again for a signature that is stale or malformed', async () => {
    const { send, reader, clock } = ingestion();
    await send(revoked);
    clock.advance(10 * SECONDS);
    await send(revoked, { header: 'nonsense' });
    await send(revoked, { header: 'ts=1;h1=a3' });
    expect(reader.reads).toHaveLength(1);
  });

  test.each<[what: string, text: string | undefined]>([
    ['while the secret stays the same', SECRET],
    ['while the secret cannot be read', undefined],
  ])('are not read in a storm of bad signatures %s', async (_, text) => {
    const { send, reader, clock, stored } = ingestion();
    await send(revoked);
    reader.text = text ?? new Error('away');
    const answers = new Set<number>();
    // Ten bad requests a second for four minutes: within the five for which the first reading is good.
    for (let n = 0; n < 2_400; n += 1) {
      clock.advance(100);
      answers.add((await send(revoked, { secret: 'pdl_ntfset_theirs' })).statusCode);
    }
    expect(reader.reads.length).toBeLessThanOrEqual(1 + 7);
    expect(reader.reads.length).toBeGreaterThan(1);
    expect(answers).toEqual(text === undefined ? new Set([401, 500]) : new Set([401]));
    expect(stored()).toHaveLength(1);
  });

  test('that cannot be read are a 500, so that Paddle sends the event again', async () => {
    const { send, reader, stored } = ingestion(new Error('denied'));
    expect(await send(revoked)).toMatchObject({ statusCode: 500, body: '{"error":"unavailable"}' });
    reader.text = SECRET;
    expect(await send(revoked)).toMatchObject({ statusCode: 200 });
    expect(stored()).toHaveLength(1);
  });

  test('are read once when they are asked for while they are being read ahead', async () => {
    const { secrets, reader, send } = ingestion();
    const [, answer] = await Promise.all([secrets.warm(4), send(revoked)]);
    expect(answer).toMatchObject({ statusCode: 200 });
    expect(reader.reads).toHaveLength(1);
  });

  test('that cannot be read ahead do not stop the function from starting', async () => {
    const { secrets, reader, send } = ingestion(new Error('away'));
    await expect(secrets.warm(4)).resolves.toBeUndefined();
    reader.text = SECRET;
    expect(await send(revoked)).toMatchObject({ statusCode: 200 });
  });
});
