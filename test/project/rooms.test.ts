import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

interface Answer {
  readonly arrows: readonly (readonly [from: string, to: string])[];
  readonly violations: readonly string[];
}

function roomOf(file: string): string | undefined {
  if (file === 'lambdas/contract.ts') return 'contract';
  const [top = '', folder = '', inside] = file.split('/');
  if (top !== 'lambdas') return ['infra', 'cli', 'local'].includes(top) ? top : undefined;
  if (inside === undefined) return 'handlers';
  return ['configuration', 'domain', 'paddle', 'adapters', 'runtime', 'composition'].includes(folder)
    ? folder
    : 'capabilities';
}

const type = (from: string) => `import type { A } from '${from}';\nexport type B = A;\n`;
/** Trees of files that import each other as they must not. */
const REFUSED: readonly (readonly [what: string, rule: string, files: Readonly<Record<string, string>>])[] = [
  ['a circle of types', 'no-circle', { 'lambdas/domain/a.ts': type('./b.ts'), 'lambdas/domain/b.ts': type('./a.ts') }],
  [
    'a noun that knows a capability',
    'domain-imports-nothing-of-ours',
    { 'lambdas/domain/a.ts': type('../rotation/b.ts'), 'lambdas/rotation/b.ts': 'export type A = 1;\n' },
  ],
  [
    'a capability that imports an adapter',
    'capability-imports-no-adapter',
    { 'lambdas/usage/a.ts': type('../adapters/aws/b.ts'), 'lambdas/adapters/aws/b.ts': 'export type A = 1;\n' },
  ],
  [
    'a capability that uses another one',
    'capability-stands-alone',
    { 'lambdas/usage/a.ts': type('../webhook/b.ts'), 'lambdas/webhook/b.ts': 'export type A = 1;\n' },
  ],
  [
    'a configuration that knows the ledger',
    'configuration-uses-the-contract',
    { 'lambdas/configuration/a.ts': type('../domain/b.ts'), 'lambdas/domain/b.ts': 'export type A = 1;\n' },
  ],
  [
    'rotation that uses another capability than evidence',
    'rotation-uses-evidence-only',
    { 'lambdas/rotation/a.ts': type('../webhook/b.ts'), 'lambdas/webhook/b.ts': 'export type A = 1;\n' },
  ],
];
const trees = REFUSED.map(([, , files]) => {
  const tree = mkdtempSync(path.join(tmpdir(), 'paddlewheel-rooms-'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
    writeFileSync(path.join(tree, file), text);
  }
  return tree;
});
afterAll(() => {
  for (const tree of trees) rmSync(tree, { recursive: true });
});

// One process for all of them: it takes longer to start than to look.
const [code, ...refused]: readonly (Answer | undefined)[] = JSON.parse(
  execFileSync(process.execPath, [path.join(import.meta.dirname, 'cruise.ts'), ROOT, ...trees], {
    maxBuffer: 64 * 1024 * 1024,
    encoding: 'utf8',
  }),
);

test('the code breaks no rule of the rooms', () => {
  expect(code?.violations).toEqual([]);
});

test('the drawing of the rooms shows the arrows that the code has, no more and no fewer', () => {
  const page = readFileSync(path.join(ROOT, 'docs/architecture.md'), 'utf8');
  const [, drawing = ''] = /```mermaid\n([\s\S]*?)```/.exec(page) ?? [];
  const drawn = [...drawing.matchAll(/^ +(\w+ --> \w+)$/gm)].map(([, arrow]) => arrow).sort();
  const arrows = (code?.arrows ?? []).map(([from, to]) => [roomOf(from), roomOf(to)] as const);
  const between = arrows.filter(([from, to]) => from !== undefined && to !== undefined && from !== to);
  expect(drawn).toEqual([...new Set(between.map(([from, to]) => `${from} --> ${to}`))].sort());
});

test.each(REFUSED.map(([what, rule], at) => [what, rule, at] as const))('the rule file refuses %s', (_, rule, at) => {
  expect(refused[at]?.violations).toContainEqual(expect.stringContaining(`${rule}: `));
});
