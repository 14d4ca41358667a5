import fc from 'fast-check';
import { memberOf, withMember } from '../../lambdas/domain/json-text.ts';

/** A JSON object as people write them: any layout, numbers that no parser would write again, keys that stand twice. */
const space = fc.constantFrom('', ' ', '\n', '\t', '\n    ');
const scalar = fc.oneof(
  fc.constantFrom('1.0', '-0', '1e400', '12345678901234567890', 'true', 'null', '"\\u00e4\\"}"', '"a,b:{"', '[]', '{}'),
  fc.string().map((text) => JSON.stringify(text)),
);
const json: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
  ),
  object: fc
    .array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom('TOKEN', 'x')), tie('value'), space, space, space), {
      maxLength: 4,
    })
    .map(
      (members) =>
        `{${members.map(([key, value, a, b, c]) => `${a}${JSON.stringify(key)}${b}:${c}${value}${a}`).join(',')}}`,
    ),
})).object;

test('what is read is what JSON.parse finds, and what is written changes nothing else', () => {
  fc.assert(
    fc.property(json, fc.constantFrom('TOKEN', 'absent', '__proto__'), (text, key) => {
      const found = memberOf(text, key);
      const parsed = JSON.parse(text);
      if (found.kind === 'twice') return;
      expect(found.kind).toBe(Object.hasOwn(parsed, key) ? 'found' : 'missing');
      if (found.kind === 'found') expect(found.value).toEqual(parsed[key]);
      const after = withMember(text, key, 'new');
      expect(memberOf(after, key)).toEqual({ kind: 'found', value: 'new' });
      const others = (all: object) => Object.entries(all).filter(([name]) => name !== key);
      expect(others(JSON.parse(after))).toEqual(others(parsed));
      // What is left of the text when the change is taken out again.
      const marker = JSON.stringify('new');
      const at = [...after.matchAll(new RegExp(marker, 'g'))].map(({ index }) => index);
      const kept = at.some((start) => {
        const [head, tail] = [after.slice(0, start), after.slice(start + marker.length)];
        return text.startsWith(head) ? text.endsWith(tail) : text.endsWith(tail) && found.kind === 'missing';
      });
      expect(kept).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.each([
  '',
  'null',
  '5',
  '"{}"',
  '[]',
  '[{"TOKEN":"x"}]',
  '{"TOKEN":',
  "{'TOKEN':'x'}",
  '{"TOKEN":"x"} trailing',
  '\ufeff{}',
])('%j is no JSON object', (text) => {
  expect(memberOf(text, 'TOKEN')).toEqual({ kind: 'not-an-object' });
  expect(() => withMember(text, 'TOKEN', 'new')).toThrow(TypeError);
});

test.each([
  ['{}', '{"TOKEN":"new"}'],
  ['{ }', '{"TOKEN":"new" }'],
  ['{"a":1}', '{"a":1,"TOKEN":"new"}'],
  ['{\n  "a": [\n    1\n  ]\n}\n', '{\n  "a": [\n    1\n  ],\n  "TOKEN": "new"\n}\n'],
  ['{"TOKEN":"old","a":{"TOKEN":"old"}}', '{"TOKEN":"new","a":{"TOKEN":"old"}}'],
  ['{"\\u0054OKEN":"old"}', '{"\\u0054OKEN":"new"}'],
  ['{"a":"$&$1","TOKEN":"old"}', '{"a":"$&$1","TOKEN":"new"}'],
])('%j becomes %j', (text, expected) => {
  expect(withMember(text, 'TOKEN', 'new')).toBe(expected);
});

test('a key that stands twice is told apart', () => {
  expect(memberOf('{"TOKEN":"a","TOKEN":"b"}', 'TOKEN')).toEqual({ kind: 'twice' });
  expect(memberOf('{"TOKEN":"a","x":{"TOKEN":"b"}}', 'TOKEN')).toMatchObject({ kind: 'found' });
});
