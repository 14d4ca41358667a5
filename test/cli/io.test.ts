import { printable } from '../../lambdas/domain/printable.ts';

test.each([
  ['a colour', 'ctkn \u001b[31mred', 'ctkn \\u001b[31mred'],
  ['a title of the window', '\u001b]0;owned\u0007', '\\u001b]0;owned\\u0007'],
  ['a line that overwrites itself', 'real\rfake', 'real\\u000dfake'],
  ['an escape of eight bits', '\u009b2J', '\\u009b2J'],
  ['a text that runs backwards', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
])('%s is shown as what it is', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('lines, tabs and every language stay as they are', () => {
  const text = 'pricing-page · act_01\n\tnächste: 価格\n';
  expect(printable(text)).toBe(text);
});
