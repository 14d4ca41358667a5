import { namesOrFolders, shares } from '../../infra/constructs/resource-names.ts';

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

test('an ARN stays as it is, whatever becomes of the names beside it', () => {
  const arn = 'arn:aws:secretsmanager:us-east-1:210987654321:secret:paddle/api-key-a1B2c3';
  expect(namesOrFolders([...many((i) => `/paddle/eu/i${i}`), arn], 1, 300)).toEqual([arn, '/paddle/eu/*']);
});

test.each([
  ['all that they need, while there is enough', [10, 20, 0], 100, [10, 20, 0]],
  ['the same, when all need more', [60, 70], 100, [50, 50]],
  ['what the small ones leave', [90, 10, 80], 100, [45, 10, 45]],
])('groups that share a role get %s', (_, needs, total, expected) => {
  expect(shares(needs, total)).toEqual(expected);
});

test('a name that needs two ARNs takes twice the room', () => {
  const names = ['paddle/a', 'paddle/b'];
  expect(namesOrFolders(names, 1, 200)).toEqual(names);
  expect(namesOrFolders(names, 2, 200)).toEqual(['paddle/*']);
});
