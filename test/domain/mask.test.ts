import fc from 'fast-check';
import { holdsNothing, maskToken, redact, redactDeep } from '../../lambdas/domain/mask.ts';

const TOKEN = 'test_7d279f61a3499fed520f7cd8c08';
const LIVE = 'live_7d279f61a3499fed520f7cd8c08';

describe('maskToken', () => {
  test.each([
    ['a sandbox token', TOKEN, 'test_7d27…c08'],
    ['a live token', LIVE, 'live_7d27…c08'],
    ['a token that is too short to hide anything', 'test_abc', '…'],
    ['an API key', 'pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3', '…'],
    ['nothing', '', '…'],
  ])('shows %s as little as it may', (_, value, shown) => {
    expect(maskToken(value)).toBe(shown);
  });
});

describe('redact', () => {
  test.each([
    ['a token in a sentence', `published ${TOKEN}, not ${LIVE}`, 'published test_7d27…c08, not live_7d27…c08'],
    ['a token in a longer word', `x${TOKEN}y`, 'xtest_7d27…08y'],
    ['an API key', 'key pdl_sdbx_apikey_01gt_A1B2c3_xYz!', 'key pdl_sdbx_…!'],
    ['a webhook secret with the characters that real ones have', '"pdl_ntfset_01h_a+b/c=="', '"pdl_ntfset_…"'],
    ['a signature', `ts=1698796800;h1=${'a3'.repeat(32)};h1=${'b4'.repeat(32)}`, 'ts=1698796800;h1=…;h1=…'],
  ])('masks %s', (_, text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  test.each(['ctkn_01ghbkd0frb9k95cnhwd1bxpvk', 'evt_01jkdr0rc527wcjdg1txsdxhtf', 'test_results', 'pricing-page'])(
    'leaves %s as it is',
    (text) => {
      expect(redact(text)).toBe(text);
    },
  );

  const encoded = (value: string, code: (hex: string) => string) =>
    [...value].map((one) => code(one.charCodeAt(0).toString(16))).join('');
  test.each<[what: string, text: string]>([
    ['percent-encoded', encoded(TOKEN, (hex) => `%${hex}`)],
    ['percent-encoded twice', encoded(TOKEN, (hex) => `%25${hex.toUpperCase()}`)],
    ['with its underscore percent-encoded', TOKEN.replace('_', '%5F')],
    ['in escapes of JSON', encoded(TOKEN, (hex) => `\\u00${hex}`)],
    ['in escapes of JSON within JSON', encoded(TOKEN, (hex) => `\\\\u00${hex}`)],
    ['in escapes of JavaScript', encoded(TOKEN, (hex) => `\\x${hex}`)],
    ['in escapes of code points', encoded(TOKEN, (hex) => `\\u{${hex}}`)],
    ['in entities', encoded(TOKEN, (hex) => `&#x${hex};`)],
    ['in decimal entities', encoded(TOKEN, (hex) => `&#${Number.parseInt(hex, 16)};`)],
    ['with invisible characters in between', [...TOKEN].join('\u200b')],
    ['of more characters than today', `${TOKEN}${TOKEN.slice(5)}`],
    ['of fewer', TOKEN.slice(0, 25)],
  ])('finds a token %s', (_, text) => {
    const shown = redact(`<${text}>`);
    expect(shown).toMatch(/^<.*….*>$/);
    expect(shown.length).toBeLessThan(20);
  });

  test.each([
    'pdl_live_apikey_01jkdpbhaz****',
    'pdl_ntfset_…',
    'pdl_sdbx_ or pdl_test_',
    'h1: a heading',
    'bearer of news',
  ])('leaves %s, which shows nothing', (text) => {
    expect(redact(text)).toBe(text);
  });

  test('does not take a whole key for a shortened one because of what stands behind it', () => {
    const key = `pdl_live_apikey_${'01gtgztp8f4kek3yd4g1wrksa3'}_q6TGTJyvoIz7LDtXT65bX7_AQO`;
    expect([redact(`${key}****`), redact(`${key}…`)]).toEqual(['pdl_live_…', 'pdl_live_…']);
  });

  test('changes nothing when it is repeated', () => {
    const pieces = [
      TOKEN,
      LIVE,
      'pdl_live_apikey_01gt_A1B2c3_xYz',
      'pdl_ntfset_a+b/c==',
      `h1=${'a3'.repeat(32)}`,
      '%5F',
      'x',
      ' ',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces)), (some) => {
        const once = redact(some.join(''));
        expect(redact(once)).toBe(once);
        expect(once).not.toContain(TOKEN.slice(5, -3));
      }),
    );
  });

  test('stops at a depth that no stack bears', () => {
    let deep: unknown = TOKEN;
    for (let level = 0; level < 50_000; level += 1) deep = [deep];
    expect(JSON.stringify(redactDeep(deep)).length).toBeLessThan(300);
  });

  test('reaches names, lists and nested values of plain data, and keeps the rest', () => {
    const data = { [TOKEN]: 1, list: [LIVE, 2], deep: { token: TOKEN, none: null, yes: true } };
    expect(redactDeep(data)).toEqual({
      'test_7d27…c08': 1,
      list: ['live_7d27…c08', 2],
      deep: { token: 'test_7d27…c08', none: null, yes: true },
    });
  });
});

describe('the short way for what holds nothing to mask', () => {
  const PIECES = [
    ...[
      'test',
      'TEST',
      'li',
      've',
      '_',
      'pdl',
      'ntfset',
      'h1',
      '=',
      ':',
      '"',
      'Bearer ',
      'a3'.repeat(12),
      'b'.repeat(27),
    ],
    ...[
      '%5f',
      '%74',
      '\\u0074',
      '\\x5f',
      '&#x5f;',
      '&#116;',
      '\u200b',
      '\u00ad',
      '\ufeff',
      ' ',
      'plain',
      'é',
      '\ud800',
    ],
  ];
  const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join(''));

  test('is taken only where the long one finds nothing', () => {
    fc.assert(
      // The blank ends whatever is found before it, and the percent sign sends the text the long way.
      fc.property(text, (some) => redact(`${some} %`) === `${redact(some)} %`),
      { numRuns: 5_000 },
    );
  });

  const name = fc.oneof(
    text,
    fc.constantFrom('key', 'api_key', 'API_KEY', 'webhook_secret', 'signature', 'h1', 'token'),
  );
  const { data } = fc.letrec<{ data: unknown }>((tie) => ({
    data: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(text, fc.constantFrom('0123456789abcdef0123', 'short'), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('data'), { maxLength: 3 }),
      fc.dictionary(name, tie('data'), { maxKeys: 4 }),
    ),
  }));

  test.each([undefined, '', 'plain'])('as data are, about the token %j', (token) => {
    fc.assert(
      fc.property(data, (value) => {
        const json = JSON.stringify(value);
        // A token that is given is masked wherever it stands: its event has a property of that name.
        return (
          !holdsNothing(json) ||
          (token ? json.includes(token) : false) ||
          JSON.stringify(redactDeep(value, token)) === json
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test('is open for what Paddle sends, and closed where something is named', () => {
    expect(holdsNothing(JSON.stringify({ id: 'txn_01', items: [{ price_id: 'pri_01', quantity: 1 }] }))).toBe(true);
    expect(holdsNothing('{"api_key":"0123456789abcdef"}')).toBe(false);
    expect(holdsNothing('{"Token":"0123456789abcdef"}')).toBe(false);
  });
});
