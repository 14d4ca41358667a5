import { parseTokenName, tokenNameOf } from '../../lambdas/domain/token-name.ts';

const ID = '01JKB92MP7V4RFG8X3Q5WZ7BNA';

test('a name tells whose token it is, and which rotation made it', () => {
  expect(parseTokenName(tokenNameOf('pricing-page', ID))).toEqual({ integration: 'pricing-page', rotationId: ID });
});

test.each([
  ['a letter that no id has', `pricing-page · ${ID.replace('J', 'U')}`],
  ['an instant beyond the last one', 'pricing-page · 8ZZZZZZZZZZZZZZZZZZZZZZZZZ'],
  ['a character too few', `pricing-page · ${ID.slice(1)}`],
  ['something behind it', `pricing-page · ${ID} (copy)`],
])('anyone can write a name: with %s it is none of ours', (_, name) => {
  expect(parseTokenName(name)).toBeUndefined();
});
