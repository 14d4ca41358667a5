import { createTokenSearch, isToken, type TokenMatch } from '../../lambdas/evidence/sites/token-search.ts';
import { tokenFor } from '../sites/site-builds.ts';

const superseded = tokenFor('superseded');
const current = tokenFor('current');
const codes = (radix: number, wrap: (code: string) => string, token = superseded) =>
  [...token].map((c) => wrap(c.charCodeAt(0).toString(radix))).join('');

function search(text: string, sizes = [text.length]): TokenMatch[] {
  const found = createTokenSearch({ superseded, current });
  const bytes = Buffer.from(text);
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] || 1;
    found.push(bytes.subarray(at, at + size));
    at += size;
  }
  return found.end();
}

const spellings: Record<string, [text: string, how: string]> = {
  'as it is': [`x="${superseded}"`, 'bytes'],
  'with hex escapes': [`"${codes(16, (c) => `\\x${c}`)}"`, 'decoded'],
  'with upper-case hex escapes': [`"${codes(16, (c) => `\\x${c.toUpperCase()}`)}"`, 'decoded'],
  'with unicode escapes': [`"${codes(16, (c) => `\\u00${c}`)}"`, 'decoded'],
  'with braced unicode escapes': [`"${codes(16, (c) => `\\u{0${c}}`)}"`, 'decoded'],
  'with octal escapes': [`"${codes(8, (c) => `\\${c.padStart(3, '0')}`)}"`, 'decoded'],
  'with escapes inside a string inside a string': [`"${codes(16, (c) => `\\\\u00${c}`)}"`, 'decoded'],
  'with hex entities': [codes(16, (c) => `&#x${c};`), 'decoded'],
  'with decimal entities': [codes(10, (c) => `&#${c};`), 'decoded'],
  'with a named entity': [superseded.replace('_', '&lowbar;'), 'decoded'],
  'with entities that were escaped once more': [codes(16, (c) => `&amp;#x${c};`), 'decoded'],
  'percent-encoded': [codes(16, (c) => `%${c}`), 'decoded'],
  'percent-encoded twice': [codes(16, (c) => `%25${c}`), 'decoded'],
  'broken over lines': [`"${superseded.slice(0, 9)}\\\n${superseded.slice(9)}"`, 'joined'],
  'as a sum of strings': [`"test_" + "${superseded.slice(5, 9)}"+'${superseded.slice(9)}'`, 'joined'],
  'as a concat': [`"test_".concat("${superseded.slice(5)}")`, 'joined'],
  'as a template': [`\`test_\${"${superseded.slice(5)}"}\``, 'joined'],
  'as a joined list of characters': [JSON.stringify([...superseded]), 'joined'],
  'in base64': [Buffer.from(`{"a":"${superseded}"}`).toString('base64'), 'base64'],
  'in base64, one byte further': [Buffer.from(`{"ab":"${superseded}"}`).toString('base64'), 'base64'],
  'in base64, two bytes further': [Buffer.from(`{"abc":"${superseded}"}`).toString('base64url'), 'base64'],
  'without its prefix': [`env + "_${superseded.slice(5)}"`, 'fragment'],
  'in two halves far apart': [
    `a="${superseded.slice(0, 18)}";${'x;'.repeat(99)}b="${superseded.slice(18)}"`,
    'fragment',
  ],
};

describe('the superseded token is found', () => {
  test.each(Object.entries(spellings))('%s', (_name, [text, how]) => {
    expect(search(text)).toEqual([{ which: 'superseded', how, match: how === 'bytes' ? 'exact' : 'tolerant' }]);
  });

  test.each(Object.entries(spellings))('%s, when the network cuts it anywhere', (_name, [text, how]) => {
    for (const sizes of [[1], [2, 3], [7], [11, 1]]) {
      expect([sizes, search(text, sizes).map((match) => match.how)]).toEqual([sizes, [how]]);
    }
  });

  test.each(Object.entries(spellings))(
    '%s, across the blocks in which a large script is searched',
    (_name, [text, how]) => {
      for (const before of [256 * 1024 - 200, 256 * 1024 - 20, 256 * 1024 - 1, 512 * 1024 - 30]) {
        const large = `${'{} '.repeat(before / 3)}${text}${' {}'.repeat(100_000)}`;
        expect(search(large, [65_536]).map((match) => match.how)).toEqual([how]);
      }
    },
  );
});

test('neither token is found where neither is', () => {
  const others = Array.from({ length: 200 }, (_, i) => tokenFor(`other ${i}`)).join('"+"');
  expect(search(`${others} test_ live_ ${superseded.slice(0, 14)} ${superseded.slice(-11)}`)).toEqual([]);
});

test('both are found, each in its own way', () => {
  expect(search(`${superseded}, "test_"+"${current.slice(5)}"`)).toEqual([
    { which: 'superseded', how: 'bytes', match: 'exact' },
    { which: 'current', how: 'joined', match: 'tolerant' },
  ]);
});

test('a fragment of the current token is no positive control', () => {
  expect(search(`"${current.slice(5)}"`)).toEqual([]);
});

test('what the superseded token shares with the current one is no trace of it', () => {
  const shared = 'a1b2c3d4e5f6a7b8';
  const pair = { superseded: `test_${shared}00000000000`, current: `test_${shared}99999999999` };
  const found = createTokenSearch(pair);
  found.push(Buffer.from(`token: "${pair.current}"`));
  expect(found.end()).toEqual([{ which: 'current', how: 'bytes', match: 'exact' }]);
});

test('the surest way in which a token was found is the one that is told', () => {
  expect(search(`${codes(16, (c) => `\\x${c}`)} ${superseded}`)).toMatchObject([{ how: 'bytes' }]);
});

test.each<[string, boolean]>([
  [superseded, true],
  [superseded.replace('test_', 'live_'), true],
  ['', false],
  ['test_', false],
  ['test_short', false],
  [`${superseded} `, false],
  ['pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO', false],
])('isToken(%j) is %s', (value, expected) => {
  expect(isToken(value)).toBe(expected);
});
