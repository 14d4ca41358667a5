import { maskToken, redact, redactDeep } from '../../lambdas/domain/mask.ts';

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

  test('reaches names, lists and nested values of plain data, and keeps the rest', () => {
    const data = { [TOKEN]: 1, list: [LIVE, 2], deep: { token: TOKEN, none: null, yes: true } };
    expect(redactDeep(data)).toEqual({
      'test_7d27…c08': 1,
      list: ['live_7d27…c08', 2],
      deep: { token: 'test_7d27…c08', none: null, yes: true },
    });
  });
});
