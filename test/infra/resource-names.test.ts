import { namesOrFolders } from '../../infra/constructs/resource-names.ts';

const many = (of: (index: number) => string) => Array.from({ length: 10 }, (_, index) => of(index));

test('few names stand for themselves, each once', () => {
  expect(namesOrFolders(['/b', '/a', '/b'])).toEqual(['/a', '/b']);
});

test.each([
  ['one folder below another', many((i) => `/paddle/eu/i${i}`), ['/paddle/eu/*']],
  ['the deepest folders that are few enough', many((i) => `/paddle/${i % 2}/i${i}`), ['/paddle/0/*', '/paddle/1/*']],
  ['a name that lies beside the folders', [...many((i) => `paddle/i${i}`), 'alone'], ['alone', 'paddle/*']],
])('many names become %s', (_, names, expected) => {
  expect(namesOrFolders(names, 1, 300)).toEqual(expected);
});

test('names without a common folder are refused, for only a wildcard over everything would hold them', () => {
  expect(() =>
    namesOrFolders(
      many((i) => `token-${i}`),
      1,
      300,
    ),
  ).toThrow('put them into common folders');
  expect(() =>
    namesOrFolders(
      many((i) => `/${i}/token`),
      1,
      300,
    ),
  ).toThrow('put them into common folders');
});

test('a name that needs two ARNs takes twice the room', () => {
  const names = ['paddle/a', 'paddle/b'];
  expect(namesOrFolders(names, 1, 200)).toEqual(names);
  expect(namesOrFolders(names, 2, 200)).toEqual(['paddle/*']);
});
